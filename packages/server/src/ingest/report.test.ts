import type { MessageBody } from '@plimsoll/model/api';
import fc from 'fast-check';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database, Queryable } from '../context.ts';
import { testDatabase } from '../storage/testing.ts';
import { testServices, type TestServices } from '../testing/services.ts';
import type { SensorIdentity } from './credentials.ts';
import { containerFacts, containerId, emptied, enrolledSensor, EPOCH, hostFacts, imageFacts, imageId, inventory, numbered, packageOf, packed, sbomOf, type TestMessage } from './ingest.fixtures.ts';
import { takeReport } from './report.ts';

let db: Database;
let close: () => Promise<void>;
let services: TestServices;
let sensor: SensorIdentity;

beforeAll(async () => {
  ({ db, close } = await testDatabase());
});
afterAll(() => close());

async function begin() {
  await emptied(db);
  services = testServices({ db });
  sensor = await enrolledSensor(db);
}
beforeEach(begin);

let next = 1;
beforeEach(() => {
  next = 1;
});
async function say(...bodies: MessageBody[]): Promise<{ acked: number }> {
  const messages = numbered(bodies, next);
  next += bodies.length;
  return takeReport(services, sensor, { epoch: EPOCH, messages });
}
const eventKinds = async () => (await db.query<{ kind: string }>(sql`select kind from events where kind <> 'host-enrolled' order by id`)).map(({ kind }) => kind);

describe('reports', () => {
  it('bring the host’s facts and tags', async () => {
    await say({ kind: 'host', host: hostFacts({ tags: ['prod', ' blue '] }) });
    expect(await db.one(sql`select name, os_name, memory, provider, is_docker_host, tags from hosts`)).toEqual({
      name: 'web-1', os_name: 'Debian GNU/Linux 12 (bookworm)', memory: 8e9, provider: 'AWS', is_docker_host: true, tags: ['blue', 'prod'],
    });
    // A person gave one of them as well: that stays when the sensor's goes.
    await db.run(sql`insert into tags (name) values ('mine')`);
    await db.run(sql`insert into taggings (tag_id, entity, asset) select id, 'hosts', ${sensor.hostId} from tags where name = 'mine'`);
    await say({ kind: 'host', host: hostFacts({ tags: [] }) });
    expect(await db.one(sql`select tags from hosts`)).toEqual({ tags: ['mine'] });
  });

  it('bring images with their names, and take them away', async () => {
    const digest = `nginx@sha256:${'a'.repeat(64)}`;
    await say({ kind: 'images', images: [imageFacts(1, { references: ['nginx:latest', 'nginx:1.27', '<none>:<none>'], digests: [digest] }), imageFacts(2, { references: [] })] });
    expect(await db.query(sql`select image_id, name, gone_at, scan_state from images order by id`)).toEqual([
      { image_id: imageId(1), name: 'nginx:1.27', gone_at: null, scan_state: 'not-scanned' },
      { image_id: imageId(2), name: '000000000000', gone_at: null, scan_state: 'not-scanned' },
    ]);
    expect(await db.query(sql`select registry, repository, tag, digest from image_references order by tag nulls last`)).toEqual([
      { registry: 'docker.io', repository: 'library/nginx', tag: '1.27', digest: null },
      { registry: 'docker.io', repository: 'library/nginx', tag: 'latest', digest: null },
      { registry: 'docker.io', repository: 'library/nginx', tag: null, digest: `sha256:${'a'.repeat(64)}` },
    ]);
    await say({ kind: 'images', images: [imageFacts(2)] }, { kind: 'image-gone', imageId: imageId(2) });
    expect(await db.one(sql`select count(*) as gone from images where gone_at is not null`)).toEqual({ gone: 2 });
    await say({ kind: 'image', image: imageFacts(1) });
    expect(await db.one(sql`select i.gone_at, h.gone_at as let_go from images i join image_hosts h on h.image_id = i.id where i.image_id = ${imageId(1)}`)).toEqual({ gone_at: null, let_go: null });
    expect(await eventKinds()).toEqual(['image-new', 'image-new']);
  });

  it('move a tag from one image to the next', async () => {
    const tagged = (n: number, ...references: string[]) => ({ kind: 'image' as const, image: imageFacts(n, { references }) });
    await say(tagged(1, 'shop:1', 'shop:latest'), tagged(2, 'shop:2', 'shop:latest'), tagged(1, 'shop:1'));
    expect(await db.query(sql`select i.image_id, array_agg(r.tag order by r.tag) as tags from images i join image_references r on r.image_id = i.id group by 1 order by 1`)).toEqual([
      { image_id: imageId(1), tags: ['1'] },
      { image_id: imageId(2), tags: ['2', 'latest'] },
    ]);
    // One that lost its last name is still known by it.
    await say(tagged(1));
    expect(await db.one(sql`select name from images where image_id = ${imageId(1)}`)).toEqual({ name: 'shop:1' });
  });

  it('keep an image that another host still has, with that host’s names', async () => {
    const other = await enrolledSensor(db, 'web-2');
    await say({ kind: 'images', images: [imageFacts(1, { references: ['a:1'] })] });
    await takeReport(services, other, { epoch: 'other-epoch', messages: numbered([{ kind: 'images', images: [imageFacts(1, { references: ['b:1'] })] }]) });
    await say({ kind: 'images', images: [] });
    expect(await db.one(sql`select name, gone_at from images`)).toEqual({ name: 'b:1', gone_at: null });
    await takeReport(services, other, { epoch: 'other-epoch', messages: numbered([{ kind: 'image-gone', imageId: imageId(1) }], 2) });
    expect(await db.one(sql`select gone_at is null as here from images`)).toEqual({ here: false });
  });

  it('keep an image that one host lets go of while another takes it', async () => {
    const other = await enrolledSensor(db, 'web-2');
    for (let round = 1; round <= 15; round++) {
      const [own, others] = [numbered([{ kind: 'image', image: imageFacts(1) }, { kind: 'image-gone', imageId: imageId(1) }], 2 * round - 1), numbered([{ kind: 'image-gone', imageId: imageId(1) }, { kind: 'image', image: imageFacts(1) }], 2 * round - 1)];
      await Promise.all([takeReport(services, sensor, { epoch: EPOCH, messages: own.slice(0, 1) }), takeReport(services, other, { epoch: 'other-epoch', messages: others.slice(0, 1) })]);
      await Promise.all([takeReport(services, sensor, { epoch: EPOCH, messages: own }), takeReport(services, other, { epoch: 'other-epoch', messages: others })]);
      expect(await db.one(sql`select gone_at is null as here from images`)).toEqual({ here: true });
    }
  });

  it('bring containers, linked to their images, and take them away', async () => {
    await say({ kind: 'containers', containers: [containerFacts(1), containerFacts(2, { imageId: imageId(7), image: 'ghcr.io/acme/shop:7' }), containerFacts(3, { imageId: null })] });
    expect(await db.query(sql`select c.name, i.name as image, c.state, c.started, c.ports, c.capabilities, c.command, c.mounts from containers c left join images i on i.id = c.image_id order by 1`)).toMatchObject([
      { name: 'container-1', image: 'app1:1.1', state: 'running', ports: ['0.0.0.0:80->80/tcp'], capabilities: ['+NET_ADMIN'], command: ['serve', '--all'], mounts: [{ source: '/data', destination: '/data', mode: 'rw' }] },
      { name: 'container-2', image: 'ghcr.io/acme/shop:7' },
      { name: 'container-3', image: null },
    ]);
    await say({ kind: 'container', container: containerFacts(1, { state: 'exited', exitCode: 137 }) }, { kind: 'container-gone', containerId: containerId(2) });
    expect(await db.query(sql`select state, exit_code, gone_at is not null as gone from containers order by name`)).toEqual([
      { state: 'exited', exit_code: 137, gone: false }, { state: 'running', exit_code: 0, gone: true }, { state: 'running', exit_code: 0, gone: false },
    ]);
    // The image of the one that went was known by it only.
    expect(await db.query(sql`select image_id from images where gone_at is not null`)).toEqual([{ image_id: imageId(7) }]);
    await say({ kind: 'containers', containers: [containerFacts(2, { imageId: imageId(7) })] });
    expect(await db.query(sql`select name from containers where gone_at is null`)).toEqual([{ name: 'container-2' }]);
    expect(await db.query(sql`select image_id from images where gone_at is null`)).toEqual([{ image_id: imageId(7) }]);
  });

  it('do not let one host take another’s container while its sensor lives', async () => {
    const other = await enrolledSensor(db, 'web-2');
    await say({ kind: 'container', container: containerFacts(1) });
    const claim = (seq: number) => takeReport(services, other, { epoch: 'other-epoch', messages: numbered([{ kind: 'container', container: containerFacts(1, { name: 'mine-now' }) }], seq) });
    await claim(1);
    expect(await db.one(sql`select name, host_id from containers`)).toEqual({ name: 'container-1', host_id: sensor.hostId });
    await db.run(sql`update sensors set last_seen = now() - interval '1 hour' where id = ${sensor.sensorId}`);
    await claim(2);
    expect(await db.one(sql`select name, host_id from containers`)).toEqual({ name: 'mine-now', host_id: other.hostId });
  });

  it('do not write again what is known', async () => {
    const snapshot: MessageBody[] = [
      { kind: 'images', images: Array.from({ length: 20 }, (_, i) => imageFacts(i)) },
      { kind: 'containers', containers: Array.from({ length: 50 }, (_, i) => containerFacts(i, { imageId: imageId(i % 20) })) },
    ];
    await say(...snapshot);
    const versions = () => db.query(sql`select ctid::text, xmin::text from containers union all select ctid::text, xmin::text from images union all select ctid::text, xmin::text from image_hosts`);
    const before = await versions();
    services.published.length = 0;
    await say(...snapshot);
    expect(await versions()).toEqual(before);
    expect(services.published).toEqual([]);
  });

  it('keep events, and tell of gaps', async () => {
    await say(
      { kind: 'activity', events: [{ time: '2026-01-02T03:04:05Z', kind: 'container-died', severity: 3, message: 'web died', containerId: containerId(1), imageId: null, detail: { exitCode: 137 } }] },
      { kind: 'gap', from: '2026-01-02T03:00:00Z', to: '2026-01-02T03:05:00Z', dropped: 12, reason: 'The spool was full.' },
    );
    expect(await db.query(sql`select kind, severity, message, container_id, detail from events where kind <> 'host-enrolled' order by id`)).toMatchObject([
      { kind: 'container-died', severity: 3, message: 'web died', container_id: containerId(1), detail: { exitCode: 137 } },
      { kind: 'sensor-gap', detail: { dropped: 12 } },
    ]);
    expect(await db.query(sql`select dropped, reason from sensor_gaps`)).toEqual([{ dropped: 12, reason: 'The spool was full.' }]);
  });

  it('bring SBOMs, which are then matched', async () => {
    await say({ kind: 'images', images: [imageFacts(1)] });
    await say({ kind: 'sbom', imageId: imageId(1), sbom: packed(sbomOf([packageOf('bash'), packageOf('zlib')])) }, { kind: 'host-sbom', sbom: packed(sbomOf([packageOf('systemd')])) });
    expect(await db.one(sql`select i.scan_state, s.packages from images i join sboms s on s.id = i.sbom_id`)).toEqual({ scan_state: 'scanned', packages: 2 });
    expect(await db.one(sql`select h.scan_state, s.packages from hosts h join sboms s on s.id = h.sbom_id`)).toEqual({ scan_state: 'scanned', packages: 1 });
    expect(services.sent.map(({ job, data }) => ({ job, data }))).toEqual([
      { job: 'match', data: { sbomIds: [1], cause: 'new-image' } },
      { job: 'match', data: { sbomIds: [2], cause: 'new-host' } },
    ]);
    await say({ kind: 'host-sbom', sbom: packed(sbomOf([packageOf('systemd', '2.0')])) });
    expect(services.sent.at(-1)).toMatchObject({ data: { sbomIds: [2], cause: 'changed-packages' } });
  });

  it('tell after commit what changed', async () => {
    await say({ kind: 'images', images: [imageFacts(1)] }, { kind: 'containers', containers: [containerFacts(1)] });
    expect(services.published).toContainEqual({ topic: 'containers', ids: [containerId(1)] });
    expect(services.published).toContainEqual({ topic: 'images', ids: [imageId(1)] });
    expect(services.published).toContainEqual({ topic: 'events' });
  });
});

describe('numbers of messages', () => {
  it('are taken once, however often they come', async () => {
    const messages = numbered([{ kind: 'images', images: [imageFacts(1)] }, { kind: 'activity', events: [{ time: '2026-01-02T03:04:05Z', kind: 'image-pulled', severity: 1, message: 'pulled', containerId: null, imageId: null, detail: {} }] }]);
    expect(await takeReport(services, sensor, { epoch: EPOCH, messages })).toEqual({ acked: 2 });
    const once = await inventory(db);
    expect(await takeReport(services, sensor, { epoch: EPOCH, messages })).toEqual({ acked: 2 });
    expect(await takeReport(services, sensor, { epoch: EPOCH, messages: messages.slice(0, 1) })).toEqual({ acked: 2 });
    expect(await inventory(db)).toEqual(once);
  });

  it('that are missing are noted as a gap', async () => {
    await say({ kind: 'images', images: [] });
    next = 5;
    expect(await say({ kind: 'images', images: [] })).toEqual({ acked: 5 });
    expect(await db.query(sql`select dropped from sensor_gaps`)).toEqual([{ dropped: 3 }]);
  });

  it('start anew with a new spool, which is noted and asks for a snapshot', async () => {
    await say({ kind: 'containers', containers: [] });
    expect(await db.one(sql`select wants_snapshot from sensors`)).toEqual({ wants_snapshot: false });
    expect(await takeReport(services, sensor, { epoch: 'epoch-two', messages: numbered([{ kind: 'images', images: [imageFacts(3)] }]) })).toEqual({ acked: 1 });
    expect(await db.one(sql`select epoch, acked, wants_snapshot from sensors`)).toEqual({ epoch: 'epoch-two', acked: 1, wants_snapshot: true });
    expect(await eventKinds()).toEqual(['sensor-gap', 'image-new']);
  });

  it('sent twice at once are taken once', async () => {
    const messages = numbered(Array.from({ length: 5 }, (_, i) => ({ kind: 'activity' as const, events: [{ time: '2026-01-02T03:04:05Z', kind: 'image-pulled', severity: 1, message: `pulled ${i}`, containerId: null, imageId: null, detail: {} }] })));
    await Promise.all([1, 2, 3].map(() => takeReport(services, sensor, { epoch: EPOCH, messages })));
    expect(await db.one(sql`select count(*) as events from events where kind = 'image-pulled'`)).toEqual({ events: 5 });
  });
});

describe('messages that cannot be taken', () => {
  it('are noted and do not hold up the others', async () => {
    const answer = await takeReport(services, sensor, {
      epoch: EPOCH,
      messages: [
        ...numbered([{ kind: 'images', images: [imageFacts(1)] }, { kind: 'sbom', imageId: imageId(1), sbom: 'bm90IGd6aXA=' }, { kind: 'sbom', imageId: imageId(9), sbom: packed(sbomOf([])) }]),
        { seq: 4, time: new Date().toISOString(), body: { kind: 'from-the-future' } },
        { seq: 5, time: new Date().toISOString(), body: { kind: 'image', image: { imageId: 'none' } } as unknown as { kind: string } },
        ...numbered([{ kind: 'images', images: [imageFacts(1), imageFacts(2)] }], 6),
      ],
    });
    expect(answer).toEqual({ acked: 6 });
    expect(await db.query(sql`select detail ->> 'code' as code from events where kind = 'report-refused' order by id`)).toEqual([
      { code: 'sbom-unreadable' }, { code: 'sbom-of-foreign-image' }, { code: 'message-invalid' }, { code: 'message-invalid' },
    ]);
    expect(await db.query(sql`select scan_state, scan_reason from images order by id`)).toEqual([
      { scan_state: 'failed', scan_reason: 'The SBOM is not gzipped, or was damaged on its way.' }, { scan_state: 'not-scanned', scan_reason: null },
    ]);
  });

  it('by what the database refuses are undone alone', async () => {
    // A tag that somebody forbade stands for any value that only the database finds wrong.
    await db.run(sql`alter table hosts add constraint no_such_kernel check (kernel <> 'forbidden')`);
    const answer = await say({ kind: 'image', image: imageFacts(1) }, { kind: 'host', host: hostFacts({ kernel: 'forbidden' }) }, { kind: 'image', image: imageFacts(2) });
    expect(answer).toEqual({ acked: 3 });
    expect(await eventKinds()).toEqual(['image-new', 'report-refused', 'image-new']);
    await db.run(sql`alter table hosts drop constraint no_such_kernel`);
  });

  it('do not hide a container by a label that the database cannot hold', async () => {
    await say({ kind: 'containers', containers: [containerFacts(1, { labels: { 'a\0b': 'x\ud800y', ok: '\\u0000' }, name: 'n\0', pid: 2 ** 40, created: '0000-01-01T00:00:00Z' })] });
    expect(await db.one(sql`select name, labels, pid, created from containers`)).toEqual({ name: 'n\ufffd', labels: { 'a\ufffdb': 'x\ufffdy', ok: '\\u0000' }, pid: null, created: null });
  });

  it('do not pass for taken when the database fails', async () => {
    await expect(takeReport({ ...services, db: failing(db, 6) }, sensor, { epoch: EPOCH, messages: numbered([{ kind: 'images', images: [imageFacts(1)] }]) })).rejects.toThrow('gone away');
    expect(await db.one(sql`select (select count(*) from images) as images, acked from sensors`)).toEqual({ images: 0, acked: 0 });
  });
});

/** The database goes away at the n-th statement of a transaction, as if the process were killed there. */
function failing(real: Database, after: number): Database {
  let left = after;
  const guard = <A extends unknown[], R>(run: (...given: A) => Promise<R>) => async (...given: A): Promise<R> => {
    if (left-- <= 0) throw new Error('The database has gone away');
    return run(...given);
  };
  const over = (tx: Queryable): Queryable => ({ query: guard(tx.query) as Queryable['query'], one: guard(tx.one) as Queryable['one'], run: guard(tx.run) });
  return { ...real, transaction: (work) => real.transaction((tx) => work(over(tx))) };
}

describe('any way of sending', () => {
  const number = fc.integer({ min: 1, max: 4 });
  const bodies: fc.Arbitrary<MessageBody> = fc.oneof(
    number.map((n): MessageBody => ({ kind: 'image', image: imageFacts(n) })),
    fc.tuple(number, fc.constantFrom('a:1', 'a:latest', 'b:2')).map(([n, name]): MessageBody => ({ kind: 'image', image: imageFacts(n, { references: [name] }) })),
    fc.uniqueArray(number).map((list): MessageBody => ({ kind: 'images', images: list.map((n) => imageFacts(n)) })),
    number.map((n): MessageBody => ({ kind: 'image-gone', imageId: imageId(n) })),
    fc.tuple(number, number, fc.constantFrom('running' as const, 'exited' as const)).map(([n, image, state]): MessageBody => ({ kind: 'container', container: containerFacts(n, { imageId: imageId(image), state }) })),
    fc.uniqueArray(number).map((list): MessageBody => ({ kind: 'containers', containers: list.map((n) => containerFacts(n)) })),
    number.map((n): MessageBody => ({ kind: 'container-gone', containerId: containerId(n) })),
    fc.tuple(number, fc.uniqueArray(fc.constantFrom('bash', 'zlib', 'curl'))).map(([n, names]): MessageBody => ({ kind: 'sbom', imageId: imageId(n), sbom: packed(sbomOf(names.map((name) => packageOf(name)))) })),
    fc.uniqueArray(fc.constantFrom('bash', 'zlib', 'curl')).map((names): MessageBody => ({ kind: 'host-sbom', sbom: packed(sbomOf(names.map((name) => packageOf(name)))) })),
    number.map((n): MessageBody => ({ kind: 'scan-failed', imageId: imageId(n), code: 'x', reason: `no ${n}` })),
    fc.uniqueArray(fc.constantFrom('prod', 'blue')).map((tags): MessageBody => ({ kind: 'host', host: hostFacts({ tags }) })),
    number.map((n): MessageBody => ({ kind: 'activity', events: [{ time: '2026-01-02T03:04:05Z', kind: 'container-started', severity: 1, message: `event ${n}`, containerId: null, imageId: null, detail: { n } }] })),
    fc.constant<MessageBody>({ kind: 'sbom', imageId: imageId(1), sbom: 'broken' }),
  );
  /** How one report goes: how many messages it has, how far it falls back, and at which statement it fails, if it does. */
  const step = fc.record({ size: fc.integer({ min: 1, max: 5 }), back: fc.integer({ min: 0, max: 4 }), fails: fc.option(fc.integer({ min: 0, max: 25 }), { freq: 2 }) });

  it('ends in the same tables', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bodies, { minLength: 1, maxLength: 10 }), fc.array(step, { maxLength: 12 }), async (list, steps) => {
        const messages = numbered(list);
        const plainly = await inFresh(async (into, own) => void (await takeReport(into, own, { epoch: EPOCH, messages })));
        const wildly = await inFresh(async (into, own) => wild(into, own, messages, steps));
        expect(wildly).toEqual(plainly);
      }),
      { numRuns: process.env['PLIMSOLL_SUITES'] === 'all' ? 100 : 12 },
    );
  }, 120_000);

  async function inFresh(work: (into: TestServices, own: SensorIdentity) => Promise<void>) {
    await begin();
    await work(services, sensor);
    return inventory(db);
  }

  async function wild(into: TestServices, own: SensorIdentity, messages: TestMessage[], steps: { size: number; back: number; fails: number | null }[]) {
    let acked = 0;
    for (const { size, back, fails } of [...steps, { size: messages.length, back: 3, fails: null }]) {
      const from = Math.max(0, acked - back);
      const some = messages.slice(from, acked + size);
      const over = fails === null ? into : { ...into, db: failing(into.db, fails) };
      try {
        ({ acked } = await takeReport(over, own, { epoch: EPOCH, messages: some }));
      } catch (error) {
        expect(String(error)).toContain('gone away');
      }
    }
  }
});

it('a sensor that is revoked while it reports is refused, which is no failure of the server', async () => {
  await db.run(sql`update sensors set revoked_at = now() where id = ${sensor.sensorId}`);
  await expect(say({ kind: 'host', host: hostFacts() })).rejects.toMatchObject({ status: 401 });
});

describe('a hostile sensor', () => {
  const event = (more: object) => ({ time: new Date().toISOString(), kind: 'container-oom', severity: 5, message: 'forged', containerId: null, imageId: null, detail: {}, ...more });

  it('cannot write into the history of another host’s container', async () => {
    await say({ kind: 'container', container: containerFacts(1) });
    const other = await enrolledSensor(db, 'other');
    await takeReport(services, other, { epoch: EPOCH, messages: numbered([{ kind: 'activity', events: [event({ containerId: containerId(1) }), event({ containerId: containerId(2) })] }]) });
    expect(await db.query(sql`select container_id from events where message = 'forged' order by id`)).toEqual([{ container_id: null }, { container_id: containerId(2) }]);
  });

  it('cannot date events back beyond what is kept', async () => {
    await say({ kind: 'activity', events: [event({ time: '0001-01-01T00:00:00Z' })] });
    expect(await db.one(sql`select at > now() - interval '91 days' as kept from events where message = 'forged'`)).toEqual({ kept: true });
  });

  it('cannot tell of gaps that no sum can hold', async () => {
    const gap = (from: string, to: string, dropped: number): MessageBody => ({ kind: 'gap', from, to, dropped, reason: 'x' });
    await say(gap('0001-01-01T00:00:00Z', '9999-12-31T00:00:00Z', 0), gap('2026-01-02T00:00:00Z', '2020-01-01T00:00:00Z', Number.MAX_SAFE_INTEGER));
    const [message] = numbered([gap('2026-01-02T00:00:00Z', '2020-01-01T00:00:00Z', 1)]);
    await takeReport(services, sensor, { epoch: EPOCH, messages: [{ ...message!, seq: Number.MAX_SAFE_INTEGER }] });
    const gaps = await db.query<{ days: number; dropped: number }>(sql`select extract(epoch from to_at - from_at)::float8 / 86400 as days, dropped from sensor_gaps`);
    expect(gaps).toHaveLength(4);
    for (const { days, dropped } of gaps) {
      expect(days).toBeGreaterThanOrEqual(0);
      expect(days).toBeLessThan(91);
      expect(dropped).toBeLessThanOrEqual(1e9);
    }
  });

  it('cannot make tags without end, nor ones that look like another', async () => {
    await db.run(sql`insert into tags (name) values ('Prod')`);
    await say({ kind: 'host', host: hostFacts({ tags: ['PROD', 'blue', 'Blue'] }) });
    expect(await db.query(sql`select lower(name) as name from tags order by 1`)).toEqual([{ name: 'blue' }, { name: 'prod' }]);
    expect(await db.one(sql`select tags[2] as tag, cardinality(tags) as n from hosts`)).toEqual({ tag: 'Prod', n: 2 });
    await db.run(sql`insert into tags (name) select 'filler ' || n from generate_series(1, 2000) n`);
    await say({ kind: 'host', host: hostFacts({ tags: ['one-more', 'prod'] }) });
    expect(await db.one(sql`select tags from hosts`)).toEqual({ tags: ['Prod'] });
  });
});
