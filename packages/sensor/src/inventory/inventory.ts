import { setTimeout as sleep } from 'node:timers/promises';
import type { Activity, HostFacts, ImageFacts, MessageBody } from '@plimsoll/model/api';
import { Backoff } from '../client/backoff.ts';
import type { Engine, EngineChange } from '../engines/engine.ts';
import { mapBounded } from '../map-bounded.ts';
import type { Log } from '../options.ts';

export interface InventoryOptions {
  /** Finds the engine; asked again whenever it is lost. */
  engine: () => Promise<Engine>;
  hostFacts: (engine: Engine | undefined) => Promise<HostFacts>;
  /** Takes a message for the server. */
  say: (body: MessageBody, cursor?: bigint) => void;
  /** Up to where events were taken up; 0 for never. */
  cursor: () => bigint;
  log: Log;
}

const SNAPSHOT_EVERY_MS = 10 * 60_000;
/** Several events of one container in a moment (kill, die, stop) are looked at once. */
const GATHER_MS = 150;
const AT_ONCE = 8;

/**
 * Keeps the server's picture of the host true: all of it at the start, every ten minutes and when asked for, and
 * each change as the engine tells it. One loop alone looks and speaks, so that an older look never follows a newer.
 */
export class Inventory {
  readonly #options: InventoryOptions;
  #engine: Engine | undefined;
  #wantsSnapshot = true;
  #saidAll = false;
  /** Where the stream of events began, until it is kept with a message. */
  #began = 0n;
  readonly #containers = new Set<string>();
  #imagesChanged = false;
  /** Images as they were last said, for telling what changed. */
  #images: Map<string, string> | undefined;
  #wake: () => void = () => undefined;

  constructor(options: InventoryOptions) {
    this.#options = options;
  }

  /** The engine, when it answers. */
  get engine(): Engine | undefined {
    return this.#engine;
  }

  /** Whether all that is on the host was said since the start. */
  get saidAll(): boolean {
    return this.#saidAll;
  }

  /** Asks for all to be said anew, soon. */
  snapshot(): void {
    this.#wantsSnapshot = true;
    this.#wake();
  }

  /** Works until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const timer = setInterval(() => this.snapshot(), SNAPSHOT_EVERY_MS);
    try {
      await Promise.all([this.#watch(signal), this.#look(signal)]);
    } finally {
      clearInterval(timer);
      this.#engine?.close();
    }
  }

  /** Follows the engine's events, through its restarts. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    const backoff = new Backoff();
    let lost = false;
    while (!signal.aborted) {
      try {
        this.#engine ??= await this.#options.engine();
        await this.#engine.watch(this.#options.cursor(), (change) => {
          if (change.kind === 'connected') {
            if (lost) log('info', 'The container engine answers again.');
            lost = false;
            backoff.succeeded();
          }
          this.#take(change);
        }, signal);
      } catch (error) {
        if (signal.aborted) return;
        // After ten quiet minutes the stream is opened anew: nothing to tell anyone.
        const quiet = error !== null && typeof error === 'object' && 'code' in error && error.code === 'IDLE';
        if (!lost && !quiet) log('warn', `Lost the container engine: ${error instanceof Error ? error.message : String(error)}`);
        if (quiet) continue;
        if (!lost) this.snapshot();
        lost = true;
        this.#engine?.close();
        this.#engine = undefined;
        await backoff.wait(signal);
      }
    }
  }

  #take(change: EngineChange): void {
    switch (change.kind) {
      case 'activity':
        return this.#sayActivity(change.activity, change.cursor);
      case 'gap':
        return this.#options.say({ kind: 'gap', from: change.from, to: change.to, dropped: 0, reason: change.reason });
      case 'container':
        this.#containers.add(change.containerId);
        break;
      case 'images':
        this.#imagesChanged = true;
        break;
      case 'connected':
        this.#began = change.cursor;
        this.#wantsSnapshot = true;
    }
    this.#wake();
  }

  #sayActivity(event: Activity, cursor: bigint): void {
    this.#options.say({ kind: 'activity', events: [event] }, cursor);
  }

  async #look(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff();
    while (!signal.aborted) {
      if (!this.#wantsSnapshot && this.#containers.size === 0 && !this.#imagesChanged) await this.#woken(signal);
      if (signal.aborted) return;
      await sleep(GATHER_MS, undefined, { signal }).catch(() => undefined);
      const whole = this.#wantsSnapshot;
      const images = this.#imagesChanged;
      const containers = [...this.#containers];
      this.#wantsSnapshot = this.#imagesChanged = false;
      this.#containers.clear();
      try {
        if (whole) {
          await this.#sayAll();
          this.#saidAll = true;
        } else await this.#sayChanged(containers, images);
        backoff.succeeded();
      } catch (error) {
        if (signal.aborted) return;
        this.#options.log('debug', `The engine could not be looked at: ${error instanceof Error ? error.message : String(error)}`);
        // What was to be looked at is looked at with the next whole.
        this.#wantsSnapshot = true;
        await backoff.wait(signal);
      }
    }
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#wake = done;
      signal.addEventListener('abort', done, { once: true });
    });
  }

  async #sayAll(): Promise<void> {
    const engine = this.#engine;
    const { say, hostFacts } = this.#options;
    say({ kind: 'host', host: await hostFacts(engine) }, this.#began);
    if (!engine) return;
    const images = await engine.listImages();
    say({ kind: 'images', images });
    this.#images = new Map(images.map((image) => [image.imageId, JSON.stringify(image)]));
    say({ kind: 'containers', containers: await engine.listContainers() });
  }

  async #sayChanged(containers: readonly string[], images: boolean): Promise<void> {
    const engine = this.#engine;
    if (!engine) return;
    // Before the containers: one may run from an image that is new.
    if (images) this.#sayImages(await engine.listImages());
    const { say } = this.#options;
    await mapBounded(containers, AT_ONCE, async (containerId) => {
      const container = await engine.container(containerId);
      say(container ? { kind: 'container', container } : { kind: 'container-gone', containerId });
    });
  }

  #sayImages(list: readonly ImageFacts[]): void {
    const { say } = this.#options;
    const now = new Map(list.map((image) => [image.imageId, JSON.stringify(image)]));
    for (const image of list) if (this.#images?.get(image.imageId) !== now.get(image.imageId)) say({ kind: 'image', image });
    for (const imageId of this.#images?.keys() ?? []) if (!now.has(imageId)) say({ kind: 'image-gone', imageId });
    this.#images = now;
  }
}
