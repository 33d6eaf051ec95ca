import { InputError } from '@plimsoll/model';
import { normalisePath } from '../../layers/path.ts';
import { TarReader, type TarEntry } from '../../layers/tar.ts';
import { asArray, asObject, asString, MAX_JSON } from '../json.ts';
import type { LayerHints, LayerRef, LayerSink } from '../source.ts';
import type { BlobStore } from './blob-store.ts';
import { ChunkQueue } from './chunk-queue.ts';
import { MAX_LAYERS } from './oci-image.ts';
import { linkTarget, resolveLinks } from './tar-file-store.ts';

/** Small files that are kept in all: an archive with more JSON than this is hostile. */
const MAX_JSON_TOTAL = 64 << 20;
const MAX_MEMBERS = 100_000;
/** Members that are neither JSON nor layers: attestations, a README. No image archive has so many. */
const MAX_FAILED = 1000;
/** Layers that one archive may hold, of several images together: each is analysed before the manifest was seen. */
const MAX_STREAMED_LAYERS = 4 * MAX_LAYERS;

interface StreamedLayer extends LayerRef {
  name: string;
}

/** Why a member could not be taken in. It matters only to an image that names the member. */
interface Failure {
  code: string;
  message: string;
}

/**
 * An image archive of which every byte comes by once: compressed, or from the engine. Layers are
 * analysed as they pass, before the manifest that names them was seen.
 */
export class TarStreamStore implements BlobStore {
  readonly label: string;
  readonly #json: Map<string, Buffer>;
  readonly #layers: Map<string, StreamedLayer>;
  readonly #failed: Map<string, Failure>;

  private constructor(label: string, json: Map<string, Buffer>, layers: Map<string, StreamedLayer>, failed: Map<string, Failure>) {
    this.label = label;
    this.#json = json;
    this.#layers = layers;
    this.#failed = failed;
  }

  /**
   * Takes the whole stream in. A member that is corrupt or too large is an error only when it is asked for.
   * @throws InputError when the stream itself is cut off, or is no image archive
   */
  static async take(label: string, stream: AsyncIterable<Buffer>, sink: LayerSink): Promise<TarStreamStore> {
    const json = new Map<string, Buffer>();
    const layers = new Map<string, StreamedLayer>();
    const failed = new Map<string, Failure>();
    const fail = (name: string, code: string, message: string) => {
      failed.set(name, { code, message: message.startsWith(label) ? message : `${label}: ${message}` });
      if (failed.size > MAX_FAILED) throw new InputError('archive-corrupt', `${label} has more than ${MAX_FAILED} files that are neither JSON nor layers: it is no image archive`);
    };
    const links = new Map<string, string>();
    let jsonTotal = 0;
    let members = 0;
    let streamed = 0;
    let small: { name: string; parts: Buffer[]; size: number } | undefined;
    let layer: { name: string; queue: ChunkQueue; result: Promise<LayerRef> } | undefined;
    /** Layers whose bytes all came, still being worked on. */
    const finishing: { name: string; result: Promise<LayerRef> }[] = [];

    const reader = new TarReader({
      entry(entry: TarEntry): boolean {
        small = undefined;
        layer = undefined;
        const name = normalisePath(entry.path);
        if (name === undefined || name === '') return false;
        if (++members > MAX_MEMBERS) throw new InputError('archive-corrupt', `${label} has more than ${MAX_MEMBERS} files: it is no image archive`);
        if (entry.type === 'symlink' || entry.type === 'hardlink') {
          const target = linkTarget(name, entry);
          if (target !== undefined) links.set(name, target);
          return false;
        }
        if (entry.type !== 'file') return false;
        // In archives in OCI form a plain layer is named by its diff ID: a known one is not read again.
        const blob = /^blobs\/(sha256)\/([0-9a-f]{64})$/.exec(name);
        const diffId = blob ? `${blob[1]}:${blob[2]}` : undefined;
        if (diffId !== undefined && sink.has(diffId)) {
          layers.set(name, { name, diffId, storedDigest: diffId });
          return false;
        }
        // A member may stand twice, and the later one counts.
        for (const kept of [json, layers, failed]) kept.delete(name);
        small = { name, parts: [], size: entry.size };
        if (entry.size === 0) json.set(name, Buffer.alloc(0));
        return entry.size > 0;
      },
      data(chunk: Buffer): boolean {
        if (small && small.parts.length === 0) {
          // JSON starts with a brace or bracket. A tar may too, by its first entry's name, but it has its mark at 257.
          const first = chunk[0];
          const tar = chunk.length > 262 && chunk.toString('latin1', 257, 262) === 'ustar';
          const text = !tar && (first === 0x7b || first === 0x5b || small.size < 512);
          if (!text) {
            const { name } = small;
            if (++streamed > MAX_STREAMED_LAYERS) throw new InputError('archive-corrupt', `${label} has more than ${MAX_STREAMED_LAYERS} layers: it is no image archive`);
            const queue = new ChunkQueue();
            const result = sink.read(() => queue, { name, again: false });
            result.catch(() => queue.abandon());
            layer = { name, queue, result };
            small = undefined;
          }
        }
        if (small) {
          if (small.size > MAX_JSON || jsonTotal + chunk.length > MAX_JSON_TOTAL) {
            const bound = small.size > MAX_JSON ? `manifests and configs are at most ${MAX_JSON}` : `all JSON of an archive is at most ${MAX_JSON_TOTAL}`;
            fail(small.name, 'json-too-large', `${small.name} is ${small.size} bytes long; ${bound}`);
            jsonTotal -= small.parts.reduce((sum, part) => sum + part.length, 0);
            small = undefined;
            return false;
          }
          jsonTotal += chunk.length;
          small.parts.push(Buffer.from(chunk));
        } else {
          layer?.queue.push(chunk);
        }
        return true;
      },
      hole: () => true,
      end(): void {
        if (small) json.set(small.name, Buffer.concat(small.parts));
        if (layer) {
          layer.queue.end();
          finishing.push({ name: layer.name, result: layer.result });
          layer = undefined;
        }
      },
    });
    const settle = async () => {
      for (const { name, result } of finishing.splice(0)) {
        try {
          layers.set(name, { ...(await result), name });
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          fail(name, error.code, error.message);
        }
      }
    };
    try {
      for await (const chunk of stream) {
        reader.write(chunk);
        // The chunk's memory may be used again by the stream: the layer must be through with it.
        // (TypeScript cannot see that the reader's calls set `layer`.)
        const open = layer as { queue: ChunkQueue; result: Promise<LayerRef> } | undefined;
        await settle();
        // A layer that fails is told of when it ends; its queue is abandoned then, and so drained.
        if (open) await Promise.race([open.queue.drained(), open.result.catch(() => undefined)]);
      }
      reader.finish();
      await settle();
    } catch (error) {
      (layer as { queue: ChunkQueue } | undefined)?.queue.fail(error as Error);
      await Promise.allSettled(finishing.map((f) => f.result));
      if (error instanceof InputError && !error.message.startsWith(label)) {
        const code = error.code === 'tar-truncated' ? 'archive-truncated' : error.code;
        throw new InputError(code, `${label}: ${error.message}`, { cause: error });
      }
      throw error;
    }
    resolveLinks(links, (name, target) => {
      const linked = layers.get(target);
      if (linked) layers.set(name, linked);
      const text = json.get(target);
      if (text) json.set(name, text);
      const failure = failed.get(target);
      if (failure) failed.set(name, failure);
    });
    return new TarStreamStore(label, json, layers, failed);
  }

  /** Restores a store whose layers are all in the sink's cache. Undefined when the note does not fit. */
  static restore(label: string, note: string, sink: LayerSink): TarStreamStore | undefined {
    let parsed: Record<string, unknown> | undefined;
    try {
      parsed = asObject(JSON.parse(note));
    } catch {
      return undefined;
    }
    if (!['json', 'layers', 'failed'].every((part) => Array.isArray(parsed?.[part]))) return undefined;
    const json = new Map<string, Buffer>();
    const layers = new Map<string, StreamedLayer>();
    for (const item of asArray(parsed?.['json'])) {
      const [name, text] = asArray(item).map(asString);
      if (name === undefined || text === undefined) return undefined;
      json.set(name, Buffer.from(text, 'base64'));
    }
    for (const item of asArray(parsed?.['layers'])) {
      const [name, diffId, storedDigest] = asArray(item).map(asString);
      if (name === undefined || diffId === undefined || !sink.has(diffId)) return undefined;
      layers.set(name, { name, diffId, storedDigest });
    }
    const failed = new Map<string, Failure>();
    for (const item of asArray(parsed?.['failed'])) {
      const [name, code, message] = asArray(item).map(asString);
      if (name === undefined || code === undefined || message === undefined) return undefined;
      failed.set(name, { code, message });
    }
    return new TarStreamStore(label, json, layers, failed);
  }

  /** What `restore` needs. */
  note(): string {
    return JSON.stringify({
      json: [...this.#json].map(([name, bytes]) => [name, bytes.toString('base64')]),
      layers: [...this.#layers].map(([name, layer]) => [name, layer.diffId, layer.storedDigest]),
      failed: [...this.#failed].map(([name, { code, message }]) => [name, code, message]),
    });
  }

  has(name: string): boolean {
    return this.#json.has(name) || this.#layers.has(name) || this.#failed.has(name);
  }

  size(): undefined {
    return undefined;
  }

  async json(name: string): Promise<Buffer | undefined> {
    this.#demand(name);
    return Promise.resolve(this.#json.get(name));
  }

  /** @throws InputError when the member came by, but could not be taken in */
  #demand(name: string): void {
    const failure = this.#failed.get(name);
    if (failure) throw new InputError(failure.code, failure.message);
  }

  async layer(name: string, hints: Omit<LayerHints, 'name' | 'again'>, sink: LayerSink): Promise<LayerRef> {
    this.#demand(name);
    const layer = this.#layers.get(name);
    if (!layer) {
      // A file too small to be told from JSON while it went by: an empty layer.
      const bytes = this.#json.get(name);
      if (!bytes) throw new InputError('blob-missing', `${this.label}: the layer ${name} is missing`);
      return sink.read(() => once(bytes), { ...hints, name, again: true });
    }
    for (const [what, expected, actual] of [
      ['digest', hints.digest, layer.storedDigest],
      ['diff ID', hints.diffId, layer.diffId],
    ] as const) {
      if (expected !== undefined && actual !== undefined && expected !== actual) {
        throw new InputError('digest-mismatch', `${this.label}: layer ${name}: its ${what} is ${actual}, but the image names ${expected}: the content is not what was published`);
      }
    }
    return { diffId: layer.diffId, digest: hints.digest, mediaType: hints.mediaType };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}
