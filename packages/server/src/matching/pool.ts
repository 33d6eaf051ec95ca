import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { AdvisoryDatabase } from '@plimsoll/model';
import { unpackDocument } from './document.ts';
import { judgeSbom, type Judged } from './judge.ts';

/**
 * Judges documents away from the thread that answers requests, where the build has put the worker beside this code;
 * otherwise in this one, with a turn of the event loop for each SBOM (some 2 ms of work for 300 packages, and as much to unpack them).
 */
export async function judgeDocument(document: Buffer, { database, file }: { database: AdvisoryDatabase; file?: string }, now = new Date()): Promise<Judged> {
  if (file !== undefined && WORKER !== undefined) return (pool ??= new Pool(WORKER)).run({ document, file, now });
  const sbom = await unpackDocument(document);
  await new Promise((resolve) => setImmediate(resolve));
  return judgeSbom(sbom, database, now);
}

export interface Task {
  document: Uint8Array;
  /** The advisory database's. */
  file: string;
  now: Date;
}
export type Outcome = { judged: Judged } | { failed: string };

/** Only there in the build: `match-worker.ts`, bundled. */
const built = new URL('./match-worker.js', import.meta.url);
const WORKER = existsSync(fileURLToPath(built)) ? built : undefined;
/** One thread is left to requests; more than four wait for PostgreSQL. */
const SIZE = Math.max(1, Math.min(4, availableParallelism() - 1));

let pool: Pool | undefined;

interface Waiting {
  task: Task;
  resolve: (judged: Judged) => void;
  reject: (error: Error) => void;
}

/** A few threads, started when first needed. They keep no process alive. */
export class Pool {
  readonly #file: URL;
  readonly #idle = new Set<Worker>();
  readonly #busy = new Map<Worker, Waiting>();
  readonly #waiting: Waiting[] = [];

  constructor(file: URL) {
    this.#file = file;
  }

  run(task: Task): Promise<Judged> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    const worker = [...this.#idle][0] ?? (this.#busy.size < SIZE ? this.#start() : undefined);
    if (!worker) return;
    const waiting = this.#waiting.shift()!;
    this.#idle.delete(worker);
    this.#busy.set(worker, waiting);
    worker.ref();
    worker.postMessage(waiting.task);
  }

  #start(): Worker {
    const worker = new Worker(this.#file);
    worker.on('message', (outcome: Outcome) => {
      const waiting = this.#busy.get(worker);
      this.#busy.delete(worker);
      this.#idle.add(worker);
      worker.unref();
      if ('judged' in outcome) waiting?.resolve(outcome.judged);
      else waiting?.reject(new Error(outcome.failed));
      this.#next();
    });
    // Out of memory, mostly. `exit` follows.
    worker.on('error', (error) => this.#busy.get(worker)?.reject(error));
    worker.on('exit', () => {
      this.#busy.get(worker)?.reject(new Error('the matching thread ended'));
      this.#busy.delete(worker);
      this.#idle.delete(worker);
      this.#next();
    });
    return worker;
  }
}
