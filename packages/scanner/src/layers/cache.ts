import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { LayerCatalogue } from './layer-catalogue.ts';
import { PathSet } from './path.ts';

/**
 * Where analysed layers are kept between runs. A file a layer, named by diff ID and by the build of the
 * cataloguers, so that a new version of them never reads what an old one found.
 */
export interface LayerCache {
  has(diffId: string): boolean;
  get(diffId: string): LayerCatalogue | undefined;
  put(diffId: string, catalogue: LayerCatalogue): void;
  /** Small facts by key: which layers an archive file holds. */
  getNote(key: string): string | undefined;
  putNote(key: string, note: string): void;
}

/** Keeps nothing beyond the process. */
export class MemoryLayerCache implements LayerCache {
  readonly #layers = new Map<string, LayerCatalogue>();
  has(diffId: string): boolean {
    return this.#layers.has(diffId);
  }
  get(diffId: string): LayerCatalogue | undefined {
    return this.#layers.get(diffId);
  }
  put(diffId: string, catalogue: LayerCatalogue): void {
    this.#layers.set(diffId, catalogue);
  }
  getNote(): undefined {
    return undefined;
  }
  putNote(): void {
    // A note only helps a later run.
  }
}

const MAGIC = 'PLL1';
/** Magic number, length of the JSON, length of the path hashes, and four bytes that are free. */
const HEAD = 16;
/** Files beyond this, oldest first, are dropped when a new one is written. */
const MAX_BYTES = 1 << 30;

/** A folder of layer catalogues. Files are written beside and renamed, so a reader never sees half of one. */
export class FolderLayerCache implements LayerCache {
  readonly #folder: string;
  readonly #generation: string;
  #swept = false;

  constructor(folder: string, generation: string) {
    this.#folder = join(folder, 'layers');
    this.#generation = generation;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  #file(key: string, ending: string): string {
    return join(this.#folder, `${key.replace(/[^0-9A-Za-z]/g, '-')}.${this.#generation}.${ending}`);
  }

  /** Sources leave out layers that are here, so a file that cannot be read must not count; it is removed. */
  has(diffId: string): boolean {
    const file = this.#file(diffId, 'layer');
    let fd: number;
    try {
      fd = openSync(file, 'r');
    } catch {
      return false;
    }
    let whole = false;
    try {
      const head = Buffer.alloc(HEAD);
      readSync(fd, head, 0, HEAD, 0);
      whole = lengthsOf(head, fstatSync(fd).size) !== undefined;
    } catch {
      // As a damaged one: a folder of that name, or a disk that fails.
    } finally {
      closeSync(fd);
    }
    if (!whole) discard(file);
    return whole;
  }

  get(diffId: string): LayerCatalogue | undefined {
    const file = this.#file(diffId, 'layer');
    let bytes: Buffer;
    try {
      bytes = readFileSync(file);
    } catch {
      return undefined;
    }
    const catalogue = decode(bytes, diffId);
    if (!catalogue) discard(file);
    return catalogue;
  }

  put(diffId: string, catalogue: LayerCatalogue): void {
    const { replaced, ...facts } = catalogue;
    const json = Buffer.from(JSON.stringify(facts));
    const hashes = Buffer.from(replaced.values.buffer, replaced.values.byteOffset, replaced.values.byteLength);
    const head = Buffer.alloc(HEAD);
    head.write(MAGIC, 0, 'latin1');
    head.writeUInt32LE(json.length, 4);
    head.writeUInt32LE(hashes.length, 8);
    this.#write(this.#file(diffId, 'layer'), Buffer.concat([head, json, hashes]));
  }

  getNote(key: string): string | undefined {
    try {
      return readFileSync(this.#file(key, 'note'), 'utf8');
    } catch {
      return undefined;
    }
  }

  putNote(key: string, note: string): void {
    this.#write(this.#file(key, 'note'), Buffer.from(note));
  }

  /** A cache that cannot be written (full disk, read-only home) must not fail the scan. */
  #write(file: string, bytes: Buffer): void {
    const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.part`;
    try {
      writeFileSync(temporary, bytes, { mode: 0o600 });
      renameSync(temporary, file);
      this.#sweep();
    } catch {
      discard(temporary);
    }
  }

  #sweep(): void {
    if (this.#swept) return;
    this.#swept = true;
    const files = readdirSync(this.#folder).flatMap((name) => {
      const stat = statSync(join(this.#folder, name), { throwIfNoEntry: false });
      return stat ? [{ name, size: stat.size, used: stat.mtimeMs }] : [];
    });
    const hourAgo = Date.now() - 3_600_000;
    let total = files.reduce((sum, file) => sum + file.size, 0);
    for (const file of files.sort((a, b) => a.used - b.used)) {
      const abandoned = file.name.endsWith('.part') && file.used < hourAgo;
      if (!abandoned && total <= MAX_BYTES) continue;
      rmSync(join(this.#folder, file.name), { force: true });
      total -= file.size;
    }
  }
}

/** The cache in a folder; where that cannot be made (no home, a read-only disk), one for this process only. */
export function openLayerCache(folder: string, generation: string): LayerCache {
  try {
    return new FolderLayerCache(folder, generation);
  } catch {
    return new MemoryLayerCache();
  }
}

/** Removes a file if that can be done. */
function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // On a read-only disk it stays, and counts as missing every time.
  }
}

/** Bytes of the JSON and of the path hashes; undefined when they do not fit the file. */
function lengthsOf(head: Buffer, fileSize: number): { json: number; hashes: number } | undefined {
  if (fileSize < HEAD || head.toString('latin1', 0, 4) !== MAGIC) return undefined;
  const json = head.readUInt32LE(4);
  const hashes = head.readUInt32LE(8);
  return fileSize === HEAD + json + hashes && hashes % 8 === 0 ? { json, hashes } : undefined;
}

/** Undefined for a file that is cut or damaged: the layer is then analysed again. */
function decode(bytes: Buffer, diffId: string): LayerCatalogue | undefined {
  const lengths = lengthsOf(bytes, bytes.length);
  if (!lengths) return undefined;
  const { json, hashes } = lengths;
  try {
    const facts = JSON.parse(bytes.toString('utf8', HEAD, HEAD + json)) as Omit<LayerCatalogue, 'replaced'>;
    if (facts.diffId !== diffId) return undefined;
    const values = new Float64Array(hashes / 8);
    Buffer.from(values.buffer).set(bytes.subarray(HEAD + json));
    return { ...facts, replaced: new PathSet(values, true) };
  } catch {
    return undefined;
  }
}
