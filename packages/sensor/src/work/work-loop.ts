import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@plimsoll/model';
import type { MessageBody, Work } from '@plimsoll/model/api';
import { Backoff } from '../client/backoff.ts';
import type { ServerClient } from '../client/server-client.ts';
import type { Log } from '../options.ts';
import { failureOf } from './scan-process.ts';

export interface WorkOptions {
  client: ServerClient;
  version: string;
  features: () => string[];
  spooled: () => { waiting: number; dropped: number };
  say: (body: MessageBody) => void;
  /** Analyses an image of the engine. @returns the packed SBOM @throws InputError why not */
  analyse: (imageId: string, signal: AbortSignal) => Promise<string>;
  /** Analyses the host's own packages; undefined when that is switched off or cannot be. */
  scanHost: ((signal: AbortSignal) => Promise<string>) | undefined;
  snapshot: () => void;
  renew: () => Promise<void>;
  log: Log;
  /** Milliseconds between two signs of life while a scan runs; for tests. */
  busyInterval?: number;
}

/** How long the server may hold a question for work, in seconds. */
const WAIT_S = 25;
const BUSY_INTERVAL_MS = 5000;
/** No image takes so long; what does is stuck. */
const IMAGE_TIME_MS = 30 * 60_000;
const HOST_TIME_MS = 30 * 60_000;
/** A host scan that failed is not tried again before. */
const HOST_RETRY_MS = 10 * 60_000;

/** What a scan is of: an image's id, or the host. */
type Job = { imageId: string } | 'host';

/** Asks the server for work, says by it that the sensor lives, and does one scan at a time beside. */
export class WorkLoop {
  readonly #options: WorkOptions;
  readonly #queue: Job[] = [];
  #running: Job | undefined;
  #hostNotBefore = 0;

  constructor(options: WorkOptions) {
    this.#options = options;
  }

  /** Works until the signal is aborted. @throws InputError `sensor-revoked` */
  async run(signal: AbortSignal): Promise<void> {
    const { client, log } = this.#options;
    const backoff = new Backoff();
    let scanning: Promise<void> | undefined;
    let away = false;
    while (!signal.aborted) {
      const busy = scanning !== undefined;
      try {
        const work = await client.work(this.#heartbeat(), busy ? 0 : WAIT_S, signal);
        if (away) log('info', 'The server answers again.');
        away = false;
        backoff.succeeded();
        await this.#take(work);
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof InputError) throw error;
        // That it is away is said once, by whoever sends the messages.
        away = true;
        await backoff.wait(signal);
        continue;
      }
      if (scanning === undefined && this.#queue.length > 0) {
        scanning = this.#scanQueued(signal).finally(() => (scanning = undefined));
      }
      // While it scans the server answers at once, so the pace is set here.
      if (scanning !== undefined) await Promise.race([scanning, sleep(this.#options.busyInterval ?? BUSY_INTERVAL_MS, undefined, { signal }).catch(() => undefined)]);
    }
    await scanning;
  }

  #heartbeat() {
    const { version, features, spooled } = this.#options;
    const { waiting, dropped } = spooled();
    return { version, spooled: waiting, dropped, analysing: this.#running && this.#running !== 'host' ? this.#running.imageId : null, features: features() };
  }

  async #take(work: Work): Promise<void> {
    const { snapshot, renew, scanHost } = this.#options;
    if (work.snapshot) snapshot();
    if (work.renew) await renew();
    for (const { imageId } of work.analyse) if (!this.#has((job) => job !== 'host' && job.imageId === imageId)) this.#queue.push({ imageId });
    if (work.scanHost && scanHost && Date.now() >= this.#hostNotBefore && !this.#has((job) => job === 'host')) this.#queue.push('host');
  }

  #has(matches: (job: Job) => boolean): boolean {
    return this.#queue.some(matches) || (this.#running !== undefined && matches(this.#running));
  }

  async #scanQueued(signal: AbortSignal): Promise<void> {
    for (let job = this.#queue.shift(); job && !signal.aborted; job = this.#queue.shift()) {
      this.#running = job;
      try {
        if (job === 'host') await this.#scanHost(signal);
        else await this.#scanImage(job.imageId, signal);
      } finally {
        this.#running = undefined;
      }
    }
  }

  async #scanImage(imageId: string, signal: AbortSignal): Promise<void> {
    const { analyse, say, log } = this.#options;
    const began = performance.now();
    try {
      const sbom = await analyse(imageId, AbortSignal.any([signal, AbortSignal.timeout(IMAGE_TIME_MS)]));
      say({ kind: 'sbom', imageId, sbom });
      log('info', 'Analysed an image.', { image: imageId, seconds: Math.round(performance.now() - began) / 1000 });
    } catch (error) {
      if (signal.aborted) return;
      const { code, reason } = reasonOf(error, IMAGE_TIME_MS);
      say({ kind: 'scan-failed', imageId, code, reason });
      log('warn', `An image could not be analysed: ${reason}`, { image: imageId, code });
    }
  }

  async #scanHost(signal: AbortSignal): Promise<void> {
    const { scanHost, say, log } = this.#options;
    const began = performance.now();
    try {
      say({ kind: 'host-sbom', sbom: await scanHost!(AbortSignal.any([signal, AbortSignal.timeout(HOST_TIME_MS)])) });
      log('info', "Listed the host's own packages.", { seconds: Math.round(performance.now() - began) / 1000 });
    } catch (error) {
      if (signal.aborted) return;
      this.#hostNotBefore = Date.now() + HOST_RETRY_MS;
      const { code, reason } = reasonOf(error, HOST_TIME_MS);
      const message = `The host's own packages could not be listed: ${reason}`.slice(0, 1000);
      say({ kind: 'activity', events: [{ time: new Date().toISOString(), kind: 'host-scan-failed', severity: 2, message, containerId: null, imageId: null, detail: { code } }] });
      log('warn', message, { code });
    }
  }
}

function reasonOf(error: unknown, limit: number): { code: string; reason: string } {
  if (error instanceof Error && error.name === 'TimeoutError') return { code: 'scan-too-long', reason: `it took longer than ${limit / 60_000} minutes` };
  return failureOf(error);
}
