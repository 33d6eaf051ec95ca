import { InputError, type Platform } from '@plimsoll/model';
import type { KnownImage } from '../base-image.ts';
import { readDockerManifest } from './archive/docker-image.ts';
import { TarStreamStore } from './archive/tar-stream-store.ts';
import { findEngine } from './http/engine-address.ts';
import { EngineClient, type EngineImage } from './http/engine-client.ts';
import { asArray, asDigest, asObject, asString, parseJson } from './json.ts';
import type { ImageSource, LayerSink, SourceImage } from './source.ts';
import { USER_AGENT } from './user-agent.ts';

/** An image of the local container engine, by the Docker Engine API over its socket. */
export const dockerEngine: ImageSource = {
  kind: 'docker',
  scheme: 'docker',
  async detects(reference, { env, offline }) {
    try {
      await (await connect(env, offline)).inspectImage(reference);
      return true;
    } catch (error) {
      // Without an engine, or without the image, others are asked.
      if (error instanceof InputError) return false;
      throw error;
    }
  },
  async read(reference, sink, { env, platform, offline }) {
    const engine = await connect(env, offline);
    const inspected = await engine.inspectImage(reference);
    const image = {
      reference,
      kind: 'docker' as const,
      tags: inspected.RepoTags,
      repoDigests: inspected.RepoDigests,
    };
    const known = restore(inspected, platform, sink);
    if (known) return { ...known, image: { ...image, ...known.image } };
    if (inspected.Size !== undefined) sink.expect(inspected.Size);
    const store = await TarStreamStore.take(`docker:${reference}`, engine.exportImage(reference, platform), sink);
    const read = await readDockerManifest(store, undefined, sink);
    sink.putNote(noteKey(inspected, platform), JSON.stringify({ id: read.image.id, config: read.config, layers: read.layers.map((layer) => layer.diffId) }));
    return { ...read, image: { ...image, ...(read.image.id === undefined ? {} : { id: read.image.id }) } };
  },
};

async function connect(env: NodeJS.ProcessEnv, offline = false): Promise<EngineClient> {
  const address = await findEngine({ env });
  if (offline && address.socketPath === undefined && !/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(address.url.hostname)) {
    throw new InputError('offline', `the engine at ${address.name} is on another machine, and --offline forbids to ask it`);
  }
  return new EngineClient(address, { userAgent: USER_AGENT });
}

function noteKey(image: EngineImage, platform: Platform | undefined): string {
  return `engine-${image.Id}-${platform ? JSON.stringify(platform) : ''}`;
}

/** An image all of whose layers are known is not exported again: its config was noted the first time. */
function restore(inspected: EngineImage, platform: Platform | undefined, sink: LayerSink): (Omit<SourceImage, 'image'> & { image: { id?: string } }) | undefined {
  const note = sink.note(noteKey(inspected, platform));
  if (note === undefined) return undefined;
  const saved = parsedNote(note);
  const diffIds = asArray(saved?.['layers']).map(asDigest).filter((diffId) => diffId !== undefined);
  // A note that is damaged, or of another image, must not stand for this one.
  const config = asObject(saved?.['config']);
  if (!config || !sameList(diffIds, inspected.Layers) || !sameList(diffIds, asArray(asObject(config['rootfs'])?.['diff_ids']))) return undefined;
  if (!diffIds.every((diffId) => sink.has(diffId))) return undefined;
  const id = asString(saved?.['id']);
  return { image: id === undefined ? {} : { id }, config, layers: diffIds.map((diffId) => ({ diffId })) };
}

function parsedNote(note: string): Record<string, unknown> | undefined {
  try {
    return asObject(parseJson(Buffer.from(note), 'the cached image config'));
  } catch {
    return undefined;
  }
}

function sameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

/** Images of the engine with their layers, to find base images among them; none when no engine answers. */
export async function engineImages(env: NodeJS.ProcessEnv, limit: number): Promise<KnownImage[]> {
  try {
    const engine = await connect(env);
    const known: KnownImage[] = [];
    for (const { Id, RepoTags } of (await engine.listImages()).slice(0, limit)) {
      const reference = RepoTags.find((tag) => !tag.includes('<none>'));
      if (reference !== undefined) known.push({ reference, diffIds: (await engine.inspectImage(Id)).Layers });
    }
    return known;
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}
