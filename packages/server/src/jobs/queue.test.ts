import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import sql from 'sql-template-tag';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Job, Services } from '../context.ts';
import { buildScript } from '../storage/test-script.ts';
import { emptyDatabase } from '../storage/testing.ts';
import type { TestDatabase } from '../storage/testing.ts';
import { createQueue, startWorkers } from './queue.ts';
import type { QueueOptions, WorkQueue } from './queue.ts';

let lines: string[] = [];
const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
const scratch = mkdtempSync(join(tmpdir(), 'plimsoll-queue-'));
const script = join(scratch, 'worker.mjs');
let made: TestDatabase;
let open: WorkQueue[] = [];

beforeAll(async () => {
  await buildScript(
    script,
    `import { createQueue } from './jobs/queue.ts'; import { pino } from 'pino';
     const queue = await createQueue(process.argv[2], pino({ level: 'silent' }), { lease: 2, supervise: 1, retryDelay: 1 });
     const run = () => { console.log('running'); return new Promise(() => setInterval(() => undefined, 1000)); };
     await queue.work([{ name: 'slow', run }], {});`,
  );
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
beforeEach(async () => {
  lines = [];
  made = await emptyDatabase();
});
afterEach(async () => {
  await Promise.all(open.map((queue) => queue.close()));
  open = [];
  await made.close();
});

async function processOn(options: QueueOptions = {}): Promise<WorkQueue> {
  const queue = await createQueue(made.url, log, { lease: 2, supervise: 1, retryDelay: 1, ...options });
  open.push(queue);
  return queue;
}

/** The jobs here use nothing of the server but the queue. */
const services = (queue: WorkQueue): Services => ({ queue }) as unknown as Services;

/** A job that notes what it was given. */
function noting(name: string, more: Partial<Job<{ n: number }>> = {}): { job: Job; batches: number[][] } {
  const batches: number[][] = [];
  const job: Job<{ n: number }> = {
    name,
    run: (data) => {
      batches.push(data.map(({ n }) => n));
      return Promise.resolve();
    },
    ...more,
  };
  return { job: job as unknown as Job, batches };
}

test('work that was added before anyone works, and in another process, is done', async () => {
  const [front, back] = [await processOn(), await processOn()];
  await front.send('note', { n: 1 });
  expect(await front.waiting()).toEqual({ note: 1 });
  const { job, batches } = noting('note');
  await startWorkers([job], services(back));
  await vi.waitFor(() => expect(batches).toEqual([[1]]), { timeout: 5000 });
  await front.send('note', { n: 2 });
  await vi.waitFor(() => expect(batches).toEqual([[1], [2]]), { timeout: 5000 });
  expect(await front.waiting()).toEqual({});
});

test('an equal job that still waits is not added again; one that runs does not stop the next', async () => {
  const queue = await processOn();
  for (const n of [1, 2, 3]) await queue.send('match', { n }, { key: 'same' });
  await queue.send('match', { n: 4 }, { key: 'other' });
  await queue.send('match', { n: 5 });
  await queue.send('match', { n: 6 });
  expect(await queue.waiting()).toEqual({ match: 4 });

  let release = (): void => undefined;
  const seen: number[] = [];
  const job: Job<{ n: number }> = {
    name: 'match',
    run: async ([data]) => {
      seen.push(data?.n ?? 0);
      if (data?.n === 1) await new Promise<void>((resolve) => (release = resolve));
    },
  };
  await queue.work([job as unknown as Job], services(queue));
  await vi.waitFor(() => expect(seen).toEqual([1]), { timeout: 5000 });
  await queue.send('match', { n: 7 }, { key: 'same' });
  release();
  await vi.waitFor(() => expect(seen).toEqual([1, 4, 5, 6, 7]), { timeout: 5000 });
});

test('priority comes first, delayed work later, batches together, and only so many at once', async () => {
  const queue = await processOn();
  for (const n of [1, 2, 3, 4, 5]) await queue.send('batched', { n });
  await queue.send('batched', { n: 9 }, { priority: 5 });
  await queue.send('batched', { n: 100 }, { afterSeconds: 1 });
  let [now, most] = [0, 0];
  const batches: number[][] = [];
  const job: Job<{ n: number }> = {
    name: 'batched',
    batch: 2,
    concurrency: 2,
    run: async (data) => {
      most = Math.max(most, ++now);
      batches.push(data.map(({ n }) => n).sort((a, b) => a - b));
      await sleep(50);
      now--;
    },
  };
  await queue.work([job as unknown as Job], services(queue));
  await vi.waitFor(() => expect(batches.flat()).toHaveLength(7), { timeout: 8000 });
  expect(batches).toEqual([[1, 9], [2, 3], [4, 5], [100]]);
  expect(most).toBe(2);
});

test('a job that fails is tried again; one that always fails is dead and told', async () => {
  const queue = await processOn({ retries: 2 });
  let tries = 0;
  let failures = 0;
  await queue.work(
    [
      { name: 'flaky', run: () => (++tries < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve()) },
      { name: 'hopeless', run: () => Promise.reject(new Error(`never ${++failures}`)) },
    ],
    services(queue),
  );
  await queue.send('flaky', {});
  await queue.send('hopeless', {});
  await vi.waitFor(() => expect(tries).toBe(3), { timeout: 10_000 });
  await vi.waitFor(() => expect(lines.filter((line) => line.includes('failed for good'))).toHaveLength(1), { timeout: 15_000 });
  expect(failures).toBe(3);
  expect(JSON.parse(lines.find((line) => line.includes('failed for good')) ?? '')).toMatchObject({ job: 'hopeless', attempt: 3 });
  expect(await queue.waiting()).toEqual({});
});

test('work longer than the lease is not given to another while its process lives', async () => {
  const [a, b] = [await processOn(), await processOn()];
  let runs = 0;
  const job: Job = {
    name: 'long',
    run: async () => {
      runs++;
      await sleep(5000);
    },
  };
  await a.work([job], services(a));
  await b.work([job], services(b));
  await a.send('long', {});
  await sleep(5500);
  expect(runs).toBe(1);
  await vi.waitFor(async () => expect(await made.db.query(sql`select state from queue.job where name = 'long'`)).toEqual([{ state: 'completed' }]), { timeout: 5000 });
});

test('two processes share the work, nothing twice', async () => {
  const [a, b] = [await processOn(), await processOn()];
  const done: string[] = [];
  const job = (who: string): Job => ({
    name: 'share',
    run: async ([data]) => {
      done.push(`${who}${(data as { n: number }).n}`);
      await sleep(20);
    },
  });
  for (let n = 0; n < 30; n++) await a.send('share', { n });
  await a.work([job('a')], services(a));
  await b.work([job('b')], services(b));
  await vi.waitFor(() => expect(done).toHaveLength(30), { timeout: 10_000 });
  expect(new Set(done.map((text) => text.slice(1))).size).toBe(30);
  expect(done.some((text) => text.startsWith('a'))).toBe(true);
  expect(done.some((text) => text.startsWith('b'))).toBe(true);
});

test('what a killed process was doing is done by another', async () => {
  const queue = await processOn();
  await queue.send('slow', { n: 1 });
  const child = spawn(process.execPath, [script, made.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const { job, batches } = noting('slow');
  await queue.work([job], services(queue));
  await sleep(500);
  expect(batches).toEqual([]);
  child.kill('SIGKILL');
  await vi.waitFor(() => expect(batches).toEqual([[1]]), { timeout: 20_000 });
});

test('a job whose process is gone each time is dead and told, too', async () => {
  const queue = await processOn({ retries: 0 });
  await queue.send('fatal', {});
  // As a process does that takes it and is killed.
  await made.db.run(sql`update queue.job set state = 'active', started_on = now() - interval '1 hour' where name = 'fatal'`);
  await vi.waitFor(() => expect(lines.filter((line) => line.includes('failed for good'))).toHaveLength(1), { timeout: 10_000 });
});

test('closing waits for what runs; what takes too long is done by another at once', async () => {
  const [patient, hasty, other] = [await processOn(), await processOn({ patience: 100 }), await processOn()];
  let done = false;
  await patient.work([{ name: 'short', run: () => sleep(700).then(() => void (done = true)) }], services(patient));
  await patient.send('short', {});
  await sleep(200);
  await patient.close();
  expect(done).toBe(true);

  let started = false;
  let release = (): void => undefined;
  await hasty.work([{ name: 'endless', run: () => new Promise<void>((resolve) => { started = true; release = resolve; }) }], services(hasty));
  await hasty.send('endless', { n: 1 });
  await vi.waitFor(() => expect(started).toBe(true));
  const { job, batches } = noting('endless');
  await other.work([job], services(other));
  await hasty.close();
  await vi.waitFor(() => expect(batches).toEqual([[1]]), { timeout: 1900 });
  release();
});

test('schedules are those of the code, once for all processes', async () => {
  const [a, b] = [await processOn(), await processOn()];
  await a.work([{ name: 'old', schedule: '0 3 * * *', run: () => Promise.resolve() }], services(a));
  const { job } = noting('daily', { schedule: '5 4 * * *' });
  await b.work([job], services(b));
  expect(await made.db.query(sql`select name, cron, timezone from queue.schedule`)).toEqual([{ name: 'daily', cron: '5 4 * * *', timezone: 'UTC' }]);
});

test('many processes may start on an empty database at once', async () => {
  const queues = await Promise.all(Array.from({ length: 4 }, () => processOn()));
  await Promise.all(queues.map((queue) => queue.send('first', {}, { key: 'x' })));
  expect(await queues[0]?.waiting()).toEqual({ first: 1 });
});

test('the queue goes on after its connections were cut', async () => {
  const queue = await processOn();
  const { job, batches } = noting('note');
  await queue.work([job], services(queue));
  await made.db.run(sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'plimsoll queue' and datname = current_database()`);
  await sleep(50);
  await queue.send('note', { n: 1 });
  await vi.waitFor(() => expect(batches).toEqual([[1]]), { timeout: 5000 });
});
