import { InputError, type Image } from '@plimsoll/model';
import { createHash } from 'node:crypto';
import { inParallel, LAYERS_AT_ONCE } from '../in-parallel.ts';
import { asArray, asDigest, asObject, asString, listed, parseJson, shown } from '../json.ts';
import { choosePlatform } from '../platform.ts';
import type { LayerHints, LayerRef, LayerSink, SourceImage, SourceOptions } from '../source.ts';
import type { BlobStore } from './blob-store.ts';

/** @see https://github.com/opencontainers/image-spec/blob/main/media-types.md, and Docker's own names for the same */
const LAYER_TYPE = /^application\/vnd\.(?:oci\.image\.layer\.(?:nondistributable\.)?v1\.tar|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar)(?:[.+](?:gzip|zstd))?$/;
/** Indexes may nest; real ones do so once. */
const MAX_INDEX_DEPTH = 4;
/** Container runtimes refuse images with more layers (overlay's own bound is 500). */
export const MAX_LAYERS = 1000;

/** Fetches blobs and layers by digest, wherever they are. */
export interface DigestSource {
  label: string;
  /** @param kind what it is: registries keep manifests and indexes at another address than configs */
  json(digest: string, kind: 'manifest' | 'config'): Promise<Buffer>;
  layer(hints: Omit<LayerHints, 'name'>, sink: LayerSink): Promise<LayerRef>;
}

/** A blob store in the form of an OCI layout (image-spec image-layout.md). */
export function layoutSource(store: BlobStore): DigestSource {
  const nameOf = (digest: string) => `blobs/${digest.replace(':', '/')}`;
  return {
    label: store.label,
    async json(digest) {
      const bytes = await store.json(nameOf(digest));
      if (!bytes) throw new InputError('blob-missing', `${store.label}: the blob ${digest} is missing`);
      verifyBlob(bytes, digest, store.label);
      return bytes;
    },
    layer: (hints, sink) => store.layer(nameOf(hints.digest!), hints, sink),
  };
}

export function verifyBlob(bytes: Buffer, digest: string, label: string): void {
  const [algorithm, hex] = digest.split(':') as [string, string];
  const actual = createHash(algorithm).update(bytes).digest('hex');
  if (actual !== hex) throw new InputError('digest-mismatch', `${label}: the blob ${digest} has the digest ${algorithm}:${actual}: it is not what was published`);
}

/** Reads the image that a layout's `index.json` names. */
export async function readLayout(
  store: BlobStore,
  reference: string,
  wantedTag: string | undefined,
  sink: LayerSink,
  options: SourceOptions,
): Promise<Omit<SourceImage, 'image'> & { image: Pick<Image, 'id' | 'digest' | 'tags'> }> {
  const indexBytes = await store.json('index.json');
  if (!indexBytes) throw new InputError('layout-incomplete', `${store.label}: index.json is missing: this is no OCI layout`);
  const index = asObject(parseJson(indexBytes, `${store.label}: index.json`));
  let descriptors = asArray(index?.['manifests']).map(asObject).filter((d) => d !== undefined);
  if (wantedTag !== undefined) {
    const tagged = descriptors.filter((d) => tagOf(d) === wantedTag || d['digest'] === wantedTag);
    if (tagged.length === 0) {
      const known = descriptors.map((d) => tagOf(d) ?? asString(d['digest']) ?? '?');
      throw new InputError('tag-missing', `${store.label} has no image ${JSON.stringify(wantedTag)}; it has: ${listed(known)}`);
    }
    descriptors = tagged;
  }
  const distinct = [...new Set(descriptors.map(tagOf).filter((tag) => tag !== undefined))];
  if (distinct.length > 1) {
    throw new InputError('tag-needed', `${store.label} holds several images: choose one by adding :TAG, of ${listed(distinct)}`);
  }
  const chosen = choosePlatform(descriptors, options.platform, reference);
  const source = layoutSource(store);
  const image = await readDescriptor(source, chosen, sink, options, 0);
  const tags = [asString(asObject(chosen['annotations'])?.['io.containerd.image.name']) ?? tagOf(chosen)].filter((t) => t !== undefined);
  return { ...image, image: { ...image.image, tags } };
}

function tagOf(descriptor: Record<string, unknown>): string | undefined {
  return asString(asObject(descriptor['annotations'])?.['org.opencontainers.image.ref.name']);
}

/** Follows a descriptor through indexes to one image, and gives its layers to the sink. */
export async function readDescriptor(
  source: DigestSource,
  descriptor: Record<string, unknown>,
  sink: LayerSink,
  options: SourceOptions,
  depth: number,
): Promise<Omit<SourceImage, 'image'> & { image: Pick<Image, 'id' | 'digest'> }> {
  const digest = asDigest(descriptor['digest']);
  if (!digest) throw new InputError('digest-invalid', `${source.label}: ${shown(descriptor['digest'])} is no digest`);
  const document = asObject(parseJson(await source.json(digest, 'manifest'), `${source.label}: the manifest ${digest}`));
  return readManifest(source, document, digest, sink, options, depth);
}

/** Reads a manifest or index that is at hand. */
export async function readManifest(
  source: DigestSource,
  document: Record<string, unknown> | undefined,
  digest: string,
  sink: LayerSink,
  options: SourceOptions,
  depth: number,
): Promise<Omit<SourceImage, 'image'> & { image: Pick<Image, 'id' | 'digest'> }> {
  const mediaType = asString(document?.['mediaType']);
  if (Array.isArray(document?.['manifests'])) {
    if (depth >= MAX_INDEX_DEPTH) throw new InputError('index-too-deep', `${source.label}: indexes nest deeper than ${MAX_INDEX_DEPTH}`);
    const descriptors = document['manifests'].map(asObject).filter((d) => d !== undefined);
    return readDescriptor(source, choosePlatform(descriptors, options.platform, source.label), sink, options, depth + 1);
  }
  if (!document || !Array.isArray(document['layers'])) {
    throw new InputError('manifest-unknown', `${source.label}: ${digest} is neither an image nor an index${mediaType ? ` (media type ${shown(mediaType)})` : ''}`);
  }
  const configDigest = asDigest(asObject(document['config'])?.['digest']);
  if (!configDigest) throw new InputError('manifest-corrupt', `${source.label}: the manifest ${digest} names no config`);
  const layers = document['layers'].map(asObject);
  if (layers.length > MAX_LAYERS) throw new InputError('manifest-corrupt', `${source.label}: the manifest names ${layers.length} layers; at most ${MAX_LAYERS} can be`);
  const config = parseJson(await source.json(configDigest, 'config'), `${source.label}: the config ${configDigest}`);
  const diffIds = asArray(asObject(asObject(config)?.['rootfs'])?.['diff_ids']).map(asDigest);
  if (diffIds.length !== layers.length && diffIds.length > 0) {
    throw new InputError('config-corrupt', `${source.label}: the manifest names ${layers.length} layers, the config ${diffIds.length}`);
  }
  const hints = layers.map((layer, index) => {
    const layerDigest = asDigest(layer?.['digest']);
    if (!layerDigest) throw new InputError('digest-invalid', `${source.label}: layer ${index + 1} has no valid digest`);
    const layerType = asString(layer?.['mediaType']);
    if (layerType !== undefined && !LAYER_TYPE.test(layerType)) {
      throw new InputError('media-type-unknown', `${source.label}: layer ${index + 1} (${layerDigest}) has the media type ${shown(layerType)}, which is no image layer's`);
    }
    return { digest: layerDigest, diffId: diffIds[index], mediaType: layerType, size: Number(layer?.['size']) || 0 };
  });
  sink.expect(hints.reduce((sum, h) => sum + (h.diffId !== undefined && sink.has(h.diffId) ? 0 : h.size), 0));
  const read = await inParallel(hints, LAYERS_AT_ONCE, ({ size: _size, ...hint }) => source.layer(hint, sink));
  return { image: { id: configDigest, digest }, config, layers: read };
}
