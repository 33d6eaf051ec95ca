import { gzipSync } from 'node:zlib';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../context.ts';
import { testDatabase } from '../storage/testing.ts';
import { testServices } from '../testing/services.ts';
import { emptied, enrolledSensor, EPOCH, imageFacts, imageId, numbered, packageOf, packed, sbomOf } from './ingest.fixtures.ts';
import { takeReport } from './report.ts';
import { readSbom, requestRescan, storeSbom } from './sboms.ts';

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, close } = await testDatabase());
});
afterAll(() => close());
beforeEach(() => emptied(db));

const store = (given: Parameters<typeof storeSbom>[1]) => db.transaction((tx) => storeSbom(tx, given));
const packagesOf = async (sbomId: number) =>
  (await db.query<{ name: string }>(sql`select p.name from sbom_packages x join packages p on p.id = x.package_id where x.sbom_id = ${sbomId} order by 1`)).map(({ name }) => name);

describe('an image’s SBOM', () => {
  it('fills in what the image is made of', async () => {
    const source = { name: 'bash-src', version: '5' };
    const { sbomId, fresh } = await store({ packed: packed(sbomOf([packageOf('bash', '5', { source }), packageOf('zlib', '1', { layer: 3 })])), imageId: imageId(1), references: ['nginx:1.27'] });
    expect(fresh).toBe(true);
    expect(await db.one(sql`select name, os_name, architecture, size, labels, scan_state, sbom_id from images`)).toEqual({
      name: 'nginx:1.27', os_name: 'Debian GNU/Linux 12 (bookworm)', architecture: 'amd64', size: 5000, labels: { n: '1' }, scan_state: 'scanned', sbom_id: sbomId,
    });
    expect(await db.one(sql`select os_id, os_version, ecosystem, complete, packages, matched_at from sboms`)).toEqual({
      os_id: 'debian', os_version: '12', ecosystem: 'Debian:12', complete: true, packages: 2, matched_at: null,
    });
    expect(await db.query(sql`select p.name, p.source_name, x.layer from sbom_packages x join packages p on p.id = x.package_id order by 1`)).toEqual([
      { name: 'bash', source_name: 'bash-src', layer: 0 }, { name: 'zlib', source_name: null, layer: 3 },
    ]);
    expect(await db.query(sql`select position, diff_id from image_layers`)).toEqual([{ position: 0, diff_id: `sha256:${'d'.repeat(64)}` }]);
  });

  it('is kept as it came', async () => {
    const given = sbomOf([packageOf('bash')]);
    await store({ packed: packed(given), imageId: imageId(1) });
    const { document } = (await db.one<{ document: Buffer }>(sql`select document from sboms`))!;
    expect((await readSbom(document)).sbom).toEqual(given);
  });

  it('belongs to the image that it names, when nobody says otherwise', async () => {
    await store({ packed: packed(sbomOf([])) });
    expect(await db.one(sql`select image_id from images`)).toEqual({ image_id: imageId(1) });
    const nameless = sbomOf([]);
    delete nameless.image.id;
    await expect(store({ packed: packed(nameless) })).rejects.toMatchObject({ code: 'sbom-without-image' });
  });

  it('is incomplete when something could not be read, and says what', async () => {
    const warning = (message: string, incomplete: boolean) => ({ code: 'x', message, incomplete });
    await store({ packed: packed(sbomOf([], { warnings: [warning('minor', false), warning('rpm database is corrupt', true), warning('b', true)] })), imageId: imageId(1) });
    expect(await db.one(sql`select scan_state, scan_reason from images`)).toEqual({ scan_state: 'incomplete', scan_reason: 'rpm database is corrupt (and 1 more)' });
  });

  it('stays, until a new scan is asked for; then it is replaced under its id', async () => {
    const sensor = await enrolledSensor(db);
    await takeReport(testServices({ db }), sensor, { epoch: EPOCH, messages: numbered([{ kind: 'images', images: [imageFacts(1)] }]) });
    const first = await store({ packed: packed(sbomOf([packageOf('bash')])), imageId: imageId(1) });
    await db.run(sql`update sboms set matched_at = now(), matched_by = 'x'`);
    expect(await store({ packed: packed(sbomOf([packageOf('zlib')])), imageId: imageId(1) })).toEqual({ sbomId: first.sbomId, fresh: false, replaced: false });
    expect(await packagesOf(first.sbomId)).toEqual(['bash']);

    expect(await requestRescan(db, imageId(1))).toBe('asked');
    expect(await store({ packed: packed(sbomOf([packageOf('zlib')])), imageId: imageId(1) })).toEqual({ sbomId: first.sbomId, fresh: true, replaced: true });
    expect(await packagesOf(first.sbomId)).toEqual(['zlib']);
    expect(await db.one(sql`select matched_at, matched_by from sboms`)).toEqual({ matched_at: null, matched_by: null });
    expect((await store({ packed: packed(sbomOf([])), imageId: imageId(1) })).fresh).toBe(false);
  });

  it('cannot be asked for where no host has the image', async () => {
    await store({ packed: packed(sbomOf([])), imageId: imageId(1) });
    expect(await requestRescan(db, imageId(1))).toBe('nowhere');
    expect(await requestRescan(db, imageId(2))).toBe('unknown');
  });

  it('may come from many at once', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `package-${i}`);
    // Every document has the packages in another order, as different scanners may.
    const documents = Array.from({ length: 6 }, (_, i) => packed(sbomOf([...names.slice(i * 50), ...names.slice(0, i * 50)].map((name) => packageOf(name)))));
    const same = await Promise.all(documents.map((document) => store({ packed: document, imageId: imageId(1) })));
    expect(new Set(same.map(({ sbomId }) => sbomId)).size).toBe(1);
    expect(same.filter(({ fresh }) => fresh)).toHaveLength(1);
    await Promise.all(documents.map((document, i) => store({ packed: document, imageId: imageId(10 + i) })));
    expect(await db.one(sql`select (select count(*) from sboms) as sboms, (select count(*) from packages) as packages, (select count(*) from sbom_packages) as has`)).toEqual({ sboms: 7, packages: 300, has: 2100 });
  });

  it('counts a package once that is there twice', async () => {
    await store({ packed: packed(sbomOf([packageOf('bash', '1', { layer: 2 }), packageOf('bash', '1', { layer: 1 })])), imageId: imageId(1) });
    expect(await db.query(sql`select layer from sbom_packages`)).toEqual([{ layer: 1 }]);
  });

  it('that is nested without end is refused before it is parsed', async () => {
    const nested = `{"image":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    await expect(readSbom(gzipSync(nested))).rejects.toMatchObject({ code: 'sbom-invalid', message: expect.stringContaining('nested') });
  });

  it('with characters that the database refuses is taken all the same', async () => {
    const { sbomId } = await store({ packed: packed(sbomOf([packageOf('a\0b', '1\ud800')])), imageId: imageId(1) });
    expect(await packagesOf(sbomId)).toEqual(['a\ufffdb']);
  });
});

describe('reading an SBOM', () => {
  it.each([
    ['no gzip', 'aGVsbG8=', 'sbom-unreadable', 'not gzipped'],
    ['gzip that was cut off', gzipSync(JSON.stringify(sbomOf([]))).subarray(0, 40).toString('base64'), 'sbom-unreadable', 'not gzipped'],
    ['no JSON', gzipSync('{').toString('base64'), 'sbom-unreadable', 'not JSON'],
    ['another document', packed({ image: 1 }), 'sbom-invalid', 'image'],
    ['a package without a purl', packed(sbomOf([{ ...packageOf('bash'), purl: '' }])), 'sbom-invalid', 'packages.0.purl'],
    ['a bomb', gzipSync(Buffer.alloc(65 * 1024 * 1024, ' ')).toString('base64'), 'sbom-unreadable', 'larger than 64 MiB'],
  ])('refuses %s', async (_what, given, code, message) => {
    await expect(readSbom(given)).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
  });
});
