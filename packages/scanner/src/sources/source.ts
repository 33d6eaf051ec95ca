import type { Image, Platform, Sbom, SourceKind } from '@plimsoll/model';
import type { LayerCatalogue } from '../layers/layer-catalogue.ts';

export interface SourceOptions {
  /** Wanted platform of a multi-platform image; the default is linux on this machine's architecture. */
  platform?: Platform | undefined;
  /** No requests to other machines. */
  offline?: boolean | undefined;
  /** Plain HTTP and unverified certificates for registries. */
  insecure?: boolean | undefined;
  /** Uncompressed bytes beyond which a layer is refused. */
  maxLayerSize?: number | undefined;
  /** Folder with an OCI layout's blobs, when they are not in the layout: `sha256/…` below it. */
  blobs?: string | undefined;
  /** Paths of a root file system in a folder that are left out with all below, relative to it. */
  exclude?: readonly string[] | undefined;
  /** Bounds on the walk of a root file system in a folder. Beyond them it ends with a warning, and the result is incomplete. */
  walk?: { maxEntries: number; maxMs: number } | undefined;
  /** False leaves out the search of a root file system in a folder for secrets. */
  secrets?: boolean | undefined;
  /** Ends the walk of a root file system in a folder with the signal's reason. */
  signal?: AbortSignal | undefined;
  env: NodeJS.ProcessEnv;
}

/** A layer as its source names it. */
export interface LayerHints {
  digest?: string | undefined;
  diffId?: string | undefined;
  mediaType?: string | undefined;
  /** Where it lies, for messages: `blobs/sha256/…` */
  name: string;
  /** The bytes can be had a second time. */
  again?: boolean;
}

/** A layer after it was read, or found in the cache. */
export interface LayerRef {
  diffId: string;
  digest?: string | undefined;
  mediaType?: string | undefined;
  /** Digest of the stored bytes as they were read, whether or not the source names one. */
  storedDigest?: string | undefined;
}

/** Takes layers in, in any order. Known ones (by diff ID) are not read again. */
export interface LayerSink {
  has(diffId: string): boolean;
  read(open: () => AsyncIterable<Buffer>, hints: LayerHints): Promise<LayerRef>;
  /** Takes a layer that was analysed by other means than a tar. */
  add(catalogue: LayerCatalogue): void;
  /** Total stored bytes that will be read, as far as the source knows; for the progress display. */
  expect(bytes: number): void;
  /** Number of files seen so far, where there are no bytes to count; for the progress display. */
  walked(entries: number): void;
  note(key: string): string | undefined;
  putNote(key: string, note: string): void;
  warn(code: string, message: string, incomplete: boolean): void;
}

/** What a source says of an image, its layers bottom first. */
export interface SourceImage {
  image: Omit<Image, 'layers' | 'history' | 'config'>;
  /** The image config (OCI image-spec config.md), parsed but not trusted. Absent for root file systems. */
  config?: unknown;
  layers: LayerRef[];
}

/** One way to reach an image. One source is one file in this folder, listed in `index.ts`. */
export interface ImageSource {
  kind: SourceKind;
  /** The prefix that forces it: `docker-archive`. */
  scheme: string;
  /** Whether a reference without prefix is of this kind. Asked in the order of the list. */
  detects(reference: string, options: SourceOptions): boolean | Promise<boolean>;
  /**
   * Reads the image: gives every layer to the sink that the sink does not have.
   * An SBOM is its own result.
   * @throws InputError when it cannot be reached or read
   */
  read(reference: string, sink: LayerSink, options: SourceOptions): Promise<SourceImage | Sbom>;
}
