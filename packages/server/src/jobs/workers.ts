import type PgBoss from 'pg-boss';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import sql from 'sql-template-tag';
import type { Job, Services } from '../context.ts';

const POLL_MS = 1000;

type Held = PgBoss.JobWithMetadata<object>;

export interface WorkersOptions {
  boss: PgBoss;
  pool: Pool;
  jobs: Job[];
  services: Services;
  log: Logger;
  settings: { lease: number };
}

/** Takes jobs from the queue and runs them in this process. */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #kinds: ReadonlyMap<string, Job>;
  /** Ids of the jobs that run, by queue: this process renews its hold on them. */
  readonly #held = new Map<string, Set<string>>();
  readonly #running = new Map<string, number>();
  /** Queues that are being asked; true when they should be asked once more after that. */
  readonly #asking = new Map<string, boolean>();
  readonly #tasks = new Set<Promise<void>>();
  #timers: NodeJS.Timeout[] = [];
  #stopping = false;
  #isDown = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
    this.#kinds = new Map(options.jobs.map((job) => [job.name, job]));
  }

  start(): void {
    const { lease } = this.#options.settings;
    let polling = false;
    const poll = async (): Promise<void> => {
      if (polling) return;
      polling = true;
      await this.#guard(() => this.#poll());
      polling = false;
    };
    // A third of the lease: two signs of life may fail.
    this.#timers = [setInterval(() => void poll(), POLL_MS), setInterval(() => void this.#guard(() => this.#renew()), (lease * 1000) / 3)];
    for (const name of this.#kinds.keys()) this.wake(name);
  }

  /** There may be a job of this name. */
  wake(name: string): void {
    const kind = this.#kinds.get(name);
    if (!kind || this.#stopping) return;
    if (this.#asking.has(name)) {
      this.#asking.set(name, true);
      return;
    }
    this.#asking.set(name, false);
    this.#track(
      this.#guard(() => this.#take(kind)).finally(() => {
        const again = this.#asking.get(name);
        this.#asking.delete(name);
        if (again) this.wake(name);
      }),
    );
  }

  /** Takes no more, waits for what runs, gives the rest back. */
  async stop(patienceMs: number): Promise<void> {
    this.#stopping = true;
    const [poll, renew] = this.#timers;
    clearInterval(poll);
    let giveUp: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (giveUp = setTimeout(resolve, patienceMs)));
    await Promise.race([this.#allDone(), patience]);
    clearTimeout(giveUp);
    clearInterval(renew);
    for (const [name, ids] of this.#held) {
      if (ids.size === 0) continue;
      this.#options.log.warn({ job: name, count: ids.size }, 'Jobs did not end in time: another process, or the next start, does them anew');
      const given = sql`update queue.job set state = 'retry', start_after = now() where name = ${name} and id = any(${[...ids]}::uuid[]) and state = 'active'`;
      await this.#guard(() => this.#options.pool.query(given.text, given.values));
    }
  }

  async #allDone(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  #track(task: Promise<void>): void {
    const tracked: Promise<void> = task.finally(() => this.#tasks.delete(tracked));
    this.#tasks.add(tracked);
  }

  /** A database that is away is told once; the next try comes by itself. */
  async #guard(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.#isDown = false;
    } catch (error) {
      if (!this.#isDown) this.#options.log.warn({ err: (error as Error).message }, 'The queue cannot be reached: trying again');
      this.#isDown = true;
    }
  }

  async #poll(): Promise<void> {
    const ready = sql`select distinct name from queue.job where state < 'active' and start_after < now() and name = any(${[...this.#kinds.keys()]})`;
    const { rows } = await this.#options.pool.query<{ name: string }>(ready.text, ready.values);
    for (const { name } of rows) this.wake(name);
  }

  async #renew(): Promise<void> {
    for (const [name, ids] of this.#held) {
      if (ids.size === 0) continue;
      const renewed = sql`update queue.job set started_on = now() where name = ${name} and id = any(${[...ids]}::uuid[]) and state = 'active'`;
      await this.#options.pool.query(renewed.text, renewed.values);
    }
  }

  async #take(kind: Job): Promise<void> {
    const { concurrency = 1, batch = 1 } = kind;
    while (!this.#stopping && (this.#running.get(kind.name) ?? 0) < concurrency) {
      const held = await this.#options.boss.fetch<object>(kind.name, { batchSize: batch, includeMetadata: true });
      if (held.length === 0) return;
      this.#count(kind.name, 1);
      this.#track(
        this.#run(kind, held).finally(() => {
          this.#count(kind.name, -1);
          this.wake(kind.name);
        }),
      );
    }
  }

  #count(name: string, by: number): void {
    this.#running.set(name, (this.#running.get(name) ?? 0) + by);
  }

  async #run(kind: Job, held: Held[]): Promise<void> {
    const { boss, services } = this.#options;
    const { name } = kind;
    const ids = held.map((job) => job.id);
    const holding = this.#held.get(name) ?? new Set();
    this.#held.set(name, holding);
    for (const id of ids) holding.add(id);
    try {
      await kind.run(held.map((job) => job.data ?? {}), services);
      await this.#guard(() => boss.complete(name, ids));
    } catch (error) {
      this.#tell(name, held, error);
      const output = { message: error instanceof Error ? error.message : String(error) };
      await this.#guard(() => Promise.all(ids.map((id) => boss.fail(name, id, output))));
    } finally {
      for (const id of ids) holding.delete(id);
    }
  }

  #tell(job: string, held: Held[], error: unknown): void {
    const { log } = this.#options;
    for (const { id, retryCount, retryLimit } of held) {
      if (retryCount < retryLimit) log.warn({ job, id, attempt: retryCount + 1, err: error }, 'A job failed and will be tried again');
      else log.error({ job, id, attempt: retryCount + 1, err: error }, 'A job failed for good: it is not tried again');
    }
  }
}
