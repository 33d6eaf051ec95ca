import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { InputError } from '@plimsoll/model';
import type { ContainerFacts, ImageFacts } from '@plimsoll/model/api';
import { EngineClient, findEngine, parseEngineHost, type EngineAddress } from '@plimsoll/scanner';
import { fieldsOf, intOrNull, listOf, textOf, textOrNull, textsOf, type Fields } from '../bounded.ts';
import { mapBounded } from '../map-bounded.ts';
import { containerFacts, imageFacts } from './docker-container.ts';
import { changesOf, EVENT_FILTERS, readEvents } from './docker-events.ts';
import type { Engine, EngineChange, EngineInfo, EngineKind, EngineOptions, ScanTarget } from './engine.ts';

/** The protocol's bound on a snapshot. */
const MAX_LISTED = 20_000;
/** Containers asked about at once. */
const AT_ONCE = 8;
/** A stream without an event for so long is opened anew: a connection may die without a word. */
const QUIET_MS = 10 * 60_000;
/** How many past events the engine keeps (`eventsLimit` of Moby's daemon/events): of more, the oldest are gone. */
const KEPT_EVENTS = 256;

export const docker: EngineKind = {
  name: 'docker',
  async detect(options) {
    const { address, env } = options;
    const host = address === undefined ? undefined : isAbsolute(address) && !address.includes('://') ? `unix://${address}` : address;
    if (host === undefined && !env['DOCKER_HOST'] && process.platform !== 'win32' && !anyStandardSocket(await findEngine({ env }))) {
      throw new InputError('engine-unreachable', 'there is no Docker Engine socket; mount /var/run/docker.sock, or name the socket with --engine');
    }
    const found = host === undefined ? await findEngine({ env }) : await parseEngineHost(host, env);
    const engine = new DockerEngine(found, options);
    await engine.ping();
    return engine;
  },
};

function anyStandardSocket({ socketPath }: EngineAddress): boolean {
  return socketPath === undefined || existsSync(socketPath);
}

class DockerEngine implements Engine {
  readonly kind = 'docker';
  readonly address: string;
  readonly #client: EngineClient;
  readonly #node: string | null;

  constructor(address: EngineAddress, options: EngineOptions) {
    this.address = address.name;
    this.#node = options.node;
    this.#client = new EngineClient(address, { userAgent: 'plimsoll-sensor' });
  }

  async ping(): Promise<void> {
    await this.#client.ping();
  }

  async info(): Promise<EngineInfo> {
    const fields = fieldsOf(await this.#client.get('/info'));
    return {
      version: textOrNull(fields.get('ServerVersion'), 100),
      id: textOrNull(fields.get('ID'), 128),
      host: hostOf(fields),
      dataFolders: [textOf(fields.get('DockerRootDir'), 4096)].filter((path) => path !== ''),
    };
  }

  async listImages(): Promise<ImageFacts[]> {
    return listOf(await this.#client.get('/images/json'), MAX_LISTED).map(imageFacts).filter((image) => image !== undefined);
  }

  async listContainers(): Promise<ContainerFacts[]> {
    const ids = listOf(await this.#client.get('/containers/json?all=1'), MAX_LISTED).map((item) => textOf(fieldsOf(item).get('Id'), 64));
    const all = await mapBounded(ids, AT_ONCE, (id) => this.container(id));
    return all.filter((container) => container !== undefined);
  }

  async container(containerId: string): Promise<ContainerFacts | undefined> {
    if (!/^[0-9a-f]{12,64}$/.test(containerId)) return undefined;
    return containerFacts(await this.#client.get(`/containers/${containerId}/json`), this.#node);
  }

  async watch(since: bigint, onChange: (change: EngineChange) => void, signal: AbortSignal): Promise<void> {
    const query = new URLSearchParams({ filters: JSON.stringify(EVENT_FILTERS) });
    // The engine gives what it still has from there on, then what comes.
    if (since > 0n) {
      query.set('since', secondsOf(since));
      if (await this.#hasForgotten(since, signal)) {
        onChange({ kind: 'gap', from: timeOf(since), to: new Date().toISOString(), reason: 'More happened while the engine was not watched than it keeps events of.' });
      }
    }
    // Nothing may happen between here and a restart that this sensor does not live to see: then this is where to go on.
    const began = BigInt(Date.now()) * 1_000_000n;
    const stream = await this.#client.stream(`/events?${query.toString()}`, { idleTimeout: QUIET_MS, signal });
    onChange({ kind: 'connected', cursor: since > 0n ? since : began });
    try {
      for await (const event of readEvents(stream)) {
        if (event.cursor !== 0n && event.cursor <= since) continue;
        for (const change of changesOf(event)) onChange(change);
      }
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (!signal.aborted) throw new InputError('engine-broken', `the engine at ${this.address} ended its stream of events`);
  }

  /** Whether events after this one may be gone from the engine's memory: it then has as many as it keeps. */
  async #hasForgotten(since: bigint, signal: AbortSignal): Promise<boolean> {
    const query = new URLSearchParams({ since: secondsOf(since), until: secondsOf(BigInt(Date.now()) * 1_000_000n) });
    let count = 0;
    const events = await this.#client.stream(`/events?${query.toString()}`, { idleTimeout: 60_000, signal });
    for await (const _ of readEvents(events)) if (++count >= KEPT_EVENTS) return true;
    return false;
  }

  openImage(imageId: string): Promise<ScanTarget> {
    return Promise.resolve({ reference: `docker:${imageId}`, env: { DOCKER_HOST: this.address } });
  }

  close(): void {
    // Connections are made for each request.
  }
}

function secondsOf(cursor: bigint): string {
  return `${cursor / 1_000_000_000n}.${String(cursor % 1_000_000_000n).padStart(9, '0')}`;
}

function timeOf(cursor: bigint): string {
  return new Date(Number(cursor / 1_000_000n)).toISOString();
}

/** What `GET /info` tells of the host. */
function hostOf(info: Fields): EngineInfo['host'] {
  const name = textOf(info.get('OperatingSystem'), 200);
  const kernel = textOrNull(info.get('KernelVersion'), 200);
  const common = {
    name: textOf(info.get('Name'), 253),
    kernel,
    architecture: textOrNull(info.get('Architecture'), 50),
    cpus: intOrNull(info.get('NCPU')),
    memory: intOrNull(info.get('MemTotal')),
  };
  if (name !== 'Docker Desktop') {
    const os = textOf(info.get('OSType'), 50);
    return { ...common, os: os || null, osName: name || null, osVersion: textOrNull(info.get('OSVersion'), 100) };
  }
  const os = desktopSystem(textsOf(info.get('Labels'), 100, 1000), kernel ?? '');
  const machine = os === null ? 'a laptop' : { mac: 'a Mac', windows: 'a Windows machine', linux: 'a Linux machine' }[os];
  return {
    ...common,
    os,
    osName: 'Docker Desktop',
    osVersion: null,
    note: `Docker Desktop on ${machine}: kernel, CPUs and memory are those of its virtual machine.`,
  };
}

/**
 * The machine under Docker Desktop. It labels its engine with the address of its own socket, which lies in a
 * home folder; without the label a WSL kernel tells of Windows, and a LinuxKit kernel is a Mac's or Hyper-V's.
 */
export function desktopSystem(labels: readonly string[], kernel: string): 'mac' | 'windows' | 'linux' | null {
  const address = labels.find((label) => label.startsWith('com.docker.desktop.address='))?.split('=')[1] ?? '';
  if (address.startsWith('npipe:')) return 'windows';
  if (address.startsWith('unix:///Users/')) return 'mac';
  if (address.startsWith('unix:///')) return 'linux';
  return /microsoft/i.test(kernel) ? 'windows' : null;
}
