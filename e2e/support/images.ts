/** Makers of images without any engine: docker-archive, OCI layout and root file system, from layers of tar entries. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { compress, type Compression } from './compress.ts';
import { dir, file, tar, type TarEntry } from './tar.ts';

export interface LayerSpec {
  entries?: TarEntry[];
  /** The layer's tar as it is, instead of entries. */
  tar?: Buffer;
  /** How an OCI layout stores it. Default `none`. A docker-archive always stores plain tars. */
  compression?: Compression;
  /** For `history`. Default `layer N`. */
  createdBy?: string;
  /** Instead of the one that the compression implies. */
  mediaType?: string;
}

export interface ImageSpec {
  layers: LayerSpec[];
  /** `repository:tag`. Default `test/image:latest`. */
  tag?: string;
  /** Default linux/amd64. */
  platform?: { os: string; architecture: string; variant?: string };
  /** The `config` part of the image config: `{ User: 'app', Env: ['A=b'] }`. */
  config?: Record<string, unknown>;
  /** Instead of one history step per layer. */
  history?: { created_by?: string; created?: string; comment?: string; empty_layer?: boolean }[];
  /** RFC 3339. Default 2024-01-01T00:00:00Z. */
  created?: string;
  annotations?: Record<string, string>;
}

export interface BuiltLayer {
  /** Uncompressed. */
  tar: Buffer;
  /** As stored by an OCI layout. */
  blob: Buffer;
  /** `sha256:…` of the tar. */
  diffId: string;
  /** `sha256:…` of the blob. */
  digest: string;
  mediaType: string;
}

export interface BuiltImage {
  tag: string;
  config: Buffer;
  /** The image id: `sha256:…` of the config. */
  id: string;
  layers: BuiltLayer[];
  manifest: Buffer;
  manifestDigest: string;
  platform: { os: string; architecture: string; variant?: string };
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const LAYER_TYPES: Record<Compression, string> = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
};

/** `sha256:` and the lower-case hex digest. */
export function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Makes the layers, the config and the OCI manifest of an image, all in memory. */
export function buildImage(spec: ImageSpec): BuiltImage {
  const platform = spec.platform ?? { os: 'linux', architecture: 'amd64' };
  const created = spec.created ?? '2024-01-01T00:00:00Z';
  const layers = spec.layers.map((layer): BuiltLayer => {
    const compression = layer.compression ?? 'none';
    const bytes = layer.tar ?? tar(layer.entries ?? []);
    const blob = compress(bytes, compression);
    return { tar: bytes, blob, diffId: digestOf(bytes), digest: digestOf(blob), mediaType: layer.mediaType ?? LAYER_TYPES[compression] };
  });
  const config = Buffer.from(
    JSON.stringify({
      created,
      ...platform,
      config: spec.config ?? {},
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
      history: spec.history ?? spec.layers.map((layer, index) => ({ created, created_by: layer.createdBy ?? `layer ${String(index)}` })),
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
      layers: layers.map((layer) => ({ mediaType: layer.mediaType, digest: layer.digest, size: layer.blob.length })),
      ...(spec.annotations && { annotations: spec.annotations }),
    }),
  );
  const tag = spec.tag ?? 'test/image:latest';
  return { tag, config, id: digestOf(config), layers, manifest, manifestDigest: digestOf(manifest), platform };
}

/** The members of a docker-archive, as `docker save` of before version 25 writes them. */
export function dockerArchiveEntries(image: BuiltImage): TarEntry[] {
  const configName = `${hex(image.id)}.json`;
  const layerName = (layer: BuiltLayer) => `${hex(layer.diffId)}/layer.tar`;
  const manifest = [{ Config: configName, RepoTags: [image.tag], Layers: image.layers.map(layerName) }];
  // A layer that stands twice in an image is stored once.
  const distinct = [...new Map(image.layers.map((layer) => [layer.diffId, layer])).values()];
  return [
    ...distinct.flatMap((layer) => [dir(hex(layer.diffId)), file(layerName(layer), layer.tar)]),
    file(configName, image.config),
    file('manifest.json', JSON.stringify(manifest)),
  ];
}

/** Writes a docker-archive, gzipped as a whole on request. */
export function writeDockerArchive(path: string, spec: ImageSpec, options: { gzip?: boolean } = {}): BuiltImage {
  const image = buildImage(spec);
  const bytes = tar(dockerArchiveEntries(image));
  writeFileSync(path, options.gzip ? gzipSync(bytes) : bytes);
  return image;
}

/** The files of an OCI layout. More than one image gives one nested index of all platforms, under the first one's tag. */
export function ociLayoutFiles(images: BuiltImage[]): Map<string, Buffer> {
  const first = images[0];
  if (!first) throw new Error('an OCI layout needs an image');
  const files = new Map<string, Buffer>();
  const blob = (bytes: Buffer) => files.set(`blobs/sha256/${hex(digestOf(bytes))}`, bytes);
  for (const image of images) {
    for (const layer of image.layers) blob(layer.blob);
    blob(image.config);
    blob(image.manifest);
  }
  const named = { 'org.opencontainers.image.ref.name': first.tag.slice(first.tag.lastIndexOf(':') + 1), 'io.containerd.image.name': first.tag };
  const descriptors = images.map((image) => ({
    mediaType: MANIFEST_TYPE,
    digest: image.manifestDigest,
    size: image.manifest.length,
    platform: image.platform,
  }));
  let manifests: object[] = [{ ...descriptors[0], annotations: named }];
  if (images.length > 1) {
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: descriptors }));
    blob(index);
    manifests = [{ mediaType: INDEX_TYPE, digest: digestOf(index), size: index.length, annotations: named }];
  }
  files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests })));
  return files;
}

/** Writes an OCI layout as a folder; several specs make a multi-platform image. */
export function writeOciLayout(folder: string, ...specs: ImageSpec[]): BuiltImage[] {
  const images = specs.map(buildImage);
  for (const [name, bytes] of ociLayoutFiles(images)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return images;
}

/** Writes an OCI layout as one tar. */
export function writeOciArchive(path: string, ...specs: ImageSpec[]): BuiltImage[] {
  const images = specs.map(buildImage);
  writeFileSync(path, tar([...ociLayoutFiles(images)].map(([name, bytes]) => file(name, bytes))));
  return images;
}

/** Writes entries as a folder; whiteouts, devices and hard links are not for this. */
export function writeRootfs(folder: string, entries: TarEntry[]): void {
  for (const entry of entries) {
    const path = join(folder, entry.path);
    if (entry.type === 'dir') mkdirSync(path, { recursive: true });
    else {
      mkdirSync(dirname(path), { recursive: true });
      if (entry.type === 'symlink') symlinkSync(entry.target ?? '', path);
      else if (entry.type === undefined || entry.type === 'file') {
        writeFileSync(path, entry.content ?? '');
        chmodSync(path, entry.mode ?? 0o644);
      } else throw new Error(`${entry.path}: a root file system folder cannot be given a ${entry.type} here`);
    }
  }
}

function hex(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}
