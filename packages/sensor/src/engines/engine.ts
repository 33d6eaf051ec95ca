import type { Activity, ContainerFacts, HostFacts, ImageFacts } from '@plimsoll/model/api';

/** What an engine says of itself and of the host it runs on. Null for what it does not say. */
export interface EngineInfo {
  version: string | null;
  /** An id that stays with the engine's data. */
  id: string | null;
  /** Of the host, and what the engine knows of it. */
  host: Partial<Pick<HostFacts, 'name' | 'os' | 'osName' | 'osVersion' | 'kernel' | 'architecture' | 'cpus' | 'memory' | 'note'>>;
  /** Folders where it keeps images and containers: no part of the host's own file system. */
  dataFolders: readonly string[];
}

/** What an engine's stream tells. */
export type EngineChange =
  /** Look at this container anew; it may be gone. */
  | { kind: 'container'; containerId: string }
  /** Look at the list of images anew. */
  | { kind: 'images' }
  /** @property cursor nanoseconds since 1970 of the event; the stream goes on from there after a restart */
  | { kind: 'activity'; activity: Activity; cursor: bigint }
  /**
   * The stream stands; what happened before may have been missed, so everything is to be looked at anew.
   * @property cursor from where on nothing is missed after a restart; 0 where streams cannot be taken up again
   */
  | { kind: 'connected'; cursor: bigint }
  /** Events may be lost for good. */
  | { kind: 'gap'; from: string; to: string; reason: string };

/** How the scanner reaches an image. */
export interface ScanTarget {
  /** For `scanImage`. */
  reference: string;
  /** Variables for `scanImage`, beside those of the process. */
  env: Record<string, string>;
  /** Folder with the blobs of an OCI layout, when they lie elsewhere. */
  blobs?: string;
  /** Removes what was made for the scan. */
  release?: () => void;
}

/** A container engine. Errors when it does not answer: InputError `engine-unreachable`, `engine-permission`, `engine-error`. */
export interface Engine {
  readonly kind: 'docker' | 'containerd';
  /** Where it listens, for messages. */
  readonly address: string;
  info(): Promise<EngineInfo>;
  listImages(): Promise<ImageFacts[]>;
  listContainers(): Promise<ContainerFacts[]>;
  /** @returns undefined when there is none of that id */
  container(containerId: string): Promise<ContainerFacts | undefined>;
  /**
   * Tells changes until the connection ends, then fails; returns when the signal is aborted.
   * @param since cursor of the last activity that was taken up; 0 for none
   */
  watch(since: bigint, onChange: (change: EngineChange) => void, signal: AbortSignal): Promise<void>;
  /** @throws InputError when images of this engine cannot be read */
  openImage(imageId: string): Promise<ScanTarget>;
  close(): void;
}

export interface EngineOptions {
  /** As given by the person: a socket's path or an address. */
  address?: string | undefined;
  env: NodeJS.ProcessEnv;
  /** Where the host's root file system is; undefined when it is not to be had. */
  root: string | undefined;
  /** Name of the node in its cluster. */
  node: string | null;
}

/** One kind of engine is one file in this folder, listed in `index.ts`. */
export interface EngineKind {
  name: Engine['kind'];
  /** The engine, when it is of this kind and answers. @throws InputError why not */
  detect(options: EngineOptions): Promise<Engine>;
}
