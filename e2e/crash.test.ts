/** Servers are killed; nothing that a sensor reported is lost or doubled, and people go on. */
import type { ContainerRow, EventRow, ImageRow } from '@plimsoll/model/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolMadeSensor, madeContainer, madeHost, madeImageId, madeSbom } from './support/made-sensor.ts';
import { makeWorkplace, type Workplace } from './support/plimsoll.ts';
import { freePort, postgresPrograms, startPostgres, type PostgresServer } from './support/postgres.ts';
import { signIn, signInAsAdmin, startServerProcess, until, ADMIN, type Client, type ServerProcess } from './support/server.ts';

const EVENTS = 400;
const IMAGES = 20;

/** What a sensor reports in this file: containers, images with SBOMs, and numbered events in between. */
function* story(): Generator<Parameters<Awaited<ReturnType<typeof enrolMadeSensor>>['say']>[0]> {
  yield madeHost('crash');
  for (let i = 0; i < EVENTS; i++) {
    yield { kind: 'activity', events: [{ time: new Date(Date.now() - EVENTS + i).toISOString(), kind: 'container-started', severity: 1, message: `number ${i}`, containerId: null, imageId: null, detail: {} }] };
    if (i % 4 === 0) yield madeContainer(`c${i}`);
    if (i % (EVENTS / IMAGES) === 0) yield* madeSbom(`made:${i}`, { openssl: '1.1.1c-r0', musl: '1.1.24-r2', [`only-${i}`]: '1.0-r0' });
  }
}

async function check(client: Client): Promise<void> {
  const numbers = (await allRows<EventRow>(client, 'events', 'kind:container-started')).map((event) => Number(/^number (\d+)$/.exec(event.message)?.[1]));
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: EVENTS }, (_, i) => i));
  expect((await client.search<ContainerRow>('containers')).total).toBe(EVENTS / 4);
  await until('all images are matched', async () => {
    const { rows } = await client.search<ImageRow>('images', 'vulnerabilities.package:openssl');
    return rows.length === IMAGES;
  }, 90);
  const { rows } = await client.search<ImageRow>('images');
  expect(rows.length).toBe(IMAGES);
  // All have the same packages with advisories, so the same findings.
  expect(new Set(rows.map((row) => JSON.stringify(row.vulnerabilities))).size).toBe(1);
  expect(rows.every((row) => row.scanState === 'scanned' && row.packages === 3)).toBe(true);
}

async function allRows<Row>(client: Client, entity: string, query: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const page = await client.get<{ rows: Row[]; total: number }>(`/api/v1/search/${entity}?query=${encodeURIComponent(query)}&limit=100&offset=${rows.length}`);
    rows.push(...page.rows);
    if (page.rows.length === 0 || rows.length >= page.total) return rows;
  }
}

describe('a server that is killed while it takes reports', () => {
  let place: Workplace;
  let server: ServerProcess;
  beforeAll(() => {
    place = makeWorkplace();
  });
  afterAll(async () => {
    await server?.stop();
    place.remove();
  });

  it('has everything once when it is back', async () => {
    const port = await freePort();
    const start = () => startServerProcess({ dataDir: place.path('data'), args: ['--port', String(port)] });
    server = await start();
    const ada = await signInAsAdmin(server);
    const sensor = await enrolMadeSensor(() => server.url, ada, 'crash');
    for (const body of story()) sensor.say(body);
    let sent = 0;
    let kills = 0;
    let restarting: Promise<void> | undefined;
    await sensor.flush({
      batch: 15,
      onSent() {
        // In the middle of a request: at another moment of it each time.
        if (++sent % 9 === 0 && kills < 4 && !restarting) {
          kills++;
          restarting = new Promise((resolve) => setTimeout(resolve, kills * 4))
            .then(() => server.kill())
            .then(async () => {
              server = await start();
              restarting = undefined;
            });
        }
      },
    });
    await restarting;
    expect(kills).toBe(4);
    await check(await signIn(server.url, ADMIN));
  }, 240_000);
});

const needsPostgres = postgresPrograms() ? '' : ' (skipped: needs postgresql)';

describe.skipIf(needsPostgres !== '')(`two servers on one PostgreSQL${needsPostgres}`, () => {
  let place: Workplace;
  let postgres: PostgresServer;
  const servers: ServerProcess[] = [];
  beforeAll(async () => {
    place = makeWorkplace();
    postgres = await startPostgres();
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await postgres?.stop();
    place.remove();
  });

  it('share the work; when one is killed, people and sensors go on with the other', async () => {
    const env = { DATABASE_URL: postgres.url, PLIMSOLL_SECRET_KEY: Buffer.alloc(32, 7).toString('base64') };
    // Both at once: the database is migrated once.
    servers.push(...(await Promise.all(['a', 'b'].map((name) => startServerProcess({ dataDir: place.path(name), env })))));
    const [a, b] = servers as [ServerProcess, ServerProcess];
    const ada = await signInAsAdmin(a);
    const onB = await signIn(b.url, ADMIN);
    const board = await ada.send<{ id: string }>('POST', '/api/v1/dashboards', { name: 'Mine' });
    const { items } = await onB.get<{ items: { id: string }[] }>('/api/v1/dashboards');
    expect(items.map((item) => item.id)).toContain(board.id);

    let turn = 0;
    let alive = [a, b];
    const sensor = await enrolMadeSensor(() => alive[turn++ % alive.length]!.url, ada, 'crash');
    for (const body of story()) sensor.say(body);
    let sent = 0;
    await sensor.flush({
      batch: 15,
      onSent() {
        if (++sent !== 12) return;
        void a.kill();
        alive = [b];
      },
    });
    expect(alive).toEqual([b]);
    await check(onB);
    expect((await onB.search<ImageRow>('images', `id:"${madeImageId('made:0')}"`)).total).toBe(1);
  }, 240_000);
});
