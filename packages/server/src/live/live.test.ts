import { Client } from 'pg';
import { pino } from 'pino';
import sql from 'sql-template-tag';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Live, LiveChange } from '../context.ts';
import { emptyDatabase } from '../storage/testing.ts';
import type { TestDatabase } from '../storage/testing.ts';
import { createLive } from './index.ts';

const log = pino({ level: 'silent' });
let made: TestDatabase;
let open: Live[] = [];

beforeAll(async () => {
  made = await emptyDatabase();
});
afterAll(() => made.close());
afterEach(async () => {
  await Promise.all(open.map((live) => live.close()));
  open = [];
});

/** One server process, and what it heard. */
async function server(): Promise<{ live: Live; heard: LiveChange[]; leave: () => void }> {
  const live = await createLive(made.db, log);
  open.push(live);
  const heard: LiveChange[] = [];
  const leave = live.subscribe((change) => heard.push(change));
  return { live, heard, leave };
}

test('every server hears of a change once, the one that says it too', async () => {
  const [a, b] = [await server(), await server()];
  a.live.publish({ topic: 'hosts', ids: ['h1'] });
  await vi.waitFor(() => expect(b.heard).toEqual([{ topic: 'hosts', ids: ['h1'] }]));
  b.live.publish({ topic: 'tags' });
  await vi.waitFor(() => expect(a.heard).toEqual([{ topic: 'hosts', ids: ['h1'] }, { topic: 'tags' }]));
  expect(b.heard).toEqual([{ topic: 'hosts', ids: ['h1'] }, { topic: 'tags' }]);
});

test('many changes of a topic are gathered, ids together; other topics do not wait', async () => {
  const [a, b] = [await server(), await server()];
  for (let i = 0; i < 40; i++) a.live.publish({ topic: 'containers', ids: [`c${i % 30}`] });
  a.live.publish({ topic: 'images' });
  await vi.waitFor(() => expect(b.heard).toHaveLength(3));
  const ids = b.heard.filter((change) => change.topic === 'containers').map((change) => change.ids?.length);
  expect(ids).toEqual([1, 30]);
});

test('more ids than a few become "some"', async () => {
  const [a, b] = [await server(), await server()];
  a.live.publish({ topic: 'hosts', ids: Array.from({ length: 51 }, (_, i) => `h${i}`) });
  a.live.publish({ topic: 'hosts', ids: ['one more'] });
  a.live.publish({ topic: 'hosts' });
  a.live.publish({ topic: 'hosts', ids: ['and one'] });
  await vi.waitFor(() => expect(b.heard).toEqual([{ topic: 'hosts' }, { topic: 'hosts' }]));
});

test('ids too long for a notification are left out of it', async () => {
  const [a, b] = [await server(), await server()];
  a.live.publish({ topic: 'images', ids: Array.from({ length: 40 }, (_, i) => `${i}`.padEnd(400, 'x')) });
  await vi.waitFor(() => expect(b.heard).toEqual([{ topic: 'images' }]));
});

test('who left hears no more; a listener that throws harms no other', async () => {
  const [a, b] = [await server(), await server()];
  b.leave();
  a.live.subscribe(() => {
    throw new Error('broken');
  });
  const later: LiveChange[] = [];
  a.live.subscribe((change) => later.push(change));
  a.live.publish({ topic: 'events' });
  await vi.waitFor(() => expect(later).toEqual([{ topic: 'events' }]));
  expect(b.heard).toEqual([]);
});

test('what is pending at the end is still told', async () => {
  const [a, b] = [await server(), await server()];
  a.live.publish({ topic: 'hosts', ids: ['1'] });
  a.live.publish({ topic: 'hosts', ids: ['2'] });
  await a.live.close();
  // Each goes by a connection of its own: which comes first is open.
  await vi.waitFor(() => expect(b.heard.map(({ topic, ids }) => ({ topic, ids })).sort((one, other) => (String(one.ids) < String(other.ids) ? -1 : 1))).toEqual([{ topic: 'hosts', ids: ['1'] }, { topic: 'hosts', ids: ['2'] }]));
});

test('after a lost connection every topic is signalled, and changes are heard again', async () => {
  const [a, b] = [await server(), await server()];
  await made.db.run(sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'plimsoll live' and datname = current_database()`);
  const all = ['hosts', 'images', 'containers', 'events', 'sensors', 'findings', 'advisories', 'tags'].map((topic) => ({ topic }));
  await vi.waitFor(() => expect(b.heard).toEqual(all), { timeout: 10_000 });
  a.live.publish({ topic: 'hosts', ids: ['x'] });
  await vi.waitFor(() => expect(b.heard.at(-1)).toEqual({ topic: 'hosts', ids: ['x'] }));
});

test('what no server says is not heard', async () => {
  const a = await server();
  const client = new Client({ connectionString: made.url });
  await client.connect();
  for (const payload of ['', 'null', '{', '[]', '{"from":"x","topic":"__proto__"}', '{"from":"x","topic":"users"}', '{"topic":"hosts"}']) {
    await client.query('select pg_notify($1, $2)', ['plimsoll_live', payload]);
  }
  await client.query('select pg_notify($1, $2)', ['plimsoll_live', '{"from":"x","topic":"hosts","ids":[1]}']);
  await client.end();
  await vi.waitFor(() => expect(a.heard).toEqual([{ topic: 'hosts' }]));
});
