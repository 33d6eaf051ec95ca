import { InputError, type Image } from '@plimsoll/model';
import { createHash } from 'node:crypto';
import { asArray, asDigest, asObject, asString, asStrings, listed, parseJson, shown } from '../json.ts';
import type { LayerRef, LayerSink, SourceImage } from '../source.ts';
import type { BlobStore } from './blob-store.ts';
import { MAX_LAYERS } from './oci-image.ts';

/** Reads an archive as `docker save` writes it: `manifest.json` names config, tags and layers of each image. */
export async function readDockerManifest(
  store: BlobStore,
  wantedTag: string | undefined,
  sink: LayerSink,
): Promise<Omit<SourceImage, 'image'> & { image: Pick<Image, 'id' | 'tags'> }> {
  const manifestBytes = await store.json('manifest.json');
  if (!manifestBytes) throw new InputError('archive-incomplete', `${store.label}: manifest.json is missing: this is no docker-archive`);
  const images = asArray(parseJson(manifestBytes, `${store.label}: manifest.json`)).map(asObject).filter((i) => i !== undefined);
  const chosen = wantedTag === undefined ? images[0] : images.find((i) => asStrings(i['RepoTags']).includes(wantedTag));
  if (!chosen) {
    const known = images.flatMap((i) => asStrings(i['RepoTags']));
    throw new InputError('tag-missing', `${store.label} has no image${wantedTag === undefined ? '' : ` ${JSON.stringify(wantedTag)}`}${known.length ? `; it has: ${listed(known)}` : ''}`);
  }
  if (wantedTag === undefined && images.length > 1) {
    sink.warn('archive-several-images', `the archive holds ${images.length} images; the first one was read (choose another by FILE:TAG)`, false);
  }
  const configName = asString(chosen['Config']) ?? '';
  const configBytes = await store.json(configName);
  if (!configBytes) throw new InputError('blob-missing', `${store.label}: the image config ${shown(configName)} is missing`);
  const config = parseJson(configBytes, `${store.label}: ${shown(configName)}`);
  const id = `sha256:${createHash('sha256').update(configBytes).digest('hex')}`;
  const named = /(?:^|[/:])([0-9a-f]{64})(?:\.json)?$/.exec(configName)?.[1];
  if (named !== undefined && id !== `sha256:${named}`) {
    throw new InputError('digest-mismatch', `${store.label}: the config ${shown(configName)} has the digest ${id}: it is not what was published`);
  }
  const names = asStrings(chosen['Layers']);
  if (names.length > MAX_LAYERS) throw new InputError('manifest-corrupt', `${store.label}: manifest.json names ${names.length} layers; at most ${MAX_LAYERS} can be`);
  const diffIds = asArray(asObject(asObject(config)?.['rootfs'])?.['diff_ids']).map(asDigest);
  if (diffIds.length !== names.length) {
    throw new InputError('config-corrupt', `${store.label}: manifest.json names ${names.length} layers, the config ${diffIds.length}`);
  }
  sink.expect(
    names.reduce((sum, name, i) => sum + (diffIds[i] !== undefined && sink.has(diffIds[i]) ? 0 : (store.size(name) ?? 0)), 0),
  );
  const layers: LayerRef[] = [];
  for (const [index, name] of names.entries()) {
    // In archives in OCI form, layers are named by their digest.
    const blob = /^blobs\/(sha256)\/([0-9a-f]{64})$/.exec(name);
    layers.push(await store.layer(name, { diffId: diffIds[index], digest: blob ? `${blob[1]}:${blob[2]}` : undefined }, sink));
  }
  return { image: { id, tags: asStrings(chosen['RepoTags']) }, config, layers };
}
