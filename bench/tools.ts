import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../e2e/support/needs.ts';
import type { BenchImage } from './images.ts';
import type { Command } from './measure.ts';

/** How an image is given to the tools. */
export type Form = 'archive' | 'layout';

/** One scanner under measurement. All of them write a CycloneDX SBOM to a file. */
export interface Tool {
  name: string;
  version: string;
  /** Whether it keeps layers between runs, so that a second run is worth measuring. */
  caches: boolean;
  /** Makes an empty cache with whatever databases the tool insists on. */
  prepare(cacheDir: string): void;
  scan(image: BenchImage, form: Form, cacheDir: string, output: string): Command;
  /** For the tables: what is not as usual. */
  note?: string;
}

export const PLIMSOLL = join(REPOSITORY, 'bin/plimsoll.mjs');

/** In a checkout the command line first looks whether its build is stale; one that was installed has nothing to build. */
export const PLIMSOLL_ENV = { PLIMSOLL_NO_BUILD: '1' };

/** Plimsoll, where it is built, and whichever peers are in the folder. */
export function findTools(peers: string, peersOnly: boolean): Tool[] {
  const tools = [trivy(peers, 'trivy-reduced', 'reduced Trivy'), trivy(peers, 'trivy', 'Trivy'), syft(peers), grype(peers)];
  return [...(peersOnly ? [] : [plimsoll()]), ...tools].filter((tool) => tool !== undefined);
}

function plimsoll(): Tool {
  if (!existsSync(PLIMSOLL)) throw new Error(`There is no ${PLIMSOLL}; --peers-only measures the peers alone.`);
  return {
    name: 'Plimsoll',
    version: firstLine(process.execPath, [PLIMSOLL, '--version']).replace(/^plimsoll /, ''),
    caches: true,
    prepare: emptied,
    scan: (image, form, cacheDir, output) => ({
      program: process.execPath,
      args: [PLIMSOLL, 'scan', reference(image, form), '--format', 'cyclonedx', '--output', output, '--cache-dir', cacheDir, '--offline'],
      env: PLIMSOLL_ENV,
    }),
    note: 'SBOM with vulnerabilities matched against the bundled database, secrets and posture',
  };
}

/** Trivy of either kind takes the same flags. SBOM output leaves out matching, so it needs no vulnerability database. */
function trivy(peers: string, file: string, name: string): Tool | undefined {
  const program = join(peers, file);
  if (!existsSync(program)) return undefined;
  return {
    name,
    version: firstLine(program, ['--version']).replace(/^Version: /, ''),
    caches: true,
    prepare: (cacheDir) => {
      emptied(cacheDir);
      emptyJavaDatabase(cacheDir);
    },
    scan: (image, form, cacheDir, output) => ({
      program,
      args: [
        ...['image', '--input', form === 'archive' ? image.archive : image.layout, '--format', 'cyclonedx', '--output', output],
        ...['--cache-dir', cacheDir, '--skip-db-update', '--skip-java-db-update', '--offline-scan', '--quiet'],
      ],
      // The full one asks its maker for a newer version at each start, unless told not to.
      env: { TRIVY_SKIP_VERSION_CHECK: 'true', TRIVY_DISABLE_TELEMETRY: 'true' },
    }),
    note:
      file === 'trivy-reduced'
        ? 'SBOM; empty Java database; a UPX-packed program, which unpacks itself at each start'
        : 'SBOM; empty Java database',
  };
}

function syft(peers: string): Tool | undefined {
  const program = join(peers, 'syft');
  if (!existsSync(program)) return undefined;
  return {
    name: 'Syft',
    version: versionRow(program),
    caches: false,
    prepare: emptied,
    scan: (image, form, cacheDir, output) => ({
      program,
      args: ['scan', '-q', source(image, form), '-o', `cyclonedx-json=${output}`],
      env: { SYFT_CHECK_FOR_APP_UPDATE: 'false', SYFT_CACHE_DIR: cacheDir },
    }),
    note: 'SBOM',
  };
}

/** Grype refuses to run without a database; `grype-db` beside it holds one without vulnerabilities. */
function grype(peers: string): Tool | undefined {
  const program = join(peers, 'grype');
  const database = join(peers, 'grype-db');
  if (!existsSync(program) || !existsSync(database)) return undefined;
  return {
    name: 'Grype',
    version: versionRow(program),
    caches: false,
    prepare: (cacheDir) => {
      emptied(cacheDir);
      cpSync(database, cacheDir, { recursive: true });
    },
    scan: (image, form, cacheDir, output) => ({
      program,
      args: ['-q', source(image, form), '-o', 'cyclonedx-json', '--file', output],
      env: {
        GRYPE_CHECK_FOR_APP_UPDATE: 'false',
        GRYPE_DB_AUTO_UPDATE: 'false',
        GRYPE_DB_VALIDATE_AGE: 'false',
        GRYPE_DB_CACHE_DIR: cacheDir,
      },
    }),
    note: 'SBOM matched against an empty database: its own can’t be had without its maker’s server',
  };
}

function reference(image: BenchImage, form: Form): string {
  return form === 'archive' ? `docker-archive:${image.archive}` : `oci:${image.layout}`;
}

function source(image: BenchImage, form: Form): string {
  return form === 'archive' ? `docker-archive:${image.archive}` : `oci-dir:${image.layout}`;
}

function emptied(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

/** What Trivy wants before it looks into jars: a SQLite file with its two tables, and a date that is not over. */
function emptyJavaDatabase(cacheDir: string): void {
  const folder = join(cacheDir, 'java-db');
  mkdirSync(folder, { recursive: true });
  const statements = `
    CREATE TABLE artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);
    CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT);`;
  const made = spawnSync('sqlite3', [join(folder, 'trivy-java.db'), statements], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`The bench makes Trivy's empty Java database with sqlite3: ${made.error?.message ?? made.stderr}`);
  const metadata = { Version: 1, NextUpdate: '2099-01-01T00:00:00Z', UpdatedAt: '2024-01-01T00:00:00Z', DownloadedAt: '2024-01-01T00:00:00Z' };
  writeFileSync(join(folder, 'metadata.json'), JSON.stringify(metadata));
}

function firstLine(program: string, args: string[]): string {
  return spawnSync(program, args, { encoding: 'utf8' }).stdout.split('\n')[0]?.trim() ?? '';
}

function versionRow(program: string): string {
  const said = spawnSync(program, ['version'], { encoding: 'utf8' }).stdout;
  return /^Version:\s*(\S+)/m.exec(said)?.[1] ?? '';
}
