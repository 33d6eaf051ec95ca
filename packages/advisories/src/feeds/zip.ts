import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { inflateRawSync } from 'node:zlib';
import { InputError } from '@plimsoll/model';
import { fromRandomAccessReader, open as openPath, RandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import { crc32 } from './crc32.ts';

/** Largest record read. The largest ones in OSV's feeds are Linux kernel notices of a few MB. */
const MAX_ENTRY_BYTES = 64 * 1024 * 1024;
/** What the feed of all CVE records ever would be, ten times over. */
const MAX_ENTRIES = 5_000_000;
const WINDOW_BYTES = 256 * 1024;

/**
 * Reads a file by position through one buffer: entries and directory lie in sequence, so the many
 * small reads that a zip archive takes become few. What it returned stays as it was: each window is a
 * buffer of its own.
 */
class WindowReader extends RandomAccessReader {
  private readonly fd: number;
  private window = Buffer.alloc(0);
  private start = 0;

  constructor(fd: number) {
    super();
    this.fd = fd;
  }

  /** `length` bytes at `position`; fewer at the end of the file. */
  bytes(position: number, length: number): Buffer {
    const offset = position - this.start;
    if (offset >= 0 && offset + length <= this.window.length) return this.window.subarray(offset, offset + length);
    // Reading ahead pays only where reads go forward: an archive may list its entries in any order.
    const forward = offset >= 0 && offset <= this.window.length;
    const window = Buffer.allocUnsafe(forward ? Math.max(length, WINDOW_BYTES) : length);
    let filled = 0;
    while (filled < window.length) {
      const read = readSync(this.fd, window, filled, window.length - filled, position + filled);
      if (read === 0) break;
      filled += read;
    }
    this.window = window.subarray(0, filled);
    this.start = position;
    return this.window.subarray(0, Math.min(length, filled));
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, done: (e: Error | null) => void): void {
    const found = this.bytes(position, length);
    found.copy(buffer, offset);
    done(found.length < length ? new Error('unexpected end of file') : null);
  }
}

export interface ZipEntry {
  name: string;
  /** Whole and verified against the archive's CRC-32. */
  bytes: Buffer;
}

/**
 * The entries of a zip archive whose names end with `suffix`, one at a time, in the order of its directory. Memory
 * is bounded by the largest entry. Throws `InputError` `feed-truncated` or `feed-corrupt`, naming the
 * entry but not the archive.
 */
export async function* zipEntries(file: string, suffix: string): AsyncGenerator<ZipEntry> {
  const fd = openSync(file, 'r');
  try {
    // One reader for the directory and one for the data, so that neither throws the other's window away.
    const directory = await openZip(new WindowReader(fd), fstatSync(fd).size);
    if (directory.entryCount > MAX_ENTRIES) throw corrupt(`${directory.entryCount} entries are too many`);
    const data = new WindowReader(fd);
    try {
      for await (const entry of directory.eachEntry()) {
        if (entry.fileName.endsWith(suffix)) yield { name: entry.fileName, bytes: readEntry(data, entry) };
      }
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw corrupt((error as Error).message, error);
    }
  } finally {
    closeSync(fd);
  }
}

function openZip(reader: RandomAccessReader, size: number): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromRandomAccessReader(reader, size, { lazyEntries: true }, (error, zip) => {
      if (!error) return resolve(zip);
      const cut = /central directory record signature/i.test(error.message);
      const message = cut ? 'not a zip archive, or cut off: its directory is missing' : error.message;
      reject(new InputError(cut ? 'feed-truncated' : 'feed-corrupt', message, { cause: error }));
    });
  });
}

const LOCAL_HEADER_BYTES = 30;

/** APPNOTE 4.3.7: the data follows the local header, whose name and extra field may differ in length from the directory's. */
function readEntry(reader: WindowReader, entry: Entry): Buffer {
  const { fileName, uncompressedSize, compressedSize, compressionMethod } = entry;
  if (uncompressedSize > MAX_ENTRY_BYTES || compressedSize > MAX_ENTRY_BYTES) {
    throw corrupt(`${fileName}: larger than ${MAX_ENTRY_BYTES >> 20} MiB`);
  }
  if (entry.isEncrypted()) throw corrupt(`${fileName}: encrypted`);
  const header = reader.bytes(entry.relativeOffsetOfLocalHeader, LOCAL_HEADER_BYTES);
  if (header.length < LOCAL_HEADER_BYTES || header.readUInt32LE(0) !== 0x04034b50) {
    throw corrupt(`${fileName}: its header is missing`);
  }
  const start =
    entry.relativeOffsetOfLocalHeader + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  const stored = reader.bytes(start, compressedSize);
  if (stored.length < compressedSize) throw new InputError('feed-truncated', `${fileName}: cut off`);
  let bytes: Buffer;
  if (compressionMethod === 0) bytes = stored;
  else if (compressionMethod === 8) {
    try {
      bytes = inflateRawSync(stored, { maxOutputLength: Math.max(1, uncompressedSize) });
    } catch (cause) {
      throw corrupt(`${fileName}: its compressed data is broken`, cause);
    }
  } else throw corrupt(`${fileName}: compression method ${compressionMethod} is unknown`);
  if (bytes.length !== uncompressedSize || crc32(bytes) !== entry.crc32) {
    throw corrupt(`${fileName}: its checksum is wrong`);
  }
  return bytes;
}

function corrupt(message: string, cause?: unknown): InputError {
  return new InputError('feed-corrupt', message, { cause });
}

/** Larger archives within an archive are refused. The CVE list's is some 500 MB. */
const MAX_INNER_BYTES = 8 * 1024 * 1024 * 1024;

/**
 * The content of the one entry of that name, when it is the only one in the archive; undefined otherwise.
 * Verified for its length by the stream, not for its checksum: whatever is in it has to carry its own.
 */
export async function zipEntryStream(file: string, name: string): Promise<Readable | undefined> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    openPath(file, { lazyEntries: true, autoClose: false }, (error, opened) => {
      if (error) reject(new InputError('feed-truncated', 'not a zip archive, or cut off', { cause: error }));
      else resolve(opened);
    });
  });
  let stream: Readable | undefined;
  try {
    if (zip.entryCount !== 1) return undefined;
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== name) return undefined;
      if (entry.uncompressedSize > MAX_INNER_BYTES) throw corrupt(`${name} in it is too large`);
      stream = await zip.openReadStreamPromise(entry);
      stream.once('close', () => zip.close());
      return stream;
    }
    return undefined;
  } catch (error) {
    throw error instanceof InputError ? error : corrupt((error as Error).message, error);
  } finally {
    if (!stream) zip.close();
  }
}
