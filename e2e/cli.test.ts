/** The command line as scripts and people see it: exit codes, messages, files, formats. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScanReport } from '@plimsoll/model';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeDockerArchive, writeOciLayout, type ImageSpec } from './support/images.ts';
import { haveAll, REPOSITORY, SHARED, titled } from './support/needs.ts';
import { databaseOf, findingLines, LAUNCHER, makeWorkplace, sharedDatabase, type Workplace } from './support/plimsoll.ts';
import { run } from './support/run.ts';
import { SAMPLE, SAMPLE_ADVISORIES, SAMPLE_FINDINGS, SAMPLE_PACKAGES } from './support/sample.ts';
import { file } from './support/tar.ts';

let place: Workplace;
let image: string;
let env: { PLIMSOLL_DB: string };

const plimsoll = (...args: string[]) => place.plimsoll(args, { env });
const scan = (reference: string, ...args: string[]) => place.scan(reference, args, { env });

/** A device on which there is never room. */
const FULL = existsSync('/dev/full');

/** An image with one npm package. */
const small = (name: string, version: string): ImageSpec => ({
  tag: `plimsoll-tests/${name}:1`,
  layers: [{ entries: [file(`app/node_modules/${name}/package.json`, JSON.stringify({ name, version }))] }],
});

beforeAll(async () => {
  place = makeWorkplace();
  image = place.path('sample.tar');
  writeDockerArchive(image, SAMPLE);
  env = { PLIMSOLL_DB: await databaseOf(place, SAMPLE_ADVISORIES) };
});
afterAll(() => {
  place.remove();
});

/** Exit code 2 and one line that says what is wrong. */
async function expectInputError(args: string[], says: RegExp): Promise<void> {
  const { code, stdout, stderr } = await plimsoll(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^plimsoll: [^\n]+\n$/);
  expect(stderr).toMatch(says);
}

describe('exit codes', () => {
  it('0 for version, help and a scan, whatever it finds', async () => {
    const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };
    expect(await plimsoll('--version')).toEqual({ code: 0, stdout: `plimsoll ${version}\n`, stderr: '' });
    expect((await plimsoll('help')).stdout).toContain('scan');
    for (const command of ['scan', 'explain', 'db', 'server', 'sensor']) {
      const help = await plimsoll(command, '--help');
      expect([help.code, help.stdout.startsWith(`Usage: plimsoll ${command}`), help.stderr]).toEqual([0, true, '']);
    }
    expect((await plimsoll('scan', image)).code).toBe(0);
  });

  it('2 for wrong usage', async () => {
    expect((await plimsoll()).code).toBe(2);
    await expectInputError(['frobnicate'], /no command "frobnicate".*scan/);
    await expectInputError(['scan'], /reference is missing/);
    await expectInputError(['scan', image, image], /too many/);
    await expectInputError(['scan', image, '--frobnicate'], /--frobnicate/);
    await expectInputError(['scan', image, '--format', 'yaml'], /"yaml".*table, json, cyclonedx, spdx/);
    await expectInputError(['scan', image, '--fail-on', 'banana'], /"banana".*epss:0\.5/);
    await expectInputError(['scan', image, '--hide-base'], /--base REF/);
    await expectInputError(['explain', image], /id is missing/);
    await expectInputError(['db'], /update, build or status/);
    await expectInputError(['db', 'build', '--from', place.dir], /--out/);
  });

  it('2 for an image that is not there or is none', async () => {
    await expectInputError(['scan', place.path('none.tar')], /none\.tar/);
    writeFileSync(place.path('text.tar'), 'this is no archive '.repeat(100));
    await expectInputError(['scan', `docker-archive:${place.path('text.tar')}`], /text\.tar/);
    writeFileSync(place.path('cut.tar'), readFileSync(image).subarray(0, 5000));
    await expectInputError(['scan', place.path('cut.tar')], /cut\.tar/);
    await expectInputError(['scan', 'docker:none', '--offline'], /none|engine/);
    await expectInputError(['scan', 'plimsoll-tests/none:1', '--offline'], /--offline/);
  });

  it('2 for a database that is not there or is damaged', async () => {
    await expectInputError(['scan', image, '--db', place.path('none.db')], /none\.db.*db update/);
    writeFileSync(place.path('text.db'), 'this is no database '.repeat(1000));
    await expectInputError(['scan', image, '--db', place.path('text.db')], /text\.db/);
    writeFileSync(place.path('cut.db'), readFileSync(env.PLIMSOLL_DB));
    truncateSync(place.path('cut.db'), Math.floor(statSync(env.PLIMSOLL_DB).size / 2));
    await expectInputError(['scan', image, '--db', place.path('cut.db')], /cut\.db/);
    await expectInputError(['db', 'status', '--db', place.path('cut.db')], /cut\.db/);
  });

  it('2 for feeds that are damaged, and no database is left of them', async () => {
    const feeds = place.path('bad-feeds');
    mkdirSync(join(feeds, 'osv/npm'), { recursive: true });
    const whole = readFileSync(`${env.PLIMSOLL_DB}-feeds/osv/npm/all.zip`);
    writeFileSync(join(feeds, 'osv/npm/all.zip'), whole.subarray(0, whole.length / 2));
    const out = place.path('of-bad-feeds.db');
    await expectInputError(['db', 'build', '--from', feeds, '--out', out], /osv\/npm\/all\.zip/);
    expect(readdirSync(place.dir).filter((name) => name.startsWith('of-bad-feeds'))).toEqual([]);
  });

  it.each([
    ['urgent', 1], ['critical', 3], ['4', 3], ['minimal', 5], ['fixable:critical', 2], ['fixable:1', 4], ['kev', 0], ['epss:0.5', 0],
  ])('1 when findings reach --fail-on %s', async (threshold, count) => {
    const { code, stdout, stderr } = await plimsoll('scan', image, '--format', 'json', '--fail-on', threshold);
    expect((JSON.parse(stdout) as ScanReport).findings).toHaveLength(SAMPLE_FINDINGS.length);
    expect(code).toBe(count === 0 ? 0 : 1);
    expect(stderr).toBe(count === 0 ? '' : `plimsoll: ${String(count)} ${count === 1 ? 'finding reaches' : 'findings reach'} the threshold --fail-on ${threshold}\n`);
  });

  describe('when the result cannot be written', () => {
    /** Runs a shell's line in which "$@" is the program. */
    const shell = async (line: string, ...args: string[]) => {
      const status = place.path('status');
      const { stdout, stderr } = await run('sh', ['-c', line.replace('STATUS', 'echo $? > "$STATUS"'), 'sh', process.execPath, LAUNCHER, ...args], {
        env: { ...env, STATUS: status, PLIMSOLL_NO_BUILD: '1', PLIMSOLL_CACHE_DIR: place.path('pipe-cache') },
      });
      return { code: Number(readFileSync(status, 'utf8')), stdout, stderr };
    };

    it('the code of the scan, when the reader has seen enough', async () => {
      // Longer than a pipe holds, so that writing does meet its end.
      const many = Array.from({ length: 2000 }, (_, i) => small(`package-${String(i)}`, '1.0.0').layers[0]!.entries![0]!);
      const layers = [{ entries: [...many, ...small('lodash', '4.17.15').layers[0]!.entries!] }];
      writeDockerArchive(place.path('many.tar'), { layers });
      const scanMany = ['scan', place.path('many.tar'), '--format', 'json'];
      expect(await shell('{ "$@"; STATUS; } | head -c 1', ...scanMany)).toEqual({ code: 0, stdout: '{', stderr: '' });
      const reached = await shell('{ "$@"; STATUS; } | head -c 1', ...scanMany, '--fail-on', '1');
      expect(reached).toMatchObject({ code: 1, stdout: '{', stderr: expect.stringMatching(/^plimsoll: [^\n]+--fail-on 1\n$/) as string });
      // Nobody reads what is said of it either.
      expect((await shell('{ "$@" 2>&1 >/dev/null; STATUS; } | true', 'scan', place.path('none.tar'))).code).toBe(2);
    });

    it.skipIf(!FULL)(`2 when there is no room${FULL ? '' : ' (skipped: needs /dev/full)'}`, async () => {
      const scanned = await shell('"$@" > /dev/full; STATUS', 'scan', image, '--format', 'json');
      expect(scanned).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(/^plimsoll: the standard output [^\n]*ENOSPC[^\n]*\n$/) as string });
      expect((await shell('"$@" > /dev/full; STATUS', '--version')).code).toBe(2);
    });
  });
});

describe('--output', () => {
  it('writes the whole result under its name and nothing else', async () => {
    const folder = place.path('results');
    mkdirSync(folder);
    const { code, stdout } = await plimsoll('scan', image, '--format', 'json', '--output', join(folder, 'report.json'));
    expect([code, stdout, readdirSync(folder)]).toEqual([0, '', ['report.json']]);
    expect(findingLines((JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as ScanReport).findings)).toEqual(SAMPLE_FINDINGS);
    // A threshold that is reached keeps the file too: it says what reached it.
    expect((await plimsoll('scan', image, '--format', 'spdx', '-o', join(folder, 'report.json'), '--fail-on', '1')).code).toBe(1);
    expect(readFileSync(join(folder, 'report.json'), 'utf8')).toContain('SPDX-2.3');
    expect(readdirSync(folder)).toEqual(['report.json']);
  });

  it('leaves no file, and the one that was there, when the scan fails', async () => {
    const folder = place.path('failed');
    mkdirSync(folder);
    writeFileSync(join(folder, 'old.json'), 'old');
    for (const name of ['old.json', 'new.json']) await expectInputError(['scan', place.path('cut.tar'), '--output', join(folder, name)], /cut\.tar/);
    expect(readdirSync(folder)).toEqual(['old.json']);
    expect(readFileSync(join(folder, 'old.json'), 'utf8')).toBe('old');
    // Said at once, before the image is looked at.
    await expectInputError(['scan', place.path('cut.tar'), '-o', join(folder, 'none/report.json')], /none\/report\.json/);
  });
});

describe('formats', () => {
  it('json holds what its schema says and what the interface promises', async () => {
    const schema = JSON.parse(readFileSync(join(REPOSITORY, 'docs/schema/scan-report-1.schema.json'), 'utf8')) as object;
    const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
    addFormats.default(ajv);
    const report = await scan(image);
    expect(ajv.validate(schema, report), ajv.errorsText()).toBe(true);
    expect(report.schemaVersion).toMatch(/^1\.\d+\.\d+$/);
    expect(report.os).toMatchObject({ id: 'alpine', ecosystem: 'Alpine:v3.11' });
    const lodash = report.findings.find(({ id }) => id === 'CVE-2020-8203')!;
    expect(lodash).toMatchObject({
      aliases: ['GHSA-p6mc-m468-83gw'],
      severity: 4,
      package: { name: 'lodash', version: '4.17.15', purl: 'pkg:npm/lodash@4.17.15', paths: ['app/node_modules/lodash/package.json'] },
      fixedVersion: '4.17.19',
      layer: { index: 1, createdBy: 'RUN npm install' },
      evidence: [{ advisory: 'GHSA-p6mc-m468-83gw', version: '4.17.15' }],
    });
    const pairs = report.findings.map(({ id, package: { purl } }) => `${id} ${purl}`);
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  it.skipIf(!haveAll('shared'))(titled('json of a real image holds to the schema', 'shared'), async () => {
    const schema = JSON.parse(readFileSync(join(REPOSITORY, 'docs/schema/scan-report-1.schema.json'), 'utf8')) as object;
    const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
    addFormats.default(ajv);
    const report = await place.scan(join(SHARED, 'images/alpine-minirootfs-3.9.6-x86_64.tar.gz'), ['--db', await sharedDatabase()]);
    expect(ajv.validate(schema, report), ajv.errorsText()).toBe(true);
  }, 120_000);

  it.each(['cyclonedx', 'spdx'])('%s, scanned again, gives the same packages and findings', async (format) => {
    const sbom = place.path(`sample.${format}.json`);
    expect((await plimsoll('scan', image, '--format', format, '-o', sbom)).code).toBe(0);
    const [direct, again] = [await scan(image), await scan(`sbom:${sbom}`)];
    expect(again.packages).toEqual(direct.packages);
    expect(again.findings).toEqual(direct.findings);
    expect(again.os).toEqual(direct.os);
    expect((await scan(sbom)).image.kind).toBe('sbom');
  });

  it('table names worst first, what to upgrade to, and fits the terminal', async () => {
    const { stdout } = await place.plimsoll(['scan', image], { env: { ...env, COLUMNS: '80' } });
    expect(stdout.indexOf('CVE-2019-19844')).toBeLessThan(stdout.indexOf('CVE-2020-8203'));
    expect(stdout.indexOf('CVE-2020-8203')).toBeLessThan(stdout.indexOf('CVE-2019-1549'));
    expect(stdout).toMatch(/openssl.*1\.1\.1c-r0 → 1\.1\.1d-r0/);
    expect(stdout.slice(stdout.indexOf('What to upgrade'))).toMatch(/lodash → 4\.17\.19/);
    // The reference stands alone on its line, however long it is, and can be copied from the last one.
    const lines = stdout.split('\n').filter((line) => !line.includes(place.dir));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).not.toContain('\u001b');
  });
});

describe('the base image', () => {
  it('given by --base, is told apart, and left out by --hide-base', async () => {
    const base = place.path('base.tar');
    writeDockerArchive(base, { ...SAMPLE, tag: 'plimsoll-tests/base:1', layers: SAMPLE.layers.slice(0, 2) });
    const whole = await scan(image, '--base', base);
    expect(whole.base).toMatchObject({ foundBy: 'flag', layers: 2 });
    expect(findingLines(whole.findings)).toEqual(SAMPLE_FINDINGS);
    const ofBase = whole.findings.filter(({ layer }) => layer.fromBase).map(({ id }) => id);
    expect([...new Set(ofBase)].sort()).toEqual(['CVE-2019-1549', 'CVE-2019-19844', 'CVE-2020-8203']);
    const own = await scan(image, '--base', base, '--hide-base');
    expect(own.packages.map(({ name }) => name).sort()).toEqual(['musl', 'rack']);
    expect(own.findings.map(({ id }) => id)).toEqual(['CVE-2020-8161']);
    expect((await plimsoll('scan', image, '--base', base, '--hide-base', '--fail-on', 'urgent')).code).toBe(0);
  });
});

describe('--platform', () => {
  it('chooses from an index, and says what there is', async () => {
    const layout = place.path('platforms');
    writeOciLayout(
      layout,
      { ...small('lodash', '4.17.15'), platform: { os: 'linux', architecture: 'amd64' } },
      { ...small('lodash', '4.17.20'), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
    );
    const arm = await scan(layout, '--platform', 'linux/arm64');
    expect(arm.image.platform).toEqual({ os: 'linux', architecture: 'arm64', variant: 'v8' });
    expect(arm.packages.map(({ version }) => version)).toEqual(['4.17.20']);
    expect(arm.findings).toEqual([]);
    expect((await scan(layout, '--platform', 'linux/amd64')).packages.map(({ version }) => version)).toEqual(['4.17.15']);
    await expectInputError(['scan', layout, '--platform', 'linux/s390x'], /linux\/s390x.*linux\/amd64.*linux\/arm64/);
    await expectInputError(['scan', image, '--platform', 'windows/amd64'], /windows\/amd64/);
  });
});

describe('the layer cache', () => {
  it('gives the same result as reading the layers, but for the time', async () => {
    const cache = place.path('cache');
    const results = [await scan(image, '--no-cache'), await scan(image, '--cache-dir', cache), await scan(image, '--cache-dir', cache)];
    for (const result of results) expect({ ...result, scannedAt: '' }).toEqual({ ...results[0], scannedAt: '' });
    const entries = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(entries.length).toBeGreaterThanOrEqual(SAMPLE.layers.length);

    // What was spoilt is read anew.
    for (const { parentPath, name } of entries) writeFileSync(join(parentPath, name), 'spoilt');
    expect({ ...(await scan(image, '--cache-dir', cache)), scannedAt: '' }).toEqual({ ...results[0], scannedAt: '' });
  });

  it('is read: layers whose bytes cannot be read any more come from it', async () => {
    const cache = place.path('layout-cache');
    const layout = place.path('cached-layout');
    const [built] = writeOciLayout(layout, SAMPLE);
    const first = await scan(layout, '--cache-dir', cache);
    for (const { digest } of built!.layers) writeFileSync(join(layout, 'blobs/sha256', digest.slice('sha256:'.length)), '');
    expect((await scan(layout, '--cache-dir', cache)).packages).toEqual(first.packages);
    expect((await plimsoll('scan', layout, '--no-cache')).code).toBe(2);
  });

  it('is not written with --no-cache, nor by an image that fails', async () => {
    const cache = place.path('untouched');
    expect((await plimsoll('scan', image, '--no-cache', '--cache-dir', cache)).code).toBe(0);
    expect(existsSync(cache) ? readdirSync(cache, { recursive: true }) : []).toEqual([]);
  });
});

describe('own ids', () => {
  it('are in the report and work where an id does', async () => {
    const ids = place.path('ids.csv');
    writeFileSync(ids, 'QID,CVE\n370001,CVE-2020-8203\n370002,CVE-2019-14697\n');
    const report = await scan(image, '--ids', ids);
    expect(report.findings.filter(({ qids }) => qids !== undefined).map(({ id, qids }) => [id, qids])).toEqual([['CVE-2020-8203', ['370001']]]);
    const reported = await plimsoll('explain', image, '370001', '--ids', ids);
    expect(reported.code).toBe(0);
    expect(reported.stdout).toMatch(/^CVE-2020-8203\n/);
    await expectInputError(['scan', image, '--ids', place.path('none.csv')], /none\.csv/);
    writeFileSync(place.path('bad.csv'), 'QID,CVE\n370001,GHSA-1\n');
    await expectInputError(['scan', image, '--ids', place.path('bad.csv')], /row 2/);
  });

  it('tell why a flaw is not reported, as its CVE does', async () => {
    const byQid = await plimsoll('explain', image, '370002', '--ids', place.path('ids.csv'));
    expect(byQid.stdout).toMatch(/musl 1\.1\.24-r2 is installed; fixed since 1\.1\.23-r2/);
  });
});

describe('explain', () => {
  it.each(['CVE-2020-8203', 'GHSA-p6mc-m468-83gw', 'cve-2020-8203'])('%s: why, where it came in, what removes it', async (id) => {
    const { code, stdout } = await plimsoll('explain', image, id);
    expect(code).toBe(0);
    expect(stdout).toMatch(/GHSA-p6mc-m468-83gw \(npm\) affects lodash < 4\.17\.19; compared with lodash 4\.17\.15/);
    expect(stdout).toMatch(/layer 2\/3\s+RUN npm install/);
    expect(stdout).toContain('app/node_modules/lodash/package.json');
    expect(stdout).toMatch(/fixed in\s+lodash 4\.17\.19/);
  });

  it('names every package of a source and its advisory', async () => {
    const { stdout } = await plimsoll('explain', image, 'ALPINE-CVE-2019-1549');
    expect(stdout).toContain('In libcrypto1.1, libssl1.1 1.1.1c-r0 (apk)');
    expect(stdout).toMatch(/ALPINE-CVE-2019-1549 \(Alpine:v3\.11\) affects openssl < 1\.1\.1d-r0/);
  });

  it('says of a fixed flaw that it is fixed, and of an unknown id that nothing is known', async () => {
    const fixed = await plimsoll('explain', image, 'CVE-2019-14697');
    expect([fixed.code, fixed.stderr]).toEqual([0, '']);
    expect(fixed.stdout).toMatch(/not among the findings[^]*musl 1\.1\.24-r2 is installed; fixed since 1\.1\.23-r2/);
    const unknown = await plimsoll('explain', image, 'CVE-1999-9999');
    expect([unknown.code, unknown.stderr]).toEqual([0, '']);
    expect(unknown.stdout).toMatch(/no advisory under the name CVE-1999-9999/);
  });
});

describe('db', () => {
  it('status says which database, its feeds and what it covers', async () => {
    const { code, stdout } = await plimsoll('db', 'status', '--verify');
    expect(code).toBe(0);
    expect(stdout).toContain(`${env.PLIMSOLL_DB} (named by PLIMSOLL_DB)`);
    expect(stdout).toMatch(/whole and undamaged/);
    expect(stdout).toMatch(/advisories +7\n/);
    expect(stdout).toMatch(/osv\/npm +3 records, newest 2024-05-01/);
    expect(stdout).toMatch(/covers Alpine:v3\.11, PyPI, RubyGems, npm/);
    expect((await plimsoll('db', 'status', '--db', env.PLIMSOLL_DB)).stdout).toContain('(named by --db)');
  });

  it('update from a mirror makes the database that is used from then on', async () => {
    const home = { XDG_CACHE_HOME: place.path('updated') };
    const update = await place.plimsoll(['db', 'update', '--from', `${env.PLIMSOLL_DB}-feeds`], { env: home });
    expect([update.code, update.stderr]).toEqual([0, '']);
    const status = await place.plimsoll(['db', 'status'], { env: home });
    expect(status.stdout).toContain('(made by db update)');
    expect(status.stdout).toMatch(/advisories +7\n/);
    const again = await place.plimsoll(['db', 'update', '--from', `${env.PLIMSOLL_DB}-feeds`], { env: home });
    expect(again.stdout).toMatch(/already/);
    expect(findingLines((await place.scan(image, [], { env: home })).findings)).toEqual(SAMPLE_FINDINGS);
  });
});

it('lists the packages of the image with the layer of each', async () => {
  const report = await scan(image);
  expect(report.packages.map(({ name, version, layer }) => `${name} ${version} ${String(layer)}`).sort()).toEqual(SAMPLE_PACKAGES);
});
