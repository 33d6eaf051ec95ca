import { inflateSync } from 'node:zlib';
import { ByteReader, MalformedBytes } from './bytes.ts';
import { readAt } from './files.ts';
import { MAX_BLOCK_BYTES, type TableExtent } from './format.ts';

/** Row starts within an inflated block; one more than there are rows, the last being the end. */
interface Block {
  bytes: Buffer;
  /** `bytes` as Latin-1. */
  text: string;
  starts: Uint32Array;
}

interface BlockEntry {
  firstRow: number;
  rows: number;
  position: number;
  length: number;
  size: number;
  firstKey: Buffer;
}

/** Inflated blocks of all tables, the least recently used ones dropped first. */
export class BlockCache {
  private readonly blocks = new Map<string, Block>();
  private used = 0;
  private readonly budget: number;

  constructor(budgetBytes: number) {
    this.budget = budgetBytes;
  }

  get(key: string, load: () => Block): Block {
    const found = this.blocks.get(key);
    if (found) {
      this.blocks.delete(key);
      this.blocks.set(key, found);
      return found;
    }
    const block = load();
    this.blocks.set(key, block);
    this.used += weight(block);
    for (const [oldKey, old] of this.blocks) {
      if (this.used <= this.budget || old === block) break;
      this.blocks.delete(oldKey);
      this.used -= weight(old);
    }
    return block;
  }
}

function weight(block: Block): number {
  return block.bytes.length * 2 + block.starts.byteLength;
}

/** Inflates a zlib stream of at most `size` bytes; its Adler-32 is verified by zlib. */
export function inflateUpTo(data: Buffer, size: number): Buffer {
  try {
    // What a forged stream can take is bounded by maxOutputLength, which must be 1 at least. One chunk for all
    // spares zlib a copy; 64 is the least it takes, and a footer's bound is far above what it needs.
    const chunkSize = Math.min(Math.max(64, size), 1024 * 1024);
    return inflateSync(data, { chunkSize, maxOutputLength: Math.max(1, size) });
  } catch (cause) {
    throw new MalformedBytes(`compressed data is broken: ${(cause as Error).message}`);
  }
}

/** Inflates a zlib stream that must come to exactly `size` bytes. */
export function inflateExactly(data: Buffer, size: number): Buffer {
  const out = inflateUpTo(data, size);
  if (out.length !== size) throw new MalformedBytes('compressed data has the wrong length');
  return out;
}

/** Reads one table. Its index is read at the first lookup. Throws `MalformedBytes` for anything that no writer writes. */
export class TableReader {
  private readonly fd: number;
  private readonly name: string;
  private readonly extent: TableExtent;
  private readonly cache: BlockCache;
  private index: BlockEntry[] | undefined;
  private last: { number: number; block: Block } | undefined;

  constructor(fd: number, name: string, extent: TableExtent, cache: BlockCache) {
    this.fd = fd;
    this.name = name;
    this.extent = extent;
    this.cache = cache;
  }

  get rows(): number {
    return this.extent.rows;
  }

  /** The value of a key's row, or undefined when there is none. */
  find(key: Buffer): ByteReader | undefined {
    const index = this.loadIndex();
    const number = lastAtOrBefore(index.length, (i) => compare(index[i]!.firstKey, 0, index[i]!.firstKey.length, key));
    if (number < 0) return undefined;
    const { bytes, text, starts } = this.loadBlock(number);
    const reader = new ByteReader(bytes, 0, 0, text);
    const order = (i: number): number => {
      const length = reader.moveTo(starts[i]!, starts[i + 1]!).varint();
      const start = reader.skip(length);
      return compare(bytes, start, start + length, key);
    };
    const row = lastAtOrBefore(starts.length - 1, order);
    // `order` leaves the reader behind the key that it compared.
    return row >= 0 && order(row) === 0 ? reader : undefined;
  }

  /** The value of a row by its number, from 0. */
  row(number: number): ByteReader {
    return this.keyedRow(number).value;
  }

  keyedRow(number: number): { key: string; value: ByteReader } {
    const index = this.loadIndex();
    const at = lastAtOrBefore(index.length, (i) => index[i]!.firstRow - number);
    const entry = index[at];
    if (!entry || number >= entry.firstRow + entry.rows) throw new MalformedBytes(`row ${number} does not exist`);
    const { bytes, text, starts } = this.loadBlock(at);
    const row = number - entry.firstRow;
    const value = new ByteReader(bytes, starts[row]!, starts[row + 1]!, text);
    return { key: value.string(), value };
  }

  /** Reads every block, for a full check of the file. */
  verify(): void {
    const index = this.loadIndex();
    for (let i = 0; i < index.length; i++) this.readBlock(index[i]!);
  }

  private loadIndex(): BlockEntry[] {
    if (this.index) return this.index;
    const { indexStart, indexLength, indexSize, start, rows, blocks } = this.extent;
    const bytes = inflateExactly(readAt(this.fd, indexStart, indexLength), indexSize);
    const reader = new ByteReader(bytes);
    const index: BlockEntry[] = [];
    let firstRow = 0;
    let position = start;
    while (!reader.done) {
      const rowCount = reader.varint();
      const length = reader.varint();
      const size = reader.varint();
      const keyLength = reader.varint();
      const keyStart = reader.skip(keyLength);
      if (rowCount === 0 || size > MAX_BLOCK_BYTES || position + length > indexStart) {
        throw new MalformedBytes('the index names a block that cannot be');
      }
      index.push({ firstRow, rows: rowCount, position, length, size, firstKey: bytes.subarray(keyStart, keyStart + keyLength) });
      firstRow += rowCount;
      position += length;
    }
    if (firstRow !== rows || index.length !== blocks || position !== indexStart) {
      throw new MalformedBytes('the index does not add up');
    }
    this.index = index;
    return index;
  }

  private loadBlock(number: number): Block {
    // A package's records lie side by side, so the next row is mostly in the same block.
    if (this.last?.number === number) return this.last.block;
    const block = this.cache.get(`${this.name}/${number}`, () => this.readBlock(this.index![number]!));
    this.last = { number, block };
    return block;
  }

  private readBlock(entry: BlockEntry): Block {
    const bytes = inflateExactly(readAt(this.fd, entry.position, entry.length), entry.size);
    const reader = new ByteReader(bytes);
    if (reader.count() !== entry.rows) throw new MalformedBytes('a block has the wrong number of rows');
    const starts = new Uint32Array(entry.rows + 1);
    let total = 0;
    for (let i = 1; i <= entry.rows; i++) {
      total += reader.varint();
      starts[i] = total;
    }
    const base = reader.position;
    if (base + total !== bytes.length) throw new MalformedBytes('a block has the wrong length');
    for (let i = 0; i < starts.length; i++) starts[i]! += base;
    return { bytes, text: bytes.toString('latin1'), starts };
  }
}

/** Binary search: the last `i` in 0…count-1 where `order(i) <= 0`; -1 when there is none. */
function lastAtOrBefore(count: number, order: (i: number) => number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order(middle) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * Order of a stretch of bytes and a key, as `Buffer.compare` gives it. A loop, since keys differ in
 * their first bytes mostly, and a call into native code costs more than that.
 */
function compare(bytes: Buffer, start: number, end: number, key: Buffer): number {
  const length = Math.min(end - start, key.length);
  for (let i = 0; i < length; i++) {
    const difference = bytes[start + i]! - key[i]!;
    if (difference !== 0) return difference;
  }
  return end - start - key.length;
}
