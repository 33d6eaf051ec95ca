import { setTimeout as sleep } from 'node:timers/promises';
import PgBoss from 'pg-boss';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import sql from 'sql-template-tag';
import type { Job, Queue, Services } from '../context.ts';
import { isWorthAnotherTry } from '../storage/failures.ts';
import { makePool } from '../storage/postgres.ts';
import { Workers } from './workers.ts';

/**
 * Background work on the same database, kept by pg-boss in the schema `queue`.
 *
 * pg-boss holds the jobs: adding, order, retries, schedules, archive. Handing them to the code is our own
 * (`workers.ts`): one statement a second asks for all queues at once, where pg-boss would ask for each, and a job
 * that this process adds is taken at once. So a job waits at most a second, an idle server costs one small
 * statement a second, and no connection is held to listen.
 */

/** The name of pg-boss's schema in statements: constant text of this file. */
const SCHEMA = 'queue';
const POOL_SIZE = 4;
/** Advisory lock of whoever makes a queue. */
const MAKING_LOCK = 7_403_911_662;

export interface QueueOptions {
  /** A job whose process gave no sign of life for so long is given to another. Seconds. */
  lease?: number;
  /** How often to look for such jobs. Seconds. */
  supervise?: number;
  /** After so many retries a job is dead. */
  retries?: number;
  /** Pause before the first retry, doubling with each. Seconds. */
  retryDelay?: number;
  /** How long `close` waits for jobs that run. Milliseconds. */
  patience?: number;
}

/** A job that fails each time is dead after about two minutes. */
const DEFAULTS: Required<QueueOptions> = { lease: 60, supervise: 20, retries: 5, retryDelay: 4, patience: 20_000 };

/** What `createQueue` gives: a queue that can also be worked on. */
export interface WorkQueue extends Queue {
  /** Does jobs of these kinds in this process, until `close`. */
  work(jobs: Job[], services: Services): Promise<void>;
}

/** Opens the queue of a database. Several processes may do so at once. */
export async function createQueue(url: string, log: Logger, options: QueueOptions = {}): Promise<WorkQueue> {
  const settings = { ...DEFAULTS, ...options };
  const pool = makePool(url, POOL_SIZE, log, 'plimsoll queue');
  const boss = new PgBoss({
    schema: SCHEMA,
    db: { executeSql: (text, values) => pool.query(text, values) },
    maintenanceIntervalSeconds: settings.supervise,
    archiveCompletedAfterSeconds: 3600,
    archiveFailedAfterSeconds: 86_400,
    deleteAfterDays: 2,
  });
  boss.on('error', (error) => log.warn({ err: error.message }, 'The queue has trouble'));
  // Comes in the one process that looked after the queue this time.
  boss.on('maintenance', () => {
    tellDead(pool, settings.supervise, log).catch((error: Error) => log.warn({ err: error.message }, 'The queue has trouble'));
  });
  try {
    await boss.start();
  } catch (error) {
    await pool.end();
    throw error;
  }

  const made = new Map<string, Promise<void>>();
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: making a queue makes a table. */
  function ensure(name: string): Promise<void> {
    let making = made.get(name);
    if (!making) {
      making = last.then(() => makeQueue(boss, pool, name, settings));
      last = making.catch(() => made.delete(name));
      made.set(name, making);
    }
    return making;
  }

  let workers: Workers | undefined;
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await workers?.stop(settings.patience);
    await boss.stop({ graceful: false, close: false, wait: true });
    await pool.end();
  }

  return {
    send: async (job, data, { key, priority, afterSeconds } = {}) => {
      await ensure(job);
      await boss.send(job, data, {
        // Without a key every job is one of its own.
        singletonKey: key ?? crypto.randomUUID(),
        priority: priority ?? 0,
        ...(afterSeconds && { startAfter: Math.ceil(afterSeconds) }),
      });
      if (!afterSeconds) workers?.wake(job);
    },
    waiting: async () => {
      const statement = sql`select name, count(*)::int as n from queue.job where state < 'active' and left(name, 2) <> '__' group by name`;
      const { rows } = await pool.query<{ name: string; n: number }>(statement.text, statement.values);
      return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
    },
    work: async (jobs, services) => {
      if (workers) throw new Error('This queue is worked on already.');
      await Promise.all(jobs.map((job) => ensure(job.name)));
      await agreeSchedules(boss, jobs);
      workers = new Workers({ boss, pool, jobs, services, log, settings });
      workers.start();
    },
    close: () => (closing ??= close()),
  };
}

/**
 * With the policy `short`, of jobs with the same key one at most waits.
 * The table that pg-boss makes for a queue takes locks on all its tables: processes that make some at once, or work
 * meanwhile, can get into each other's way, which PostgreSQL ends by failing one of them.
 */
async function makeQueue(boss: PgBoss, pool: Pool, name: string, { lease, retries, retryDelay }: Required<QueueOptions>): Promise<void> {
  const queue = { name, policy: 'short' as const, retryLimit: retries, retryDelay, retryBackoff: true, expireInSeconds: lease };
  // Made by another process or at another start, maybe by a release with other settings.
  if (await boss.getQueue(name)) return boss.updateQueue(name, queue);
  const client = await pool.connect();
  let isBroken = true;
  try {
    await client.query('select pg_advisory_lock($1)', [MAKING_LOCK]);
    for (let attempt = 1; ; attempt++) {
      try {
        await boss.createQueue(name, queue);
        break;
      } catch (error) {
        if (!isWorthAnotherTry(error) || attempt >= 8) throw error;
        await sleep(50 * attempt * (0.5 + Math.random()));
      }
    }
    await client.query('select pg_advisory_unlock($1)', [MAKING_LOCK]);
    isBroken = false;
  } finally {
    // The lock goes with the connection.
    client.release(isBroken);
  }
}

/** Does `jobs` in this process. `services.queue` has to be one that `createQueue` made. */
export async function startWorkers(jobs: Job[], services: Services): Promise<void> {
  const { queue } = services;
  if (!('work' in queue)) throw new Error('This queue cannot be worked on.');
  await (queue as WorkQueue).work(jobs, services);
}

/** The schedules of the database are those of the code: what a former release had goes. A scheduled job that still waits is not doubled. */
async function agreeSchedules(boss: PgBoss, jobs: Job[]): Promise<void> {
  const wanted = jobs.filter((job) => job.schedule !== undefined);
  for (const { name, cron } of await boss.getSchedules()) {
    if (!wanted.some((job) => job.name === name && job.schedule === cron)) await boss.unschedule(name);
  }
  for (const { name, schedule } of wanted) {
    if (schedule) await boss.schedule(name, schedule, {}, { tz: 'UTC', singletonKey: 'schedule' });
  }
}

/** Jobs whose process went away each time. Those that fail in a process are told by it. */
async function tellDead(pool: Pool, seconds: number, log: Logger): Promise<void> {
  const dead = sql`select name, id from queue.job where state = 'failed' and completed_on > now() - make_interval(secs => ${seconds})
    and output->'value'->>'message' = 'job failed by timeout in active state'`;
  const { rows } = await pool.query<{ name: string; id: string }>(dead.text, dead.values);
  for (const { name, id } of rows) log.error({ job: name, id }, 'A job failed for good: each process that did it went away before its end');
}
