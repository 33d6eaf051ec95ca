/** Runs the built command line as people do: as a process of its own, with a cache and environment of its own. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding, Package, ScanReport } from '@plimsoll/model';
import { zipOf } from '../../packages/advisories/src/feeds/feeds.fixtures.ts';
import { REPOSITORY, SHARED, titled } from './needs.ts';
import { run, type RunOptions, type RunResult } from './run.ts';

export const LAUNCHER = join(REPOSITORY, 'bin', 'plimsoll.mjs');

/** Whether tests that take long may run. */
export const ALL_SUITES = process.env['PLIMSOLL_SUITES'] === 'all';

/** The title as `titled` gives it, naming `PLIMSOLL_SUITES=all` first where that is missing. */
export function titledForAll(title: string, ...what: string[]): string {
  return ALL_SUITES ? titled(title, ...what) : `${title} (skipped: needs PLIMSOLL_SUITES=all)`;
}

/** A folder for one test file's images and results, and the command line with a layer cache in it. */
export interface Workplace {
  dir: string;
  /** A path in the folder. */
  path(name: string): string;
  /** Runs `plimsoll ARGS`; whatever the exit code is, it is the answer. */
  plimsoll(args: string[], options?: RunOptions): Promise<RunResult>;
  /** Runs `plimsoll scan REF --format json ARGS`, which has to end with 0. */
  scan(reference: string, args?: string[], options?: RunOptions): Promise<ScanReport>;
  remove(): void;
}

export function makeWorkplace(): Workplace {
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-e2e-'));
  const plimsoll = async (args: string[], options: RunOptions = {}): Promise<RunResult> => {
    ensureBuilt();
    return run(process.execPath, [LAUNCHER, ...args], { ...options, env: { ...environment(join(dir, 'home')), ...options.env } });
  };
  return {
    dir,
    path: (name) => join(dir, name),
    plimsoll,
    scan: async (reference, args = [], options = {}) => {
      const { code, stdout, stderr } = await plimsoll(['scan', reference, '--format', 'json', ...args], options);
      if (code !== 0) throw new Error(`plimsoll scan ${reference} ended with ${String(code)}: ${stderr}`);
      return JSON.parse(stdout) as ScanReport;
    },
    remove: () => {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Nothing of the person who runs the tests: no cache, database, logins, colours. The build was made before. */
export function environment(home: string): Record<string, string> {
  return {
    HOME: home,
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_DATA_HOME: join(home, 'data'),
    PLIMSOLL_CACHE_DIR: join(home, 'cache', 'plimsoll'),
    PLIMSOLL_DB: '',
    PLIMSOLL_NO_BUILD: '1',
    DOCKER_CONFIG: join(home, 'docker'),
    FORCE_COLOR: '',
    NO_COLOR: '1',
    COLUMNS: '',
  };
}

let built = false;

/** Builds once what is stale, so that the runs can do without looking. */
export function ensureBuilt(): void {
  if (built) return;
  const done = spawnSync(process.execPath, [join(REPOSITORY, 'scripts', 'prepare.mjs')], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`The build failed: ${done.stderr}`);
  built = true;
}

/**
 * The database that `db build --from ../shared/feeds` makes. Building takes seconds, so it is made
 * once for one state of the sources that make it and of the feeds, and shared by the test files.
 */
export async function sharedDatabase(): Promise<string> {
  ensureBuilt();
  const feeds = join(SHARED, 'feeds');
  const hash = createHash('sha256');
  for (const folder of ['packages/model/src', 'packages/advisories/src']) {
    const sources = (readdirSync(join(REPOSITORY, folder), { recursive: true }) as string[]).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    for (const name of sources.sort()) hash.update(name).update(readFileSync(join(REPOSITORY, folder, name)));
  }
  for (const name of (readdirSync(feeds, { recursive: true }) as string[]).sort()) {
    const { size, mtimeMs } = statSync(join(feeds, name));
    hash.update(`${name} ${String(size)} ${String(mtimeMs)}\n`);
  }
  const folder = join(tmpdir(), 'plimsoll-e2e-databases');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${hash.digest('hex').slice(0, 16)}.db`);
  const lock = `${file}.lock`;
  while (!existsSync(file)) {
    try {
      mkdirSync(lock);
    } catch {
      // Another test file builds it. A lock of ten minutes was left by a run that was killed.
      if (Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 600_000) rmSync(lock, { recursive: true, force: true });
      await sleep(200);
      continue;
    }
    try {
      const place = makeWorkplace();
      const { code, stderr } = await place.plimsoll(['db', 'build', '--from', feeds, '--out', file]);
      place.remove();
      if (code !== 0) throw new Error(`plimsoll db build ended with ${String(code)}: ${stderr}`);
      removeOld(folder);
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return file;
}

/** Databases of yesterday's sources are not asked for again. */
function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 86_400_000) rmSync(path, { recursive: true, force: true });
  }
}

/** `ID PACKAGE VERSION → FIXED`, sorted: what people compare results by. */
export function findingLines(findings: readonly Finding[]): string[] {
  return findings.map((finding) => `${finding.id} ${finding.package.name} ${finding.package.version} → ${finding.fixedVersion ?? 'none'}`).sort();
}

/** Packages without what depends on how the image is packed: the layer. */
export function packagesWithoutLayer(packages: readonly Package[]): string[] {
  return packages.map(({ layer: _layer, ...rest }) => JSON.stringify(rest)).sort();
}

/** A feed of OSV records, for tests whose findings have to be known exactly. */
export interface OsvRecord {
  id: string;
  aliases?: string[];
  upstream?: string[];
  /** Ecosystem with release, package, fixed version; without the last there is no fix. */
  affected: [ecosystem: string, name: string, fixed?: string][];
  /** A CVSS vector. */
  cvss?: string;
}

/** Makes a database of these records and gives its path. */
export async function databaseOf(place: Workplace, records: readonly OsvRecord[], name = 'own.db'): Promise<string> {
  const feeds = place.path(`${name}-feeds`);
  const byEcosystem = new Map<string, Record<string, object>>();
  for (const { id, aliases = [], upstream = [], affected, cvss } of records) {
    const record = {
      schema_version: '1.7.0',
      ...{ id, aliases, upstream, modified: '2024-05-01T00:00:00Z', published: '2024-04-01T00:00:00Z' },
      ...(cvss === undefined ? {} : { severity: [{ type: 'CVSS_V3', score: cvss }] }),
      affected: affected.map(([ecosystem, packageName, fixed]) => ({
        package: { ecosystem, name: packageName },
        ranges: [{ type: isSemver(ecosystem) ? 'SEMVER' : 'ECOSYSTEM', events: [{ introduced: '0' }, ...(fixed === undefined ? [] : [{ fixed }])] }],
      })),
    };
    const folder = affected[0]![0].split(':')[0]!;
    byEcosystem.set(folder, { ...byEcosystem.get(folder), [`${id}.json`]: record });
  }
  for (const [ecosystem, files] of byEcosystem) {
    mkdirSync(join(feeds, 'osv', ecosystem), { recursive: true });
    writeFileSync(join(feeds, 'osv', ecosystem, 'all.zip'), zipOf(files));
  }
  const out = place.path(name);
  const { code, stderr } = await place.plimsoll(['db', 'build', '--from', feeds, '--out', out]);
  if (code !== 0) throw new Error(`plimsoll db build ended with ${String(code)}: ${stderr}`);
  return out;
}

function isSemver(ecosystem: string): boolean {
  return ['npm', 'Go', 'crates.io'].includes(ecosystem);
}
