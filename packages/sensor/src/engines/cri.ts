import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@plimsoll/model';
import type { Activity, ContainerFacts, ImageFacts } from '@plimsoll/model/api';
import { digestOrNull, fieldsOf, listOf, textOf, textOrNull } from '../bounded.ts';
import { mapBounded } from '../map-bounded.ts';
import { CriClient, type CriMethod } from './cri-api.ts';
import { criContainerFacts, criImageFacts, criState } from './cri-container.ts';
import type { Engine, EngineChange, EngineInfo, EngineKind, EngineOptions, ScanTarget } from './engine.ts';

/** Where containerd listens; k3s and RKE2 bring their own. */
const SOCKETS = ['/run/containerd/containerd.sock', '/run/k3s/containerd/containerd.sock'];
const MAX_LISTED = 20_000;
const AT_ONCE = 8;
/** The interface's own stream of events is optional; a list every second tells as much in time. */
const LOOK_EVERY_MS = 1000;
/** Status codes of gRPC. */
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;

/** containerd by the interface that Kubernetes uses (CRI). */
export const cri: EngineKind = {
  name: 'containerd',
  async detect(options) {
    const socket = options.address?.replace(/^unix:\/\//, '') ?? SOCKETS.find((path) => existsSync(path));
    if (socket === undefined || !socket.startsWith('/')) throw new InputError('engine-unreachable', `there is no containerd socket (${SOCKETS.join(', ')})`);
    const engine = new CriEngine(socket, options);
    try {
      await engine.info();
      return engine;
    } catch (error) {
      engine.close();
      throw error;
    }
  },
};

interface Seen {
  state: string;
  name: string;
  image: string;
}

class CriEngine implements Engine {
  readonly kind = 'containerd';
  readonly address: string;
  readonly #client: CriClient;
  readonly #options: EngineOptions;

  constructor(socket: string, options: EngineOptions) {
    this.address = `unix://${socket}`;
    this.#client = new CriClient(socket);
    this.#options = options;
  }

  async #call(method: CriMethod, request?: object): Promise<ReturnType<typeof fieldsOf>> {
    try {
      return fieldsOf(await this.#client.call(method, request));
    } catch (error) {
      const code = codeOf(error);
      const said = textOf(fieldsOf({ ...(error as object) }).get('details'), 300) || String(error).slice(0, 300);
      if (code === NOT_FOUND) throw new InputError('not-found', said, { cause: error });
      if (code === PERMISSION_DENIED || said.includes('EACCES')) {
        throw new InputError('engine-permission', `no permission to use containerd at ${this.address}: its socket belongs to root; run the sensor as root or with the group of the socket`, { cause: error });
      }
      if (code === UNIMPLEMENTED) throw new InputError('engine-unreachable', `containerd at ${this.address} has its Kubernetes interface (CRI) switched off: remove "cri" from disabled_plugins in /etc/containerd/config.toml`, { cause: error });
      throw new InputError('engine-unreachable', `containerd at ${this.address} does not answer: ${said}`, { cause: error });
    }
  }

  async info(): Promise<EngineInfo> {
    const version = await this.#call('Version', { version: 'v1' });
    return {
      version: textOrNull(version.get('runtimeVersion'), 100),
      id: null,
      host: {},
      dataFolders: [await this.#dataFolder()],
    };
  }

  /** Where containerd keeps its data, on the host. It says so in full answers. */
  async #dataFolder(): Promise<string> {
    const said = fieldsOf((await this.#call('Status', { verbose: true })).get('info')).get('config');
    let config: unknown;
    try {
      config = typeof said === 'string' ? JSON.parse(said) : undefined;
    } catch {
      config = undefined;
    }
    const folder = textOf(fieldsOf(config).get('containerdRootDir'), 4096);
    return folder.startsWith('/') ? folder : '/var/lib/containerd';
  }

  async listImages(): Promise<ImageFacts[]> {
    return listOf((await this.#call('ListImages')).get('images'), MAX_LISTED).map(criImageFacts).filter((image) => image !== undefined);
  }

  async listContainers(): Promise<ContainerFacts[]> {
    const all = await mapBounded([...(await this.#list()).keys()], AT_ONCE, (id) => this.container(id));
    return all.filter((container) => container !== undefined);
  }

  async #list(): Promise<Map<string, Seen>> {
    const items = listOf((await this.#call('ListContainers')).get('containers'), MAX_LISTED).map(fieldsOf);
    return new Map(items.map((item) => [
      textOf(item.get('id'), 64),
      { state: criState(item.get('state')), name: textOf(fieldsOf(item.get('metadata')).get('name'), 512), image: textOf(fieldsOf(item.get('image')).get('image'), 512) },
    ]));
  }

  async container(containerId: string): Promise<ContainerFacts | undefined> {
    try {
      return criContainerFacts(Object.fromEntries(await this.#call('ContainerStatus', { containerId, verbose: true })), this.#options.node);
    } catch (error) {
      if (error instanceof InputError && error.code === 'not-found') return undefined;
      throw error;
    }
  }

  async watch(_since: bigint, onChange: (change: EngineChange) => void, signal: AbortSignal): Promise<void> {
    let known = await this.#list();
    let images = await this.#imageList();
    onChange({ kind: 'connected', cursor: 0n });
    while (!signal.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const now = await this.#list();
      for (const [id, seen] of now) {
        const before = known.get(id);
        if (before?.state === seen.state) continue;
        onChange({ kind: 'container', containerId: id });
        if (!before) tell(onChange, 'container-created', id, seen, 'was created');
        if (seen.state === 'running') tell(onChange, 'container-started', id, seen, 'started');
        if (seen.state === 'exited') await this.#tellEnd(onChange, id, seen);
      }
      for (const [id, seen] of known) {
        if (now.has(id)) continue;
        onChange({ kind: 'container', containerId: id });
        tell(onChange, 'container-removed', id, seen, 'was removed');
      }
      known = now;
      const imagesNow = await this.#imageList();
      if (imagesNow !== images) onChange({ kind: 'images' });
      images = imagesNow;
    }
  }

  async #tellEnd(onChange: (change: EngineChange) => void, id: string, seen: Seen): Promise<void> {
    const ended = await this.container(id);
    const exitCode = ended?.exitCode ?? null;
    if (ended?.status?.includes('OOMKilled')) tell(onChange, 'container-oom', id, seen, 'ran out of memory', 4);
    tell(onChange, 'container-died', id, seen, `ended with exit code ${exitCode ?? 'unknown'}`, exitCode === 0 ? 1 : 2, { exitCode });
  }

  /** Digest of the manifest or index by which an image came. containerd keeps each image under its id as well. */
  async #manifestOf(imageId: string): Promise<string> {
    const stored = await this.#call('Get', { name: imageId }).catch((error: unknown) => {
      if (error instanceof InputError && error.code === 'not-found') throw new InputError('image-not-found', `${imageId} is not among containerd's images`, { cause: error });
      throw error;
    });
    const digest = digestOrNull(fieldsOf(fieldsOf(stored.get('image')).get('target')).get('digest'));
    if (digest === null) throw new InputError('manifest-unknown', `containerd does not say which manifest ${imageId} came by`);
    return digest;
  }

  async #imageList(): Promise<string> {
    return (await this.listImages()).map(({ imageId, references }) => `${imageId} ${references.join(' ')}`).sort().join('\n');
  }

  /**
   * Images lie in containerd's content store as blobs by digest, like those of an OCI layout: an index that names
   * the manifest makes it one. It needs the right to read containerd's folder, which is root's.
   */
  async openImage(imageId: string): Promise<ScanTarget> {
    const { root } = this.#options;
    if (root === undefined) throw new InputError('content-not-mounted', "images of containerd are read from its folder: mount the host's root read-only and name it with --host-root, and run the sensor as root");
    const digest = await this.#manifestOf(imageId);
    const blobs = join(root, await this.#dataFolder(), 'io.containerd.content.v1.content', 'blobs');
    if (!existsSync(join(blobs, 'sha256', digest.slice('sha256:'.length)))) {
      throw new InputError('content-unreadable', `the manifest ${digest} cannot be read in ${blobs}: the folder is root's; run the sensor as root with --host-root to have images of containerd analysed`);
    }
    const layout = mkdtempSync(join(tmpdir(), 'plimsoll-layout-'));
    writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 0 }] }));
    return { reference: `oci:${layout}`, env: {}, blobs, release: () => rmSync(layout, { recursive: true, force: true }) };
  }

  close(): void {
    this.#client.close();
  }
}

function codeOf(error: unknown): number | undefined {
  return error !== null && typeof error === 'object' && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}

function tell(onChange: (change: EngineChange) => void, kind: string, containerId: string, { name, image }: Seen, what: string, severity: Activity['severity'] = 1, detail: Record<string, unknown> = {}): void {
  const message = `Container ${name}${image === '' ? '' : ` (${image})`} ${what}.`.slice(0, 1000);
  onChange({ kind: 'activity', cursor: 0n, activity: { time: new Date().toISOString(), kind, severity, message, containerId, imageId: null, detail: { name, image, ...detail } } });
}
