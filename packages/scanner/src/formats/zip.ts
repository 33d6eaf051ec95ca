import { inflateRawSync } from 'node:zlib';
import { MemoryContent, type RandomAccess } from './random-access.ts';

/*
 * Zip archives by their central directory, without unpacking.
 * Field offsets follow PKWARE's APPNOTE.TXT 6.3.10, whose section numbers are cited below.
 * CRCs are not compared: the layer's digest already covers every byte, and sizes are checked.
 */

const LOCAL_HEADER = 0x04034b50; // 4.3.7
const DIRECTORY_HEADER = 0x02014b50; // 4.3.12
const ZIP64_END = 0x06064b50; // 4.3.14
const ZIP64_LOCATOR = 0x07064b50; // 4.3.15
const END_OF_DIRECTORY = 0x06054b50; // 4.3.16

const LOCAL_HEADER_SIZE = 30;
const DIRECTORY_HEADER_SIZE = 46;
const ZIP64_END_SIZE = 56;
const ZIP64_LOCATOR_SIZE = 20;
const END_SIZE = 22;
const MAX_COMMENT = 0xffff;

const STORED = 0;
const DEFLATED = 8;
/** No deflate stream expands more: 258 bytes from two bits. */
const MAX_DEFLATE_RATIO = 1032;

/** `zip-corrupt`: breaks the format. `zip-unsupported`: encrypted or another method. `archive-too-large`: over a bound. */
export type ZipErrorCode = 'zip-corrupt' | 'zip-unsupported' | 'archive-too-large';

/** An archive or an entry that cannot be read. The message says what is wrong, not where: callers know the path. */
export class ZipError extends Error {
  override name = 'ZipError';
  readonly code: ZipErrorCode;
  constructor(code: ZipErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * What may still be spent on one file of the image, with all archives nested in it. Reading lowers
 * the numbers, so archives that repeat or overlap their entries cost no more than honest ones.
 */
export interface ZipBudget {
  /** Bytes of central directories. */
  directoryBytes: number;
  /** Bytes that inflating gives. */
  inflatedBytes: number;
  /** Entries opened. */
  entries: number;
}

export interface ZipEntry {
  name: string;
  /** Compression method, 4.4.5. */
  method: number;
  encrypted: boolean;
  /** Bytes in the archive. */
  compressedSize: number;
  /** Bytes when unpacked, as declared. */
  size: number;
  /** Where the local header begins, counted from the start of the content. */
  headerOffset: number;
}

export interface ZipDirectory {
  entries: ZipEntry[];
  /** Set when the directory ends early or holds nonsense; `entries` are those before that place. */
  damage?: string;
}

/** A part of other content, without a copy. */
export class SliceContent implements RandomAccess {
  readonly size: number;
  readonly #base: RandomAccess;
  readonly #start: number;
  /** The part must lie within `base`. */
  constructor(base: RandomAccess, start: number, size: number) {
    this.#base = base;
    this.#start = start;
    this.size = size;
  }
  read(offset: number, length: number): Buffer {
    if (offset < 0 || length <= 0 || offset >= this.size) return Buffer.alloc(0);
    return this.#base.read(this.#start + offset, Math.min(length, this.size - offset));
  }
  all(): Buffer {
    return this.read(0, this.size);
  }
}

/**
 * Lists the entries whose names `wanted` accepts, in the directory's order.
 * Bytes before the archive are allowed (executable jars begin with a script), and a few after it.
 * @throws {ZipError} when there is no central directory, or it is larger than the budget.
 */
export function readZipDirectory(content: RandomAccess, budget: ZipBudget, wanted: (name: string) => boolean): ZipDirectory {
  const place = findDirectory(content);
  if (place.size > budget.directoryBytes) {
    throw new ZipError('archive-too-large', `its directory of ${place.size} bytes is more than the ${budget.directoryBytes} bytes that may be read`);
  }
  budget.directoryBytes -= place.size;
  const bytes = content.read(place.start, place.size);
  const entries: ZipEntry[] = [];
  let at = 0;
  let seen = 0;
  while (at + DIRECTORY_HEADER_SIZE <= bytes.length && bytes.readUInt32LE(at) === DIRECTORY_HEADER) {
    const nameEnd = at + DIRECTORY_HEADER_SIZE + bytes.readUInt16LE(at + 28);
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
    const next = extraEnd + bytes.readUInt16LE(at + 32);
    if (next > bytes.length) break;
    // Names are UTF-8 or code page 437 (4.4.17, appendix D); the ones that matter here are ASCII, which both share.
    const name = bytes.toString('utf8', at + DIRECTORY_HEADER_SIZE, nameEnd);
    if (wanted(name)) {
      const entry = readDirectoryEntry(bytes, at, name, bytes.subarray(nameEnd, extraEnd), place.shift);
      if (entry === undefined) return { entries, damage: `directory record ${seen + 1} points outside the archive` };
      entries.push(entry);
    }
    seen += 1;
    at = next;
  }
  // Compared in 16 bits: tools from before zip64 let the count wrap around.
  if ((seen & 0xffff) !== (place.count & 0xffff)) {
    return { entries, damage: `the directory has ${seen} readable records where ${place.count} are announced` };
  }
  return { entries };
}

/**
 * Content of an entry: a view for stored ones, inflated into memory for others.
 * @param maxSize largest unpacked size in bytes.
 * @throws {ZipError} when the entry is damaged, of another method, or over a bound.
 */
export function readZipEntry(content: RandomAccess, entry: ZipEntry, budget: ZipBudget, maxSize: number): RandomAccess {
  if (entry.encrypted) throw new ZipError('zip-unsupported', 'it is encrypted');
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    throw new ZipError('zip-unsupported', `it is packed by method ${entry.method}; only stored and deflated entries can be read`);
  }
  if (budget.entries <= 0) throw new ZipError('archive-too-large', 'the archive has more entries of interest than may be read');
  if (entry.size > maxSize) throw new ZipError('archive-too-large', `its ${entry.size} bytes are more than the ${maxSize} bytes that may be unpacked at once`);
  budget.entries -= 1;

  const header = content.read(entry.headerOffset, LOCAL_HEADER_SIZE);
  if (header.length < LOCAL_HEADER_SIZE || header.readUInt32LE(0) !== LOCAL_HEADER) {
    throw new ZipError('zip-corrupt', `there is no local header at byte ${entry.headerOffset}`);
  }
  // Sizes come from the directory: the local ones are zero where a data descriptor follows (4.4.4, bit 3).
  const start = entry.headerOffset + LOCAL_HEADER_SIZE + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + entry.compressedSize > content.size) throw new ZipError('zip-corrupt', 'its data reach past the end of the archive');

  if (entry.method === STORED) {
    if (entry.compressedSize !== entry.size) throw new ZipError('zip-corrupt', 'it is stored, yet its two sizes differ');
    return new SliceContent(content, start, entry.size);
  }
  return new MemoryContent(inflate(content.read(start, entry.compressedSize), entry.size, budget));
}

function inflate(packed: Buffer, size: number, budget: ZipBudget): Buffer {
  if (size > packed.length * MAX_DEFLATE_RATIO) throw new ZipError('zip-corrupt', `${packed.length} bytes cannot inflate to ${size}`);
  if (size > budget.inflatedBytes) throw new ZipError('archive-too-large', 'unpacking it would pass the bound for one file of the image');
  // Charged before the attempt, so that failing entries cost as well.
  budget.inflatedBytes -= size;
  let bytes: Buffer;
  try {
    // One chunk, one byte longer than the result, lets zlib finish without a second buffer and a copy.
    bytes = inflateRawSync(packed, { maxOutputLength: Math.max(size, 1), chunkSize: Math.max(size + 1, 64) });
  } catch {
    throw new ZipError('zip-corrupt', 'its data do not inflate to the declared size');
  }
  if (bytes.length !== size) throw new ZipError('zip-corrupt', `it inflates to ${bytes.length} bytes where ${size} are declared`);
  return bytes;
}

interface DirectoryPlace {
  /** Where the directory begins in the content. */
  start: number;
  size: number;
  /** Bytes before the archive, to be added to offsets that do not count them. */
  shift: number;
  /** Announced number of records. */
  count: number;
}

function findDirectory(content: RandomAccess): DirectoryPlace {
  const tailStart = Math.max(0, content.size - END_SIZE - MAX_COMMENT);
  const tail = content.read(tailStart, content.size - tailStart);
  for (let at = tail.length - END_SIZE; at >= 0; at--) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== END_OF_DIRECTORY) continue;
    if (at + END_SIZE + tail.readUInt16LE(at + 20) > tail.length) continue;
    const end = tailStart + at;
    // 32- and 16-bit fields that are all ones mean "see zip64"; a locator may also be there without need.
    const place =
      zip64Place(content, end) ??
      placeBefore(content, end, tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16), tail.readUInt16LE(at + 10));
    if (place !== undefined) return place;
  }
  throw new ZipError('zip-corrupt', 'it is not a zip archive, or its end is missing');
}

function zip64Place(content: RandomAccess, end: number): DirectoryPlace | undefined {
  const locator = content.read(end - ZIP64_LOCATOR_SIZE, ZIP64_LOCATOR_SIZE);
  if (locator.length < ZIP64_LOCATOR_SIZE || locator.readUInt32LE(0) !== ZIP64_LOCATOR) return undefined;
  const announced = safeInteger(locator, 8);
  // The announced offset does not count bytes before the archive; the record normally ends where the locator begins.
  for (const at of [announced, end - ZIP64_LOCATOR_SIZE - ZIP64_END_SIZE]) {
    if (at === undefined || at < 0) continue;
    const record = content.read(at, ZIP64_END_SIZE);
    if (record.length < ZIP64_END_SIZE || record.readUInt32LE(0) !== ZIP64_END) continue;
    const [count, size, offset] = [safeInteger(record, 32), safeInteger(record, 40), safeInteger(record, 48)];
    if (count === undefined || size === undefined || offset === undefined) continue;
    const place = placeBefore(content, at, size, offset, count);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** The directory normally ends where the end record begins, which tells how much was put before the archive. */
function placeBefore(content: RandomAccess, end: number, size: number, offset: number, count: number): DirectoryPlace | undefined {
  if (size === 0 && count === 0) return { start: end, size: 0, shift: 0, count: 0 };
  for (const start of [end - size, offset]) {
    if (start < 0 || start + size > end) continue;
    const signature = content.read(start, 4);
    if (signature.length < 4 || signature.readUInt32LE(0) !== DIRECTORY_HEADER) continue;
    return { start, size, shift: Math.max(0, start - offset), count };
  }
  return undefined;
}

function readDirectoryEntry(bytes: Buffer, at: number, name: string, extra: Buffer, shift: number): ZipEntry | undefined {
  let compressedSize: number | undefined = bytes.readUInt32LE(at + 20);
  let size: number | undefined = bytes.readUInt32LE(at + 24);
  let offset: number | undefined = bytes.readUInt32LE(at + 42);
  if (size === 0xffffffff || compressedSize === 0xffffffff || offset === 0xffffffff) {
    // 4.5.3: only the fields that are all ones are present, in this order.
    const wide = extraField(extra, 0x0001);
    let next = 0;
    const take = (narrow: number): number | undefined => {
      if (narrow !== 0xffffffff) return narrow;
      const value = wide === undefined ? undefined : safeInteger(wide, next);
      next += 8;
      return value;
    };
    size = take(size);
    compressedSize = take(compressedSize);
    offset = take(offset);
    if (size === undefined || compressedSize === undefined || offset === undefined) return undefined;
  }
  return {
    name,
    method: bytes.readUInt16LE(at + 10),
    encrypted: (bytes.readUInt16LE(at + 8) & 1) !== 0,
    compressedSize,
    size,
    headerOffset: offset + shift,
  };
}

function extraField(extra: Buffer, id: number): Buffer | undefined {
  let at = 0;
  while (at + 4 <= extra.length) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

/** A 64-bit number at `at`; undefined when it is not there or beyond what a double counts exactly. */
function safeInteger(bytes: Buffer, at: number): number | undefined {
  if (at < 0 || at + 8 > bytes.length) return undefined;
  const value = bytes.readUInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at);
  return Number.isSafeInteger(value) ? value : undefined;
}
