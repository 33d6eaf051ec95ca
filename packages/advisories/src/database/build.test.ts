import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { osvRecord, scratchFolders, writeMirror, zipOf } from '../feeds/feeds.fixtures.ts';
import { buildDatabase, type BuildProgress } from './build.ts';
import { openDatabase } from './open.ts';

const scratch = scratchFolders();
afterEach(() => scratch.clean());

const BUILT = '2026-01-02T03:04:05Z';
const debian = { 'DSA-1.json': osvRecord('DSA-1', 'Debian:12', 'curl', '7.88.1-10+deb12u1', { upstream: ['CVE-2023-1000'] }) };
const cveRecord = (id: string) => ({ cveMetadata: { cveId: id, datePublished: '2023-01-01T00:00:00Z' }, containers: {} });
const catalogue = { count: 1, vulnerabilities: [{ cveID: 'CVE-2023-1000', dateAdded: '2023-02-01' }] };
const scores = '#model_version:v1,score_date:2026-08-22T00:00:00Z\ncve,epss,percentile\nCVE-2023-1000,0.5,0.75\n';

function mirror(files: Record<string, unknown> = {}): string {
  return writeMirror(scratch.make(), { 'osv/Debian/all.zip': zipOf(debian), ...files });
}

describe('building a database', () => {
  it('takes all feeds of a mirror', async () => {
    const from = mirror({
      'kev/known_exploited_vulnerabilities.json': catalogue,
      'epss/epss_scores-current.csv.gz': gzipSync(scores),
      'cve5/cves.zip': zipOf({ '2023/1xxx/CVE-2023-1000.json': cveRecord('CVE-2023-1000') }),
    });
    const out = join(scratch.make(), 'deep', 'out.db');
    const progress: BuildProgress[] = [];
    const info = await buildDatabase({ from, out, built: BUILT, onProgress: (step) => progress.push(step) });
    expect(info).toMatchObject({ built: BUILT, ecosystems: ['Debian:12'], advisories: 1, cves: 1 });
    expect(info.feeds.map(({ name, records, asOf }) => [name, records, asOf])).toEqual([
      ['osv/Debian', 1, '2024-02-01T00:00:00Z'],
      ['kev', 1, undefined],
      ['epss', 1, '2026-08-22T00:00:00Z'],
      ['cve5', 1, undefined],
    ]);
    expect(info.feeds[0]!.sha256).toMatch(/^[\da-f]{64}$/);
    expect(progress.map(({ step, done }) => [step, done])).toEqual([['osv/Debian', 0], ['kev', 1], ['epss', 2], ['cve5', 3], ['database', 4]]);
    const database = openDatabase(out);
    expect(database.info).toEqual(info);
    expect(database.advisoriesFor('Debian:12', 'curl').map(({ cves }) => cves)).toEqual([['CVE-2023-1000']]);
    expect(database.cve('CVE-2023-1000')).toEqual({
      id: 'CVE-2023-1000',
      scores: [],
      cwes: [],
      published: '2023-01-01T00:00:00Z',
      kev: { dateAdded: '2023-02-01', ransomware: false },
      epss: { score: 0.5, percentile: 0.75, date: '2026-08-22' },
    });
    database.close();
  });

  it('takes plain EPSS scores where there are no gzipped ones', async () => {
    const out = join(scratch.make(), 'out.db');
    const info = await buildDatabase({ from: mirror({ 'epss/epss_scores-current.csv': scores }), out });
    expect(info.feeds.map(({ name }) => name)).toEqual(['osv/Debian', 'epss']);
  });

  it('gives the same bytes for the same feeds', async () => {
    const from = mirror({ 'kev/known_exploited_vulnerabilities.json': catalogue });
    const files = ['a.db', 'b.db'].map((name) => join(scratch.make(), name));
    for (const out of files) await buildDatabase({ from, out, built: BUILT });
    expect(readFileSync(files[0]!).equals(readFileSync(files[1]!))).toBe(true);
  });

  it('counts withdrawn records but leaves them out', async () => {
    const records = { 'a.json': osvRecord('GO-1', 'Go', 'm', '1.2', { withdrawn: '2024-01-01T00:00:00Z' }), 'b.json': osvRecord('GO-2', 'Go', 'm', '1.3') };
    const out = join(scratch.make(), 'out.db');
    const info = await buildDatabase({ from: mirror({ 'osv/Go/all.zip': zipOf(records) }), out });
    expect(info.feeds.find(({ name }) => name === 'osv/Go')!.records).toBe(2);
    const database = openDatabase(out);
    expect(database.advisoriesFor('Go', 'm').map(({ id }) => id)).toEqual(['GO-2']);
    expect(database.byId('GO-1')).toEqual([]);
    database.close();
  });

  it('takes a record of two ecosystems once for each, wherever it stands', async () => {
    const both = osvRecord('GHSA-1', 'npm', 'left', '1', {
      affected: ['npm', 'Go', 'Hex'].map((ecosystem) => ({ package: { ecosystem, name: 'left' }, versions: ['1'] })),
    });
    const files = Object.fromEntries(['npm', 'Go'].map((name) => [`osv/${name}/all.zip`, zipOf({ 'GHSA-1.json': both })]));
    const out = join(scratch.make(), 'out.db');
    await buildDatabase({ from: mirror(files), out });
    const database = openDatabase(out);
    expect(database.advisoriesFor('npm', 'left')).toHaveLength(1);
    expect(database.advisoriesFor('Go', 'left')).toHaveLength(1);
    expect(database.byId('GHSA-1').map(({ ecosystem }) => ecosystem)).toEqual(expect.arrayContaining(['Go', 'Hex', 'npm']));
    database.close();
  });

  it('takes the archive of all releases rather than those of each', async () => {
    const from = mirror({ 'osv/Debian:12/all.zip': zipOf(debian), 'osv/Ubuntu:22.04:LTS/all.zip': zipOf({}) });
    const info = await buildDatabase({ from, out: join(scratch.make(), 'out.db') });
    expect(info.feeds.map(({ name }) => name)).toEqual(['osv/Debian', 'osv/Ubuntu:22.04:LTS']);
    expect(info.advisories).toBe(1);
  });

  it('takes only the ecosystems asked for', async () => {
    const from = mirror({ 'osv/Go/all.zip': zipOf({ 'b.json': osvRecord('GO-2', 'Go', 'm', '1.3') }) });
    const info = await buildDatabase({ from, out: join(scratch.make(), 'out.db'), ecosystems: ['Go'] });
    expect(info.ecosystems).toEqual(['Go']);
  });

  it('compares a checksum that lies beside a feed', async () => {
    const out = join(scratch.make(), 'out.db');
    const from = mirror();
    const { feeds } = await buildDatabase({ from, out });
    writeFileSync(join(from, 'osv/Debian/all.zip.sha256'), `${feeds[0]!.sha256!.toUpperCase()}  all.zip\n`);
    await buildDatabase({ from, out });
    writeFileSync(join(from, 'osv/Debian/all.zip.sha256'), `${'0'.repeat(64)}  all.zip\n`);
    await expect(buildDatabase({ from, out })).rejects.toMatchObject({ code: 'feed-checksum', path: join(from, 'osv/Debian/all.zip') });
  });

  const whole = zipOf({ ...debian, 'DSA-2.json': osvRecord('DSA-2', 'Debian:12', 'curl', '8') });
  const damaged = Buffer.from(whole);
  damaged.fill(0xff, 60, 90);
  it.each([
    ['an archive cut in half', 'osv/Debian/all.zip', whole.subarray(0, whole.length / 2), 'feed-truncated', 'all.zip'],
    ['an empty archive file', 'osv/Debian/all.zip', Buffer.alloc(0), 'feed-truncated', 'all.zip'],
    ['damaged data', 'osv/Debian/all.zip', damaged, 'feed-corrupt', 'DSA-1.json'],
    ['a record cut in half', 'osv/Debian/all.zip', zipOf({ 'DSA-3.json': Buffer.from('{"id":"DSA-3","aff') }), 'feed-record-invalid', 'DSA-3.json'],
    ['a record without an id', 'osv/Debian/all.zip', zipOf({ 'x.json': {} }), 'feed-record-invalid', 'x.json'],
    ['a name of a megabyte', 'osv/Debian/all.zip', zipOf({ 'x.json': osvRecord('X', 'Debian:12', 'n'.repeat(1e6), '1') }), 'feed-record-invalid', 'x.json'],
    ['a catalogue cut in half', 'kev/known_exploited_vulnerabilities.json', JSON.stringify(catalogue).slice(0, 40), 'feed-record-invalid', 'kev'],
    ['scores cut in half', 'epss/epss_scores-current.csv.gz', gzipSync(scores).subarray(0, 50), 'feed-truncated', 'epss'],
    ['CVE records cut in half', 'cve5/cves.zip', zipOf({ 'CVE-2023-1000.json': Buffer.from('{') }), 'feed-record-invalid', 'CVE-2023-1000.json'],
  ])('fails with one line and leaves everything as it was: %s', async (_name, path, content, code, named) => {
    const folder = scratch.make();
    const out = join(folder, 'out.db');
    await buildDatabase({ from: mirror(), out, built: BUILT });
    const before = readFileSync(out);
    const from = mirror({ [path]: content });
    const error = await buildDatabase({ from, out }).catch((caught: unknown) => caught as Error);
    expect(error).toMatchObject({ code, path: join(from, path) });
    expect((error as Error).message).toContain(join(from, path));
    expect((error as Error).message).toContain(named);
    expect((error as Error).message).not.toContain('\n');
    expect(readFileSync(out).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['out.db']);
  });

  it('says when there are no feeds', async () => {
    const out = join(scratch.make(), 'out.db');
    await expect(buildDatabase({ from: scratch.make(), out })).rejects.toMatchObject({ code: 'feeds-missing' });
    await expect(buildDatabase({ from: join(scratch.make(), 'none'), out })).rejects.toMatchObject({ code: 'feeds-missing' });
    await expect(buildDatabase({ from: mirror(), out, ecosystems: ['Nix'] })).rejects.toMatchObject({ code: 'feeds-missing' });
    expect(existsSync(out)).toBe(false);
  });
});
