import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@plimsoll/model';
import { messageBody, type HostFacts, type MessageBody } from '@plimsoll/model/api';
import { sendAll } from './client/sender.ts';
import { ServerClient } from './client/server-client.ts';
import { findContainerEngine } from './engines/index.ts';
import type { Engine } from './engines/engine.ts';
import { enrol } from './enrolment.ts';
import { isContained, surroundings } from './facts/contained.ts';
import { hostName, machineId } from './facts/identity.ts';
import type { FactContext } from './facts/facts.ts';
import { collectFacts } from './facts/index.ts';
import { nodeName } from './facts/kubernetes.ts';
import { Inventory } from './inventory/inventory.ts';
import type { Log, SensorOptions } from './options.ts';
import { Spool } from './spool/spool.ts';
import { lockStateDir } from './state/lock.ts';
import { StateDir, type Identity } from './state/state-dir.ts';
import { foldersToLeaveOut } from './work/host-exclude.ts';
import { scanInProcess } from './work/scan-process.ts';
import { scanAndPack, type ScanJob } from './work/scan.ts';
import { WorkLoop } from './work/work-loop.ts';

const DEFAULT_SPOOL = 256 * 1024 * 1024;
const MIN_SPOOL = 1024 * 1024;
/** How often what was written to the spool is made safe against a power cut. */
const SYNC_EVERY_MS = 500;
/** What is left in the spool at the end is sent within this time, or after the next start. */
const FAREWELL_MS = 2000;
/** A host with more than this is listed as far as it goes, and its list says that it is incomplete. */
const HOST_WALK = { maxEntries: 5_000_000, maxMs: 10 * 60_000 };
const NO_ROOT = "The sensor runs in a container without the host's root file system: the host's own packages and last user are not seen.";

/**
 * Runs a sensor until the signal is aborted: enrols it when it is new, reports the host, its images and containers,
 * and does the work that the server gives. A server or engine that is away is waited for.
 * @throws InputError `sensor-revoked` when the server no longer accepts it, `token-missing`, `enrolment-refused`,
 * `state-dir-in-use`, `state-dir-unusable`, `server-address`, `engine-permission`…
 */
export async function runSensor(options: SensorOptions, signal: AbortSignal): Promise<void> {
  const state = new StateDir(resolve(options.stateDir));
  const unlock = await lockStateDir(state.path);
  try {
    await new Sensor(options, state).run(signal);
  } finally {
    await unlock();
  }
}

class Sensor {
  readonly #options: SensorOptions;
  readonly #state: StateDir;
  readonly #env: NodeJS.ProcessEnv;
  readonly #log: Log;
  readonly #contained: boolean;
  readonly #root: string | undefined;
  #identity: Identity | undefined;

  constructor(options: SensorOptions, state: StateDir) {
    this.#options = options;
    this.#state = state;
    this.#env = options.env ?? process.env;
    this.#log = options.log ?? (() => undefined);
    this.#contained = isContained(surroundings(this.#env));
    this.#root = options.hostRoot === undefined ? (this.#contained ? undefined : '/') : resolve(options.hostRoot);
    if (this.#root !== undefined && !existsSync(this.#root)) throw new InputError('file-missing', `there is no folder ${this.#root} (--host-root)`);
    if ((options.spoolLimit ?? DEFAULT_SPOOL) < MIN_SPOOL) throw new InputError('option-invalid', `the spool needs at least ${MIN_SPOOL} bytes`);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { version, caFile, token } = this.#options;
    const client = new ServerClient({
      server: this.#options.server,
      version,
      ca: caFile === undefined ? undefined : readFileSync(caFile),
      credential: () => this.#identity?.credential,
    });
    const first = await this.#firstEngine();
    const context = await this.#factContext(first, signal);
    const machine = await machineId(context, () => this.#state.ownMachineId());
    const name = hostName(context, this.#options.name);
    this.#identity = await enrol({ state: this.#state, client, token, machine, name, version, log: this.#log }, signal);
    if (this.#identity === undefined) return;

    const spool = new Spool(join(this.#state.path, 'spool'), { limit: this.#options.spoolLimit ?? DEFAULT_SPOOL, onStateDropped: () => inventory.snapshot() });
    const say = (body: MessageBody, cursor = 0n): void => {
      // The server refuses a message that breaks the protocol's bounds, so one is better not kept at all. SBOMs are
      // bounded where they are packed.
      const valid = body.kind === 'sbom' || body.kind === 'host-sbom' || messageBody.safeParse(body).success;
      if (!valid) this.#log('error', `A message of kind ${body.kind} breaks the protocol's bounds and is left out.`);
      else if (!spool.append(body, new Date(), cursor)) this.#log('warn', `There was no room for a message of kind ${body.kind}.`);
    };
    let engine = first;
    const inventory = new Inventory({
      engine: async () => {
        const found = engine ?? (await findContainerEngine(this.#engineOptions()));
        engine = undefined;
        return found;
      },
      hostFacts: (current) => this.#hostFacts(current, name, signal),
      say,
      cursor: () => spool.cursor,
      log: this.#log,
    });
    const work = new WorkLoop({
      client,
      version,
      features: () => this.#features(inventory.engine),
      spooled: () => ({ waiting: spool.length, dropped: spool.dropped }),
      toldAll: () => inventory.saidAll && spool.length === 0,
      say,
      analyse: (imageId, until) => this.#analyse(inventory.engine, imageId, until),
      scanHost: this.#hostPackages() ? (until) => this.#scanHost(inventory.engine, until) : undefined,
      hostScan: this.#state,
      snapshot: () => inventory.snapshot(),
      renew: () => this.#renew(client, signal),
      log: this.#log,
    });
    const syncing = setInterval(() => spool.sync(), SYNC_EVERY_MS);
    try {
      await together(signal, [
        (until) => inventory.run(until),
        (until) => work.run(until),
        (until) => sendAll(spool, client, this.#log, until),
        (until) => this.#renewInTime(client, until),
      ]);
      await this.#sayFarewell(spool, client);
    } finally {
      clearInterval(syncing);
      spool.close();
    }
  }

  #engineOptions() {
    return { address: this.#options.engine, env: this.#env, root: this.#root, node: nodeName(this.#env) };
  }

  /** The engine at the start. One that is not there may come; one that refuses needs a person. */
  async #firstEngine(): Promise<Engine | undefined> {
    try {
      return await findContainerEngine(this.#engineOptions());
    } catch (error) {
      if (!(error instanceof InputError) || error.code === 'engine-permission' || error.code === 'engine-address') throw error;
      this.#log('warn', `No container engine answers yet: ${error.message}`);
      return undefined;
    }
  }

  async #factContext(engine: Engine | undefined, signal: AbortSignal): Promise<FactContext> {
    const info = await engine?.info().catch(() => undefined);
    return { root: this.#root, contained: this.#contained, engine: engine && info ? { ...info, kind: engine.kind } : undefined, env: this.#env, cloud: this.#options.cloud ?? true, signal };
  }

  async #hostFacts(engine: Engine | undefined, name: string, signal: AbortSignal): Promise<HostFacts> {
    const facts = await collectFacts(await this.#factContext(engine, signal));
    const tags = [...new Set(this.#options.tags ?? [])].map((tag) => tag.slice(0, 60)).slice(0, 50);
    const note = [facts.note, this.#contained ? (this.#root === undefined ? NO_ROOT : 'The sensor runs in a container.') : null].filter((text) => text !== null).join(' ').slice(0, 500) || null;
    return { ...facts, note, name, machineId: this.#identity!.machineId, tags };
  }

  #hostPackages(): boolean {
    return (this.#options.hostPackages ?? true) && this.#root !== undefined && process.platform === 'linux';
  }

  #features(engine: Engine | undefined): string[] {
    return [...(engine ? [engine.kind] : []), ...(this.#hostPackages() ? ['host-packages'] : []), ...(this.#contained ? ['contained'] : [])];
  }

  async #analyse(engine: Engine | undefined, imageId: string, signal: AbortSignal): Promise<string> {
    if (!engine) throw new InputError('engine-unreachable', 'the container engine does not answer');
    const target = await engine.openImage(imageId);
    const cache = { folder: this.#options.cacheDir ?? join(this.#state.path, 'cache'), generation: this.#options.scannerGeneration ?? 'source' };
    const { release, ...reached } = target;
    try {
      return await this.#scan({ ...reached, cache, exclude: [], secrets: true }, signal);
    } finally {
      release?.();
    }
  }

  async #scanHost(engine: Engine | undefined, signal: AbortSignal): Promise<string> {
    const root = this.#root!;
    const info = await engine?.info().catch(() => undefined);
    const exclude = await foldersToLeaveOut(root, info?.dataFolders ?? [], [this.#state.path, ...(this.#options.exclude ?? [])]);
    // Whole hosts hold the secrets of everyone who works there: looking for those is not what was asked for.
    return this.#scan({ reference: `dir:${root}`, env: {}, cache: null, exclude, walk: HOST_WALK, secrets: false }, signal);
  }

  #scan(job: ScanJob, signal: AbortSignal): Promise<string> {
    const command = this.#options.scanCommand;
    return command ? scanInProcess(command, job, this.#env, signal) : scanAndPack(job, signal);
  }

  async #renew(client: ServerClient, signal: AbortSignal): Promise<void> {
    const renewed = await client.renew(signal);
    // Kept before it is used: the old one holds until then.
    const identity = { ...this.#identity!, ...renewed };
    this.#state.writeIdentity(identity);
    this.#identity = identity;
    this.#log('info', 'The credential was renewed.');
  }

  /** Renews the credential when it is due, also when the server does not ask for it. */
  async #renewInTime(client: ServerClient, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(60_000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted || Date.parse(this.#identity!.renewAfter) > Date.now()) continue;
      await this.#renew(client, signal).catch((error: unknown) => {
        if (error instanceof InputError) throw error;
      });
    }
  }

  async #sayFarewell(spool: Spool, client: ServerClient): Promise<void> {
    if (spool.length === 0) return;
    const until = AbortSignal.timeout(FAREWELL_MS);
    const { messages } = spool.peek(500, 8 * 1024 * 1024);
    await client.report(spool.epoch, messages, until).then((acked) => spool.acknowledge(acked)).catch(() => undefined);
  }
}

/** Runs all until the signal is aborted. When one fails the others are ended, and its error is the result. */
async function together(signal: AbortSignal, parts: readonly ((signal: AbortSignal) => Promise<void>)[]): Promise<void> {
  const failed = new AbortController();
  const until = AbortSignal.any([signal, failed.signal]);
  const results = await Promise.allSettled(
    parts.map((part) =>
      part(until).catch((error: unknown) => {
        const first = !failed.signal.aborted;
        failed.abort();
        if (first) throw error;
      }),
    ),
  );
  const bad = results.find((result) => result.status === 'rejected');
  if (bad) throw bad.reason;
}
