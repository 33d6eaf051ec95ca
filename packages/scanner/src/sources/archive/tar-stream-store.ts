import { InputError } from '@plimsoll/model';
import { normalisePath } from '../../layers/path.ts';
import { TarReader, type TarEntry } from '../../layers/tar.ts';
import { asArray, asObject, asString, MAX_JSON } from '../json.ts';
import type { LayerHints, LayerRef, LayerSink } from '../source.ts';
import type { BlobStore } from './blob-store.ts';
import { ChunkQueue } from './chunk-queue.ts';
import { linkTarget, resolveLinks } from './tar-file-store.ts';

/** Small files that are kept in all: an archive with more JSON than this is hostile. */
const MAX_JSON_TOTAL = 64 << 20;
const MAX_MEMBERS = 100_000;

interface StreamedLayer extends LayerRef {
  name: string;
}

/**
 * An image archive of which every byte comes by once: compressed, or from the engine. Layers are
 * analysed as they pass, before the manifest that names them was seen.
 */
export class TarStreamStore implements BlobStore {
  readonly label: string;
  readonly #json: Map<string, Buffer>;
  readonly #layers: Map<string, StreamedLayer>;

  private constructor(label: string, json: Map<string, Buffer>, layers: Map<string, StreamedLayer>) {
    this.label = label;
    this.#json = json;
    this.#layers = layers;
  }

  /** Takes the whole stream in. Corrupt layers end it with an `InputError` that names them. */
  static async take(label: string, stream: AsyncIterable<Buffer>, sink: LayerSink): Promise<TarStreamStore> {
    const json = new Map<string, Buffer>();
    const layers = new Map<string, StreamedLayer>();
    const links = new Map<string, string>();
    let jsonTotal = 0;
    let members = 0;
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
            const queue = new ChunkQueue();
            const result = sink.read(() => queue, { name, again: false });
            result.catch(() => queue.abandon());
            layer = { name, queue, result };
            small = undefined;
          }
        }
        if (small) {
          jsonTotal += chunk.length;
          if (small.size > MAX_JSON || jsonTotal > MAX_JSON_TOTAL) {
            throw new InputError('json-too-large', `${label}: ${small.name} is ${small.size} bytes long; manifests and configs are at most ${MAX_JSON}`);
          }
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
      for (const { name, result } of finishing.splice(0)) layers.set(name, { ...(await result), name });
    };
    try {
      for await (const chunk of stream) {
        reader.write(chunk);
        // The chunk's memory may be used again by the stream: the layer must be through with it.
        // (TypeScript cannot see that the reader's calls set `layer`.)
        const open = layer as { queue: ChunkQueue; result: Promise<LayerRef> } | undefined;
        await settle();
        if (open) await Promise.race([open.queue.drained(), open.result]);
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
    });
    return new TarStreamStore(label, json, layers);
  }

  /** Restores a store whose layers are all in the sink's cache. Undefined when the note does not fit. */
  static restore(label: string, note: string, sink: LayerSink): TarStreamStore | undefined {
    let parsed: Record<string, unknown> | undefined;
    try {
      parsed = asObject(JSON.parse(note));
    } catch {
      return undefined;
    }
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
    return new TarStreamStore(label, json, layers);
  }

  /** What `restore` needs. */
  note(): string {
    return JSON.stringify({
      json: [...this.#json].map(([name, bytes]) => [name, bytes.toString('base64')]),
      layers: [...this.#layers].map(([name, layer]) => [name, layer.diffId, layer.storedDigest]),
    });
  }

  has(name: string): boolean {
    return this.#json.has(name) || this.#layers.has(name);
  }

  size(): undefined {
    return undefined;
  }

  json(name: string): Promise<Buffer | undefined> {
    return Promise.resolve(this.#json.get(name));
  }

  async layer(name: string, hints: Omit<LayerHints, 'name' | 'again'>, sink: LayerSink): Promise<LayerRef> {
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
