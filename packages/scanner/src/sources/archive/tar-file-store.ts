import { InputError } from '@plimsoll/model';
import { open, type FileHandle } from 'node:fs/promises';
import { fileRange } from '../../layers/file-range.ts';
import { normalisePath } from '../../layers/path.ts';
import { TarReader, type TarEntry } from '../../layers/tar.ts';
import { MAX_JSON, shown } from '../json.ts';
import type { LayerHints, LayerRef, LayerSink } from '../source.ts';
import type { BlobStore } from './blob-store.ts';

interface Member {
  offset: number;
  size: number;
}

/** Archives of images hold a few files a layer; one with more members than this is none. */
const MAX_MEMBERS = 100_000;

/** An uncompressed image archive on disk: its headers are read once, its contents in place. */
export class TarFileStore implements BlobStore {
  readonly label: string;
  readonly #file: FileHandle;
  readonly #members: Map<string, Member>;

  private constructor(label: string, file: FileHandle, members: Map<string, Member>) {
    this.label = label;
    this.#file = file;
    this.#members = members;
  }

  static async open(path: string): Promise<TarFileStore> {
    const file = await open(path, 'r');
    try {
      return new TarFileStore(path, file, await indexMembers(file, path));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  size(name: string): number | undefined {
    return this.#members.get(name)?.size;
  }

  async json(name: string): Promise<Buffer | undefined> {
    const member = this.#members.get(name);
    if (!member) return undefined;
    if (member.size > MAX_JSON) throw new InputError('json-too-large', `${this.label}: ${name} is ${member.size} bytes long; manifests and configs are at most ${MAX_JSON}`);
    const bytes = Buffer.alloc(member.size);
    const { bytesRead } = await this.#file.read(bytes, 0, member.size, member.offset);
    if (bytesRead < member.size) throw new InputError('archive-truncated', `${this.label} ends within ${name}`);
    return bytes;
  }

  layer(name: string, hints: Omit<LayerHints, 'name' | 'again'>, sink: LayerSink): Promise<LayerRef> {
    const member = this.#members.get(name);
    if (!member) throw new InputError('blob-missing', `${this.label}: the layer ${name} is missing`);
    return sink.read(() => fileRange(this.#file, member.offset, member.offset + member.size), { ...hints, name, again: true });
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Walks the headers and steps over the contents. */
async function indexMembers(file: FileHandle, path: string): Promise<Map<string, Member>> {
  const members = new Map<string, Member>();
  const links = new Map<string, string>();
  const { size: fileSize } = await file.stat();
  let current: TarEntry | undefined;
  const reader = new TarReader({
    entry(entry) {
      current = entry;
      return false;
    },
    data: () => false,
    hole: () => false,
    end: () => undefined,
  });
  const block = Buffer.alloc(512);
  let at = 0;
  let entries = 0;
  while (at < fileSize && !reader.ended) {
    current = undefined;
    const { bytesRead } = await file.read(block, 0, 512, at);
    if (bytesRead < 512) throw new InputError('archive-truncated', `${path} is cut off at byte ${at + bytesRead}`);
    try {
      reader.write(block);
    } catch (error) {
      if (error instanceof InputError) throw new InputError(error.code, `${path}: ${error.message}`, { cause: error });
      throw error;
    }
    at += 512;
    const entry = current as TarEntry | undefined;
    if (!entry) continue;
    if (++entries > MAX_MEMBERS) throw new InputError('archive-corrupt', `${path} has more than ${MAX_MEMBERS} files: it is no image archive`);
    const name = normalisePath(entry.path);
    if (entry.type === 'file') {
      if (name) members.set(name, { offset: at, size: entry.size });
      if (at + entry.size > fileSize) throw new InputError('archive-truncated', `${path} is cut off within ${shown(entry.path)}`);
      // The reader now waits for content: it is told of it in place of reading it.
      at += reader.skipContent();
    } else if (name && (entry.type === 'symlink' || entry.type === 'hardlink')) {
      const target = linkTarget(name, entry);
      if (target !== undefined) links.set(name, target);
    }
  }
  resolveLinks(links, (name, target) => {
    const member = members.get(target);
    if (member) members.set(name, member);
  });
  return members;
}

/** Where a link of an archive points, as a member's name. `docker save` links layers that are alike: `../<id>/layer.tar`. */
export function linkTarget(name: string, entry: TarEntry): string | undefined {
  if (entry.type === 'hardlink') return normalisePath(entry.linkPath);
  if (entry.linkPath.startsWith('/')) return undefined;
  const parts = name.split('/').slice(0, -1);
  for (const part of entry.linkPath.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '.' && part !== '') {
      parts.push(part);
    }
  }
  return parts.join('/');
}

/** Follows links to links, a bounded number of times. */
export function resolveLinks(links: ReadonlyMap<string, string>, use: (name: string, target: string) => void): void {
  for (const [name, first] of links) {
    let target = first;
    for (let depth = 0; depth < 16; depth++) {
      const next = links.get(target);
      if (next === undefined) break;
      target = next;
    }
    use(name, target);
  }
}
