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
  /** Whether the server knows all that is on the host; before, there may be images that it does not know to ask for. */
  toldAll: () => boolean;
  say: (body: MessageBody) => void;
  /** Analyses an image of the engine. @returns the packed SBOM @throws InputError why not */
  analyse: (imageId: string, signal: AbortSignal) => Promise<string>;
  /** Analyses the host's own packages; undefined when that is switched off or cannot be. */
  scanHost: ((signal: AbortSignal) => Promise<string>) | undefined;
  /** Holds whether the host's own packages are asked for and were not said yet, through a restart. */
  hostScan: { owesHostScan: boolean };
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

/** While the host's turn is near the server is asked whether there are images, which go first. */
const HOST_NEAR_WAIT_S = 2;

/**
 * Asks the server for work, says by it that the sensor lives, and does one scan of an image at a time beside. The host
 * itself is scanned when no image waits, for images are what people look for first; images that come then do not wait.
 */
export class WorkLoop {
  readonly #options: WorkOptions;
  readonly #queue: string[] = [];
  #analysing: string | undefined;
  #images: Promise<void> | undefined;
  #host: Promise<void> | undefined;
  #hostNotBefore = 0;

  constructor(options: WorkOptions) {
    this.#options = options;
  }

  /** Works until the signal is aborted. @throws InputError `sensor-revoked` */
  async run(signal: AbortSignal): Promise<void> {
    const { client, log } = this.#options;
    const backoff = new Backoff();
    let away = false;
    while (!signal.aborted) {
      const toldAll = this.#options.toldAll();
      try {
        const work = await client.work(this.#heartbeat(), this.#images ? 0 : this.#isHostNear() ? HOST_NEAR_WAIT_S : WAIT_S, signal);
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
      if (!this.#images && this.#queue.length > 0) this.#images = this.#analyseQueued(signal).finally(() => (this.#images = undefined));
      if (!this.#images && toldAll && this.#isHostNear()) this.#host = this.#scanHost(signal).finally(() => (this.#host = undefined));
      // While it analyses the server answers at once, so the pace is set here.
      if (this.#images) await Promise.race([this.#images, sleep(this.#options.busyInterval ?? BUSY_INTERVAL_MS, undefined, { signal }).catch(() => undefined)]);
    }
    await Promise.all([this.#images, this.#host]);
  }

  #heartbeat() {
    const { version, features, spooled } = this.#options;
    const { waiting, dropped } = spooled();
    return { version, spooled: waiting, dropped, analysing: this.#analysing ?? null, features: features() };
  }

  async #take(work: Work): Promise<void> {
    const { snapshot, renew, scanHost, hostScan } = this.#options;
    if (work.snapshot) snapshot();
    if (work.renew) await renew();
    for (const { imageId } of work.analyse) if (this.#analysing !== imageId && !this.#queue.includes(imageId)) this.#queue.push(imageId);
    if (work.scanHost && scanHost && !this.#host) hostScan.owesHostScan = true;
  }

  /** The host is to be scanned as soon as no image is. */
  #isHostNear(): boolean {
    const { scanHost, hostScan } = this.#options;
    return scanHost !== undefined && !this.#host && Date.now() >= this.#hostNotBefore && hostScan.owesHostScan;
  }

  async #analyseQueued(signal: AbortSignal): Promise<void> {
    for (let imageId = this.#queue.shift(); imageId !== undefined && !signal.aborted; imageId = this.#queue.shift()) {
      this.#analysing = imageId;
      await this.#scanImage(imageId, signal).finally(() => (this.#analysing = undefined));
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
    const { scanHost, hostScan, say, log } = this.#options;
    const began = performance.now();
    try {
      say({ kind: 'host-sbom', sbom: await scanHost!(AbortSignal.any([signal, AbortSignal.timeout(HOST_TIME_MS)])) });
      hostScan.owesHostScan = false;
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
