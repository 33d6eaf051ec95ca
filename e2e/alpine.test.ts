/**
 * Alpine findings against Alpine's own security database, which the advisory database is not made of:
 * the expected findings come from secdb's `secfixes` (fixed versions and the ids they fix, by origin
 * package), the installed packages from the image's tar by `tar`, and the order of versions from the
 * real apk that lies in Alpine's own root file system.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { haveAll, SHARED, titled } from './support/needs.ts';
import { writeDockerArchive } from './support/images.ts';
import { ALL_SUITES, findingLines, makeWorkplace, sharedDatabase, type Workplace } from './support/plimsoll.ts';
import { file } from './support/tar.ts';

const IMAGE = join(SHARED, 'images/alpine-3.11.tar.gz');
const ROOTFS = join(SHARED, 'images/alpine-minirootfs-3.9.6-x86_64.tar.gz');

interface Installed {
  name: string;
  version: string;
  origin: string;
}

/** Fixed versions of each origin package, with the ids that each of them fixes. */
type Secfixes = Map<string, [version: string, ids: string[]][]>;

/**
 * What secdb gives as a version and apk calls none: versions of apk disagree on how it sorts (2.x above
 * `2.7.16-r0`, 3.x below), so that nothing true can be expected of it.
 */
const NO_VERSIONS = new Set(['2.7.16-33']);

let place: Workplace;
let database: string;
let apkRoot: string;
const compared = new Map<string, string>();

/** `<`, `=` or `>`, as apk says it. */
function apkCompare(a: string, b: string): string {
  if (!compared.has(`${a} ${b}`)) compareAll([[a, b]]);
  return compared.get(`${a} ${b}`)!;
}

/** Asks apk about many pairs from one shell, which is several times faster than a process from here for each. */
function compareAll(pairs: [string, string][]): void {
  const lines = [...new Set(pairs.map(([a, b]) => `${a} ${b}`))].filter((line) => !compared.has(line));
  const script = 'while read -r a b; do "$0/ld-musl-x86_64.so.1" --library-path "$0" "$1" version -t "$a" "$b"; done';
  const answers = execFileSync('sh', ['-c', script, join(apkRoot, 'lib'), join(apkRoot, 'sbin/apk')], {
    input: lines.map((line) => `${line}\n`).join(''),
    maxBuffer: 1 << 24,
  }).toString().trim().split('\n');
  if (lines.length > 0) expect(answers).toHaveLength(lines.length);
  lines.forEach((line, i) => compared.set(line, answers[i]!));
}

/** apk's own word on whether the text is a version. */
function isValid(version: string): boolean {
  const lib = join(apkRoot, 'lib');
  const check = [join(lib, 'ld-musl-x86_64.so.1'), '--library-path', lib, join(apkRoot, 'sbin/apk'), 'version', '--check', version] as const;
  // It prints the versions that are none.
  return spawnSync(check[0], check.slice(1), { encoding: 'utf8' }).stdout.trim() === '';
}

/** The `installed` database of apk: a paragraph for each package, a letter and a colon before each value. */
function readInstalled(text: string): Installed[] {
  return text.split('\n\n').flatMap((paragraph) => {
    const value = (letter: string) => paragraph.split('\n').find((line) => line.startsWith(`${letter}:`))?.slice(2);
    const name = value('P');
    return name === undefined ? [] : [{ name, version: value('V') ?? '', origin: value('o') ?? name }];
  });
}

function readSecfixes(release: string): Secfixes {
  const out: Secfixes = new Map();
  for (const repository of ['main', 'community']) {
    const text = readFileSync(join(SHARED, 'feeds/alpine-secdb', release, `${repository}.json`), 'utf8');
    const { packages } = JSON.parse(text) as { packages: { pkg: { name: string; secfixes: Record<string, string[] | null> } }[] };
    for (const { pkg } of packages) {
      const fixes = Object.entries(pkg.secfixes).map(([version, ids]): [string, string[]] => [version, ids ?? []]);
      out.set(pkg.name, [...(out.get(pkg.name) ?? []), ...fixes]);
    }
  }
  return out;
}

/** One line for each CVE whose fixed version is newer than the installed one. */
function expectedLines(installed: readonly Installed[], secfixes: Secfixes): string[] {
  const lines = new Set<string>();
  for (const { name, version, origin } of installed) {
    const fixedBy = new Map<string, string>();
    for (const [fixed, texts] of secfixes.get(origin) ?? []) {
      // Version 0 stands for "was never affected".
      if (fixed === '0' || NO_VERSIONS.has(fixed) || apkCompare(version, fixed) !== '<') continue;
      for (const id of texts.flatMap((text) => text.match(/CVE-\d+-\d+/g) ?? [])) {
        const other = fixedBy.get(id);
        // Fixed twice: the later fix is the one that removed it.
        if (other === undefined || apkCompare(other, fixed) === '<') fixedBy.set(id, fixed);
      }
    }
    for (const [id, fixed] of fixedBy) lines.add(`${id} ${name} ${version} → ${fixed}`);
  }
  return [...lines].sort();
}

/** The one layer of the docker-archive, uncompressed. */
function layerOf(image: string): Buffer {
  const manifest = JSON.parse(execFileSync('tar', ['-xzOf', image, 'manifest.json']).toString()) as [{ Layers: [string] }];
  const layer = execFileSync('tar', ['-xzOf', image, manifest[0].Layers[0]], { maxBuffer: 1 << 28 });
  return layer[0] === 0x1f ? gunzipSync(layer) : layer;
}

function installedIn(tar: Buffer, member: string): string {
  return execFileSync('tar', ['-xOf', '-', member], { input: tar, maxBuffer: 1 << 28 }).toString();
}

const canRunApk = process.platform === 'linux' && process.arch === 'x64' && haveAll('shared', 'tar');
const title = canRunApk || !haveAll('shared', 'tar') ? titled('Alpine', 'shared', 'tar') : 'Alpine (skipped: needs linux on x64, for Alpine’s apk)';

describe.skipIf(!canRunApk)(title, () => {
  beforeAll(async () => {
    place = makeWorkplace();
    apkRoot = place.path('apk');
    mkdirSync(apkRoot);
    execFileSync('tar', ['-xzf', ROOTFS, '-C', apkRoot, './lib', './sbin/apk']);
    database = await sharedDatabase();
  });
  afterAll(() => {
    place.remove();
  });

  it('compares versions with the real apk', () => {
    expect(apkCompare('1.1.1c-r0', '1.1.1d-r3')).toBe('<');
    expect(apkCompare('1.1.1d-r3', '1.1.1d-r3')).toBe('=');
    expect(apkCompare('1.2_p1', '1.2_rc1')).toBe('>');
    expect([...NO_VERSIONS].filter(isValid)).toEqual([]);
    expect(isValid('2.7.16-r33')).toBe(true);
  });

  it('finds in alpine:3.11 what secdb implies: nothing, its openssl being the fixed one', async () => {
    const installed = readInstalled(installedIn(layerOf(IMAGE), 'lib/apk/db/installed'));
    const report = await place.scan(IMAGE, ['--db', database]);
    expect(report.packages.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(installed.map(({ name, version }) => `${name} ${version}`).sort());
    expect(installed.find(({ origin }) => origin === 'openssl')?.version).toBe('1.1.1d-r3');
    expect(findingLines(report.findings)).toEqual(expectedLines(installed, readSecfixes('v3.11')));
    expect(report.findings).toEqual([]);
  });

  it('finds in the root file system of 3.9.6 what secdb implies', async () => {
    const installed = readInstalled(readFileSync(join(apkRoot, 'lib/apk/db/installed'), 'utf8'));
    const report = await place.scan(ROOTFS, ['--db', database]);
    expect(report.packages).toHaveLength(installed.length);
    expect(findingLines(report.findings)).toEqual(expectedLines(installed, readSecfixes('v3.9')));
  });

  it('finds everything that was fixed since older versions', async () => {
    const layer = layerOf(IMAGE);
    const older = new Map([
      ['openssl', '1.1.1c-r0'],
      ['musl', '1.1.22-r0'],
      ['busybox', '1.27.2-r0'],
      ['apk-tools', '2.6.0-r0'],
      ['zlib', '1.2.8-r0'],
    ]);
    const text = installedIn(layer, 'lib/apk/db/installed').split('\n\n').map((paragraph) => {
      const version = older.get(/^o:(.*)$/m.exec(paragraph)?.[1] ?? '');
      return version === undefined ? paragraph : paragraph.replace(/^V:.*$/m, `V:${version}`);
    }).join('\n\n');
    const archive = place.path('older.tar');
    writeDockerArchive(archive, { layers: [{ tar: layer }, { entries: [file('lib/apk/db/installed', text)] }] });
    const expected = expectedLines(readInstalled(text), readSecfixes('v3.11'));
    // libssl1.1, libcrypto1.1, libtls-standalone, ssl_client, musl-utils…: every package of an older origin.
    expect(expected.length).toBeGreaterThanOrEqual(20);
    const report = await place.scan(archive, ['--db', database]);
    expect(findingLines(report.findings)).toEqual(expected);
    expect(report.findings.every(({ layer: { index } }) => index === 1)).toBe(true);
  });

  // Asking apk some ten thousand times takes its time, so that only the full suites look at every package.
  const [releases, every] = ALL_SUITES ? [['v3.9', 'v3.10', 'v3.11'], 1] : [['v3.11'], 5];
  it.each(releases)(`agrees with secdb on packages of %s (one in ${String(every)}), before, at and after their fixes`, async (release) => {
    const secfixes = readSecfixes(release);
    const installed: Installed[] = [];
    for (const [origin, fixes] of [...secfixes].filter((_, index) => index % every === 0)) {
      const versions = fixes.map(([version]) => version).filter((version) => version !== '0' && !NO_VERSIONS.has(version));
      // secdb has the newest first: the last is the oldest fix, the middle one lies between others.
      const oldest = versions.at(-1);
      const middle = versions[Math.floor(versions.length / 2)];
      if (oldest === undefined || middle === undefined) continue;
      installed.push({ name: origin, version: '0', origin });
      installed.push({ name: `${origin}-libs`, version: oldest, origin });
      installed.push({ name: `${origin}-doc`, version: middle, origin });
      installed.push({ name: `${origin}-dev`, version: `${middle.replace(/-r\d+$/, '')}-r99`, origin });
    }
    compareAll(installed.flatMap(({ version, origin }) => secfixes.get(origin)!.map(([fixed]): [string, string] => [version, fixed])));
    const text = installed.map(({ name, version, origin }) => `P:${name}\nV:${version}\nA:x86_64\no:${origin}\n`).join('\n');
    const folder = place.path(`all-${release}`);
    mkdirSync(join(folder, 'lib/apk/db'), { recursive: true });
    mkdirSync(join(folder, 'etc'));
    writeFileSync(join(folder, 'lib/apk/db/installed'), text);
    writeFileSync(join(folder, 'etc/os-release'), `ID=alpine\nVERSION_ID=${release.slice(1)}.6\nPRETTY_NAME="Alpine Linux ${release}"\n`);
    const report = await place.scan(folder, ['--db', database]);
    expect(report.packages).toHaveLength(installed.length);
    const expected = expectedLines(installed, secfixes);
    expect(expected.length).toBeGreaterThan(2000 / every);
    expect(findingLines(report.findings.filter(({ fixedVersion }) => !NO_VERSIONS.has(fixedVersion ?? '')))).toEqual(expected);
  }, 240_000);
});
