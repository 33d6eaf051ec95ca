import sql from 'sql-template-tag';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../context.ts';
import { testDatabase } from '../storage/testing.ts';
import { testServices, type TestServices } from '../testing/services.ts';
import { endLeases, noteAway } from './away.ts';
import type { SensorIdentity } from './credentials.ts';
import { containerFacts, emptied, enrolledSensor, EPOCH, imageFacts, imageId, numbered, packageOf, packed, sbomOf } from './ingest.fixtures.ts';
import { takeReport } from './report.ts';
import { requestRescan } from './sboms.ts';
import { takeWork, type Heartbeat } from './work.ts';

let db: Database;
let close: () => Promise<void>;
let services: TestServices;
let sensor: SensorIdentity;
beforeAll(async () => {
  ({ db, close } = await testDatabase());
});
afterAll(() => close());
beforeEach(async () => {
  await emptied(db);
  services = testServices({ db });
  sensor = await enrolledSensor(db);
  next = 1;
});

let next = 1;
const idle: Heartbeat = { version: '2', spooled: 0, dropped: 0, analysing: null, features: ['docker'] };
const busy: Heartbeat = { ...idle, analysing: imageId(99) };
const ask = (heartbeat = busy, who = sensor, wait = 0, signal = new AbortController().signal) => takeWork(services, who, heartbeat, wait, signal);
const idsOf = (work: { analyse: { imageId: string }[] }) => work.analyse.map((image) => image.imageId).sort();
/** Takes and drops what is asked of each new sensor, so that only images are left. */
async function settled(who = sensor) {
  await ask(idle, who);
  await db.run(sql`update sensors set wants_snapshot = false, wants_host_scan = false`);
}
async function say(who: SensorIdentity, epoch: string, ...bodies: Parameters<typeof numbered>[0]) {
  await takeReport(services, who, { epoch, messages: numbered(bodies, next) });
  next += bodies.length;
}

describe('work', () => {
  it('is a snapshot and a scan of the host at first, asked for once in a while until they come', async () => {
    expect(await ask()).toEqual({ analyse: [], scanHost: true, snapshot: true, renew: false });
    expect(await ask()).toEqual({ analyse: [], scanHost: false, snapshot: false, renew: false });
    await db.run(sql`update sensors set snapshot_asked_at = now() - interval '6 minutes', host_scan_asked_at = now() - interval '2 hours'`);
    expect(await ask()).toMatchObject({ scanHost: true, snapshot: true });
    await say(sensor, EPOCH, { kind: 'containers', containers: [] }, { kind: 'host-sbom', sbom: packed(sbomOf([packageOf('bash')])) });
    expect(await ask()).toMatchObject({ scanHost: false, snapshot: false });
    await db.run(sql`update sboms set scanned_at = now() - interval '25 hours'`);
    expect(await ask()).toMatchObject({ scanHost: true });
  });

  it('is a new credential after a week', async () => {
    await settled();
    await db.run(sql`update sensors set credential_issued_at = now() - interval '8 days'`);
    expect(await ask()).toMatchObject({ renew: true });
  });

  it('is images that were not analysed, running ones first, two at a time', async () => {
    await settled();
    await say(sensor, EPOCH, { kind: 'images', images: [1, 2, 3, 4].map((n) => imageFacts(n)) }, { kind: 'containers', containers: [containerFacts(1, { imageId: imageId(3) })] });
    const first = await ask();
    expect(idsOf(first)).toEqual([imageId(1), imageId(3)]);
    expect(Date.parse(first.analyse[0]!.until)).toBeGreaterThan(Date.now() + 9 * 60_000);
    expect(await db.query(sql`select image_id from images where scan_state = 'analysing' order by 1`)).toEqual([{ image_id: imageId(1) }, { image_id: imageId(3) }]);
    expect(idsOf(await ask())).toEqual([]);
    await say(sensor, EPOCH, { kind: 'sbom', imageId: imageId(3), sbom: packed(sbomOf([packageOf('bash')])) });
    expect(idsOf(await ask())).toEqual([imageId(2)]);
  });

  it('is given to one sensor of those that have the image', async () => {
    const other = await enrolledSensor(db, 'web-2');
    await settled();
    await settled(other);
    const images = [{ kind: 'images' as const, images: Array.from({ length: 8 }, (_, i) => imageFacts(i)) }];
    await say(sensor, EPOCH, ...images);
    next = 1;
    await say(other, 'other-epoch', ...images);
    const given = await Promise.all([ask(), ask(busy, other), ask(), ask(busy, other)]);
    const ids = given.flatMap(idsOf);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(4);
  });

  it('is given again to a sensor that started anew', async () => {
    await settled();
    await say(sensor, EPOCH, { kind: 'images', images: [imageFacts(1)] });
    expect(idsOf(await ask())).toEqual([imageId(1)]);
    expect(idsOf(await ask({ ...busy, analysing: imageId(1) }))).toEqual([]);
    expect(idsOf(await ask({ ...idle, spooled: 1 }))).toEqual([]);
    expect(idsOf(await ask(idle))).toEqual([imageId(1)]);
  });

  it('is held for as long as the sensor says that it is at it', async () => {
    await settled();
    await say(sensor, EPOCH, { kind: 'images', images: [imageFacts(1)] });
    await ask();
    await db.run(sql`update images set leased_until = now() + interval '1 minute'`);
    await ask({ ...busy, analysing: imageId(1) });
    expect(await db.one(sql`select leased_until > now() + interval '9 minutes' as held from images`)).toEqual({ held: true });
  });

  it('is tried three times, later each time, and then given up with the reason', async () => {
    await settled();
    await say(sensor, EPOCH, { kind: 'images', images: [imageFacts(1)] });
    for (const attempt of [1, 2, 3]) {
      expect(idsOf(await ask())).toEqual([imageId(1)]);
      await say(sensor, EPOCH, { kind: 'scan-failed', imageId: imageId(1), code: 'x', reason: `broken ${attempt}` });
      expect(await db.one(sql`select scan_state, scan_reason, attempts from images`)).toEqual({ scan_state: 'failed', scan_reason: `broken ${attempt}`, attempts: attempt });
      await db.run(sql`update images set scan_state_at = now()`);
      expect(idsOf(await ask())).toEqual([]);
      await db.run(sql`update images set scan_state_at = now() - ${attempt} * interval '5 minutes 1 second'`);
    }
    expect(idsOf(await ask())).toEqual([]);
    expect(await requestRescan(db, imageId(1))).toBe('asked');
    expect(idsOf(await ask())).toEqual([imageId(1)]);
  });

  it('that brings no result is taken back', async () => {
    await settled();
    await say(sensor, EPOCH, { kind: 'images', images: [imageFacts(1)] });
    await ask();
    await endLeases(services);
    expect(await db.one(sql`select scan_state from images`)).toEqual({ scan_state: 'analysing' });
    await db.run(sql`update images set leased_until = now() - interval '1 second'`);
    await endLeases(services);
    expect(await db.one(sql`select scan_state, scan_reason, leased_to from images`)).toEqual({ scan_state: 'not-scanned', scan_reason: 'The sensor that analysed it brought no result in time.', leased_to: null });
    await db.run(sql`update images set leased_until = now() - interval '1 second', attempts = 3`);
    await endLeases(services);
    expect(await db.one(sql`select scan_state from images`)).toEqual({ scan_state: 'failed' });
  });

  it('keeps the SBOM of an image that is analysed again, also when that fails', async () => {
    await settled();
    await say(sensor, EPOCH, { kind: 'images', images: [imageFacts(1)] }, { kind: 'sbom', imageId: imageId(1), sbom: packed(sbomOf([packageOf('bash')])) });
    expect(idsOf(await ask())).toEqual([]);
    await requestRescan(db, imageId(1));
    expect(idsOf(await ask())).toEqual([imageId(1)]);
    await say(sensor, EPOCH, { kind: 'scan-failed', imageId: imageId(1), code: 'x', reason: 'broken' });
    expect(await db.one(sql`select scan_state, scan_reason, sbom_id is not null as kept from images`)).toEqual({ scan_state: 'scanned', scan_reason: null, kept: true });
  });

  it('is waited for, and comes as soon as there is some', async () => {
    await settled();
    const waiting = ask(busy, sensor, 30);
    await say(sensor, EPOCH, { kind: 'images', images: [imageFacts(1)] });
    expect(idsOf(await waiting)).toEqual([imageId(1)]);
  });

  it('is not given to a sensor that hung up', async () => {
    await settled();
    const hangUp = new AbortController();
    const waiting = ask(busy, sensor, 30, hangUp.signal);
    setTimeout(() => hangUp.abort(), 50);
    expect(idsOf(await waiting)).toEqual([]);
    await say(sensor, EPOCH, { kind: 'images', images: [imageFacts(1)] });
    expect(await db.one(sql`select leased_to from images`)).toEqual({ leased_to: null });
  });
});

describe('silence', () => {
  const silentFor = (minutes: number) => db.run(sql`update sensors set last_seen = now() - ${minutes} * interval '1 minute'`);
  const watchedFor = (minutes: number, last = 1) =>
    db.run(sql`
      insert into settings (key, value, changed_at) values ('sensors-watch', jsonb_build_object('since', now() - ${minutes} * interval '1 minute'), now() - ${last} * interval '1 minute')
      on conflict (key) do update set value = excluded.value, changed_at = excluded.changed_at`);
  const eventKinds = async () => (await db.query<{ kind: string }>(sql`select kind from events where kind like 'sensor-%' order by id`)).map(({ kind }) => kind);
  const gaps = () => db.query(sql`select round(extract(epoch from coalesce(to_at, now()) - from_at) / 60)::int as minutes, to_at is null as open from sensor_gaps`);

  it('is noted once, and ends when the sensor is back', async () => {
    await watchedFor(60);
    await silentFor(1);
    await noteAway(services);
    expect(await gaps()).toEqual([]);
    await silentFor(10);
    await noteAway(services);
    await noteAway(services);
    expect(await gaps()).toEqual([{ minutes: 10, open: true }]);
    expect(await eventKinds()).toEqual(['sensor-away']);
    await ask();
    expect(await gaps()).toEqual([{ minutes: 10, open: false }]);
    expect(await eventKinds()).toEqual(['sensor-away', 'sensor-back']);
    await ask();
    expect(await eventKinds()).toHaveLength(2);
  });

  it('is seen by the heartbeat itself when no watch came between', async () => {
    await watchedFor(60);
    await silentFor(3);
    await ask();
    expect(await gaps()).toEqual([{ minutes: 3, open: false }]);
  });

  it('is not the sensors’ while no server was there to hear them', async () => {
    await watchedFor(600, 30);
    await silentFor(30);
    await noteAway(services);
    expect(await gaps()).toEqual([]);
    await ask();
    expect(await gaps()).toEqual([]);
    // One that does not come back either is away all the same.
    await watchedFor(5);
    await silentFor(30);
    await noteAway(services);
    expect(await gaps()).toEqual([{ minutes: 30, open: true }]);
  });
});
