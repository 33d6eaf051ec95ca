import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sql from 'sql-template-tag';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../context.ts';
import { testDatabase, type TestDatabase } from '../storage/testing.ts';
import { testServices, type TestServices } from '../testing/services.ts';
import { dayFigures, recordHistory } from './history.ts';
import { deb, makeDatabase, npm, storeHost, storeImage, switchable } from './matching.fixtures.ts';
import { matchSboms, type MatchData } from './match.ts';
import { rematch } from './rematch.ts';
import { retain } from './retention.ts';

const CRITICAL = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const LODASH = { id: 'GHSA-aaaa-aaaa-aaaa', name: 'lodash', fixed: '4.17.21', cves: ['CVE-2021-23337'], severity: CRITICAL };
const LEFT_PAD = { id: 'GHSA-bbbb-bbbb-bbbb', name: 'left-pad', fixed: '2.0.0', cves: ['CVE-2026-0001'] };
const OPENSSL = { id: 'DEBIAN-CVE-2026-9', name: 'openssl', fixed: '3.0.5', ecosystem: 'Debian:12', cves: ['CVE-2026-9'] };
const OTHER = { id: 'GHSA-cccc-cccc-cccc', name: 'unrelated', fixed: '1.0.0' };

let folder: string;
let files: Record<'first' | 'more' | 'fewer' | 'moved', string>;
let made: TestDatabase;
let db: Database;
let services: TestServices & { advisories: ReturnType<typeof switchable> };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-matching-'));
  files = {
    first: await makeDatabase(folder, 'first', [LODASH, OPENSSL, OTHER], '2026-01-01T00:00:00Z'),
    more: await makeDatabase(folder, 'more', [LODASH, OPENSSL, OTHER, LEFT_PAD], '2026-01-02T00:00:00Z'),
    fewer: await makeDatabase(folder, 'fewer', [OPENSSL, OTHER, LEFT_PAD], '2026-01-03T00:00:00Z'),
    moved: await makeDatabase(folder, 'moved', [{ ...LODASH, fixed: '4.17.30' }, OPENSSL, OTHER], '2026-01-04T00:00:00Z'),
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  made = await testDatabase();
  db = made.db;
  const advisories = switchable();
  services = Object.assign(testServices({ db, advisories }), { advisories });
  advisories.use(files.first);
});
afterEach(async () => {
  await services.advisories.close();
  await made.close();
});

const findings = (sbom: number) =>
  db.query<{ name: string; package: string; severity: number; fixed_version: string | null; open: boolean; first_seen: Date }>(sql`
    select v.name, p.name as package, f.severity, f.fixed_version, f.fixed_at is null as open, f.first_seen
    from findings f join vulnerabilities v on v.id = f.vulnerability_id join packages p on p.id = f.package_id where f.sbom_id = ${sbom} order by 1, 2`);
const changes = (sbom: number) =>
  db.query<{ cause: string; reason: string; appeared: { id: string }[]; gone: { id: string }[]; appeared_count: number; gone_count: number }>(
    sql`select cause, reason, appeared, gone, appeared_count, gone_count from changes where sbom_id = ${sbom} order by id`,
  );
const sbomRow = async (id: number) =>
  (await db.one<{ s5: number; s2: number; fixable: number; judged: number; matched_by: string | null; upgrades: object[] }>(
    sql`select s5, s2, fixable, judged, matched_by, upgrades from sboms where id = ${id}`,
  ))!;

/** Changes to another database, and does the work that was sent. */
async function switchTo(file: string): Promise<number[][]> {
  const from = services.advisories.current()!.id;
  services.advisories.use(file);
  services.sent.length = 0;
  await rematch(services, { from, to: file });
  const batches = services.sent.filter(({ job }) => job === 'match').map(({ data }) => data as MatchData);
  for (const batch of batches) await matchSboms(services, batch);
  return batches.map(({ sbomIds }) => sbomIds);
}

async function makeHost(): Promise<string> {
  return (await db.one<{ id: string }>(sql`insert into hosts (machine_id, name) values ('machine-0001', 'web-1') returning id`))!.id;
}

describe('matchSboms', () => {
  it('judges an SBOM for the first time', async () => {
    const id = await storeImage(db, 1, [npm('lodash', '4.17.20'), npm('left-pad', '1.0.0')]);
    expect(await matchSboms(services, { sbomIds: [id] })).toEqual({ matched: 1, appeared: 1, gone: 0 });
    expect(await findings(id)).toMatchObject([{ name: 'CVE-2021-23337', package: 'lodash', severity: 5, fixed_version: '4.17.21', open: true }]);
    expect(await changes(id)).toMatchObject([{ cause: 'new-image', reason: 'First scan of this image', appeared: [{ id: 'CVE-2021-23337', package: 'lodash', severity: 5 }], gone_count: 0 }]);
    expect(await sbomRow(id)).toMatchObject({
      s5: 1, fixable: 1, judged: 2, matched_by: files.first,
      upgrades: [{ name: 'lodash', type: 'npm', from: ['4.17.20'], to: '4.17.21', removes: { 5: 1, fixable: 1, kev: 0 } }],
    });
  });

  it('tells what nothing could judge from what has nothing wrong with it', async () => {
    const state = () => db.one(sql`select scan_state, scan_reason from images`);
    const gem = { ...npm('rack', '2.0.1'), type: 'gem' as const, purl: 'pkg:gem/rack@2.0.1' };
    const id = await storeImage(db, 1, [gem]);
    await matchSboms(services, { sbomIds: [id] });
    expect(await state()).toEqual({ scan_state: 'not-judged', scan_reason: expect.stringMatching(/^None of its 1 packages could be judged\. \S/) as string });
    services.advisories.use(await makeDatabase(folder, 'gems', [LODASH, { id: 'GHSA-dddd-dddd-dddd', name: 'other', fixed: '1.0.0', ecosystem: 'RubyGems' }], '2026-01-05T00:00:00Z'));
    await matchSboms(services, { sbomIds: [id] });
    expect(await state()).toEqual({ scan_state: 'scanned', scan_reason: null });
    expect((await sbomRow(id)).judged).toBe(1);
  });

  it('notes the first scan of what has nothing wrong with it', async () => {
    const id = await storeImage(db, 1, [npm('fine', '1.0.0')]);
    await matchSboms(services, { sbomIds: [id] });
    expect(await changes(id)).toMatchObject([{ cause: 'new-image', appeared_count: 0 }]);
  });

  it('doubles nothing when it runs twice, or many times at once', async () => {
    const ids = [await storeImage(db, 1, [npm('lodash', '4.17.20')]), await storeImage(db, 2, [npm('lodash', '4.17.20'), npm('lodash', '4.17.19')])];
    await Promise.all(Array.from({ length: 6 }, () => matchSboms(services, { sbomIds: ids })));
    await matchSboms(services, { sbomIds: [...ids, ...ids] });
    expect(await findings(ids[0]!)).toHaveLength(1);
    expect(await findings(ids[1]!)).toHaveLength(2);
    expect(await changes(ids[0]!)).toHaveLength(1);
    expect(await db.query(sql`select name from vulnerabilities`)).toHaveLength(1);
  });

  it('counts a package that is there twice once', async () => {
    const id = await storeImage(db, 1, [npm('lodash', '4.17.20', { layer: 0 }), npm('lodash', '4.17.20', { paths: ['other/package.json'] })]);
    await matchSboms(services, { sbomIds: [id] });
    expect(await sbomRow(id)).toMatchObject({ s5: 1 });
  });

  it('leaves SBOMs waiting while there is no database, and passes over those that are gone', async () => {
    const id = await storeImage(db, 1, [npm('lodash', '4.17.20')]);
    const none = testServices({ db });
    expect(await matchSboms(none, { sbomIds: [id] })).toMatchObject({ matched: 0 });
    expect(await sbomRow(id)).toMatchObject({ matched_by: null });
    expect(await matchSboms(services, { sbomIds: [id + 1000] })).toMatchObject({ matched: 0 });
  });

  it('judges the others when one document is damaged, and says so', async () => {
    const ids = [await storeImage(db, 1, [npm('lodash', '4.17.20')]), await storeImage(db, 2, [npm('lodash', '4.17.20')])];
    await db.run(sql`update sboms set document = 'broken' where id = ${ids[0]}`);
    await expect(matchSboms(services, { sbomIds: ids })).rejects.toThrow();
    expect(await findings(ids[1]!)).toHaveLength(1);
  });

  it('takes names that PostgreSQL cannot hold', async () => {
    const id = await storeImage(db, 1, [npm('lodash', '4.17.20'), npm('a\0b', '1.0.0')]);
    await matchSboms(services, { sbomIds: [id] });
    expect(await findings(id)).toHaveLength(1);
  });
});

describe('rematch', () => {
  it('shows a new advisory on what it touches, naming it, and leaves the rest alone', async () => {
    const touched = await storeImage(db, 1, [npm('left-pad', '1.0.0'), npm('lodash', '4.17.20')]);
    const other = await storeImage(db, 2, [npm('lodash', '4.17.20')]);
    await matchSboms(services, { sbomIds: [touched, other] });
    const since = (await findings(other))[0]!.first_seen;

    expect(await switchTo(files.more)).toEqual([[touched]]);
    expect(await changes(touched)).toMatchObject([{}, { cause: 'new-advisory', reason: 'Advisory GHSA-bbbb-bbbb-bbbb names left-pad', appeared: [{ id: 'CVE-2026-0001' }], gone_count: 0 }]);
    expect(await sbomRow(touched)).toMatchObject({ s5: 1, s2: 1, matched_by: files.more });
    expect(await sbomRow(other)).toMatchObject({ matched_by: files.more });
    expect(await changes(other)).toHaveLength(1);
    expect((await findings(other))[0]!.first_seen).toEqual(since);
  });

  it('closes what a withdrawn advisory named, and opens it again when it is back', async () => {
    const id = await storeImage(db, 1, [npm('lodash', '4.17.20')]);
    await matchSboms(services, { sbomIds: [id] });
    await switchTo(files.fewer);
    expect(await findings(id)).toMatchObject([{ open: false }]);
    expect((await changes(id))[1]).toMatchObject({ cause: 'changed-feed', reason: 'Advisory GHSA-aaaa-aaaa-aaaa was withdrawn, or no longer names lodash', gone: [{ id: 'CVE-2021-23337' }] });
    expect(await sbomRow(id)).toMatchObject({ s5: 0, fixable: 0 });
    const since = (await findings(id))[0]!.first_seen;
    await switchTo(files.more);
    expect(await findings(id)).toMatchObject([{ open: true, first_seen: since }]);
  });

  it('tells a changed advisory from a new one', async () => {
    const id = await storeImage(db, 1, [npm('lodash', '4.17.25')]);
    await matchSboms(services, { sbomIds: [id] });
    expect(await findings(id)).toEqual([]);
    await switchTo(files.moved);
    expect((await changes(id))[1]).toMatchObject({ cause: 'changed-feed', reason: 'Advisory GHSA-aaaa-aaaa-aaaa now names this version of lodash' });
  });

  it('updates the fixed version of what stays open without calling it a change', async () => {
    const id = await storeImage(db, 1, [npm('lodash', '4.17.20')]);
    await matchSboms(services, { sbomIds: [id] });
    await switchTo(files.moved);
    expect(await findings(id)).toMatchObject([{ fixed_version: '4.17.30', open: true }]);
    expect(await changes(id)).toHaveLength(1);
  });

  it('matches everything anew where the database before is not at hand, and says no more than it knows', async () => {
    const ids = [await storeImage(db, 1, [npm('left-pad', '1.0.0')]), await storeImage(db, 2, [npm('fine', '1.0.0')])];
    await matchSboms(services, { sbomIds: ids });
    await db.run(sql`update sboms set matched_by = 'long-gone'`);
    services.advisories.use(files.more);
    await rematch(services, { from: 'long-gone', to: files.more });
    expect(services.sent.map(({ data }) => (data as MatchData).sbomIds)).toEqual([ids]);
    await matchSboms(services, { sbomIds: ids });
    expect((await changes(ids[0]!))[1]).toMatchObject({ cause: 'changed-feed', reason: 'The advisory data changed: now that of 2026-01-02T00:00:00Z' });
    expect(await changes(ids[1]!)).toHaveLength(1);
  });

  it('finds SBOMs of a distribution by their source packages, of its release alone', async () => {
    const host = await makeHost();
    const id = await storeHost(db, host, [deb('libssl3', '3.0.4', 'openssl')]);
    await matchSboms(services, { sbomIds: [id] });
    const later = await makeDatabase(folder, 'later', [LODASH, { ...OPENSSL, fixed: '3.0.9' }, OTHER, { id: 'DEBIAN-CVE-2026-10', name: 'openssl', ecosystem: 'Debian:11', fixed: '9' }], '2026-02-01T00:00:00Z');
    expect(await switchTo(later)).toEqual([[id]]);
    const latest = await makeDatabase(folder, 'latest', [LODASH, { ...OPENSSL, fixed: '3.0.9' }, OTHER, { id: 'DEBIAN-CVE-2026-10', name: 'openssl', ecosystem: 'Debian:11', fixed: '10' }], '2026-02-02T00:00:00Z');
    expect(await switchTo(latest)).toEqual([]);
  });
});

describe('hosts', () => {
  it('says which package went from which version to which', async () => {
    const host = await makeHost();
    const id = await storeHost(db, host, [deb('libssl3', '3.0.4', 'openssl')]);
    await matchSboms(services, { sbomIds: [id], cause: 'new-host' });
    expect(await changes(id)).toMatchObject([{ cause: 'new-host', reason: 'First scan of this host', appeared_count: 1 }]);
    expect(await storeHost(db, host, [deb('libssl3', '3.0.6', 'openssl')])).toBe(id);
    await matchSboms(services, { sbomIds: [id], cause: 'changed-packages' });
    expect((await changes(id))[1]).toMatchObject({ cause: 'changed-packages', reason: 'Package libssl3 3.0.4 → 3.0.6', gone: [{ id: 'CVE-2026-9', package: 'libssl3' }], appeared_count: 0 });
  });

  it('says what an older package brought back', async () => {
    const host = await makeHost();
    const id = await storeHost(db, host, [deb('libssl3', '3.0.6', 'openssl')]);
    await matchSboms(services, { sbomIds: [id] });
    await storeHost(db, host, [deb('libssl3', '3.0.4', 'openssl')]);
    await matchSboms(services, { sbomIds: [id] });
    expect((await changes(id))[1]).toMatchObject({ cause: 'changed-packages', reason: 'Package libssl3 3.0.4', appeared_count: 1 });
  });
});

describe('vulnerabilities', () => {
  it('lowers the severity when the worst finding is gone', async () => {
    const id = await storeImage(db, 1, [npm('lodash', '4.17.20')]);
    await matchSboms(services, { sbomIds: [id] });
    const milder = await makeDatabase(folder, 'milder', [{ ...LODASH, severity: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N' }, OPENSSL, OTHER], '2026-03-01T00:00:00Z');
    await switchTo(milder);
    const [row] = await findings(id);
    expect(row!.severity).toBeLessThan(5);
    expect(await db.query(sql`select severity from vulnerabilities where name = 'CVE-2021-23337'`)).toEqual([{ severity: row!.severity }]);
  });

  it('does not write rows that say it already', async () => {
    const versions = () => db.query(sql`select xmin::text from vulnerabilities order by name`);
    await matchSboms(services, { sbomIds: [await storeImage(db, 1, [npm('lodash', '4.17.20')])] });
    const before = await versions();
    const again = Object.assign(testServices({ db: { ...db }, advisories: services.advisories }));
    await matchSboms(again, { sbomIds: [await storeImage(db, 2, [npm('lodash', '4.17.20')])] });
    expect(await versions()).toEqual(before);
  });
});

describe('history', () => {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

  it('works out days without a row once, and keeps what was noted', async () => {
    const id = await storeImage(db, 1, [npm('lodash', '4.17.20')]);
    await matchSboms(services, { sbomIds: [id] });
    await db.run(sql`update images set first_seen = ${daysAgo(4)}`);
    await db.run(sql`update findings set first_seen = ${daysAgo(2)}`);
    await db.run(sql`insert into history (day, figures) values ((now() at time zone 'utc')::date - 3, '{"1":0,"2":0,"3":7,"4":0,"5":0}')`);
    const figures = await dayFigures(db, 30, null);
    expect(figures.map(({ 5: urgent, 3: serious }) => [serious, urgent])).toEqual([[0, 0], [7, 0], [0, 1], [0, 1], [0, 1]]);
    expect(figures.at(-1)!.day).toBe(new Date().toISOString().slice(0, 10));
    expect(await db.query(sql`select day from history where figures ? 'computed'`)).toHaveLength(3);
  });

  it('counts what was fixed until the day it was', async () => {
    const id = await storeImage(db, 1, [npm('lodash', '4.17.20')]);
    await matchSboms(services, { sbomIds: [id] });
    await switchTo(files.fewer);
    await db.run(sql`update images set first_seen = ${daysAgo(3)}`);
    await db.run(sql`update findings set first_seen = ${daysAgo(3)}, fixed_at = ${daysAgo(1)}`);
    expect((await dayFigures(db, 30, null)).map((day) => day[5])).toEqual([1, 1, 0, 0]);
  });

  it('notes today again and again, and has nothing before the first asset', async () => {
    await recordHistory(db);
    await storeImage(db, 1, [npm('lodash', '4.17.20')]);
    await matchSboms(services, { sbomIds: [1] });
    await recordHistory(db);
    expect(await db.query(sql`select (figures->>'5')::int as urgent, (figures->>'images')::int as images from history`)).toEqual([{ urgent: 1, images: 1 }]);
    expect(await dayFigures(db, 30, null)).toHaveLength(1);
  });

  it('shows a scoped caller what they see alone', async () => {
    const seen = await storeImage(db, 1, [npm('lodash', '4.17.20')]);
    const hidden = await storeImage(db, 2, [npm('lodash', '4.17.20')]);
    await matchSboms(services, { sbomIds: [seen, hidden] });
    await db.run(sql`update images set tags = '{shop}' where sbom_id = ${seen}`);
    await db.run(sql`update images set first_seen = ${daysAgo(1)}`);
    await db.run(sql`update findings set first_seen = ${daysAgo(1)}`);
    expect((await dayFigures(db, 30, ['shop'])).map((day) => day[5])).toEqual([1, 1]);
    expect((await dayFigures(db, 30, null)).map((day) => day[5])).toEqual([2, 2]);
  });
});

describe('retention', () => {
  it('removes what was kept long enough, and nothing else', async () => {
    const [kept, gone] = [await storeImage(db, 1, [npm('lodash', '4.17.20')]), await storeImage(db, 2, [npm('lodash', '4.17.20')])];
    await matchSboms(services, { sbomIds: [kept, gone] });
    await db.run(sql`update images set gone_at = now() - interval '91 days' where sbom_id = ${gone}`);
    await db.run(sql`insert into events (at, kind, severity, message) values (now() - interval '31 days', 'x', 1, 'old'), (now() - interval '29 days', 'x', 1, 'young')`);
    await retain(db);
    expect(await db.query(sql`select id from sboms`)).toEqual([{ id: kept }]);
    expect(await findings(kept)).toHaveLength(1);
    expect(await db.query(sql`select message from events`)).toEqual([{ message: 'young' }]);
    await db.run(sql`insert into settings (key, value) values ('retention', '{"eventDays": 7, "goneDays": 5}')`);
    await db.run(sql`update findings set fixed_at = now() - interval '6 days'`);
    await retain(db);
    expect(await findings(kept)).toEqual([]);
    expect(await db.query(sql`select from events`)).toEqual([]);
  });

  it('removes absences of sensors, but not of the last week', async () => {
    const host = await makeHost();
    const { id } = (await db.one<{ id: string }>(sql`insert into sensors (host_id, credential_hash) values (${host}, 'x') returning id`))!;
    await db.run(sql`
      insert into sensor_gaps (sensor_id, from_at, to_at, reason)
      values (${id}, now() - interval '92 days', now() - interval '91 days', 'old'), (${id}, now() - interval '92 days', null, 'still'), (${id}, now() - interval '8 days', now() - interval '7 days', 'week')`);
    await retain(db);
    expect(await db.query(sql`select reason from sensor_gaps order by id`)).toEqual([{ reason: 'still' }, { reason: 'week' }]);
    await db.run(sql`insert into settings (key, value) values ('retention', '{"eventDays": 7, "goneDays": 5}') on conflict (key) do update set value = excluded.value`);
    await retain(db);
    expect(await db.query(sql`select reason from sensor_gaps order by id`)).toEqual([{ reason: 'still' }, { reason: 'week' }]);
  });

  it('keeps the image of a container that is there', async () => {
    const id = await storeImage(db, 1, [npm('lodash', '4.17.20')]);
    const host = await makeHost();
    await db.run(sql`update images set gone_at = now() - interval '1 year'`);
    await db.run(sql`insert into containers (container_id, host_id, image_id, name, image_name, state) select 'abc', ${host}::uuid, id, 'c', 'i', 'running' from images`);
    await retain(db);
    expect(await db.query(sql`select id from sboms`)).toEqual([{ id }]);
  });
});
