import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { decodeRecord, encodeRecord, HEAD, RECORD_CLASSES, recordLength, type RecordClass, type SpoolRecord } from './record.ts';

/** Number of the first record and the cursor before it, in the file's name: `0000000000000001-0000000000000000.log`. */
const NAME = /^([0-9a-f]{16})-([0-9a-f]{16})\.log$/;

/**
 * One file of the spool. Its name says from which number on it counts and up to where events had been taken when
 * it was begun, so that both outlive the records before it.
 */
export class Segment {
  readonly file: string;
  readonly firstSeq: number;
  /** Records of each class that wait. */
  readonly counts: Record<RecordClass, number> = { activity: 0, state: 0, result: 0 };
  /** Highest number in it, or the one before its first. */
  lastSeq: number;
  cursor: bigint;
  size = 0;
  #fd: number | undefined;
  #synced = 0;

  private constructor(file: string, firstSeq: number, cursor: bigint) {
    this.file = file;
    this.firstSeq = firstSeq;
    this.lastSeq = firstSeq - 1;
    this.cursor = cursor;
  }

  static isName(name: string): boolean {
    return NAME.test(name);
  }

  /** Begins an empty one for records from this number on. */
  static create(folder: string, firstSeq: number, cursor: bigint): Segment {
    const hex = (value: number | bigint) => value.toString(16).padStart(16, '0');
    const segment = new Segment(join(folder, `${hex(firstSeq)}-${hex(cursor)}.log`), firstSeq, cursor);
    segment.#fd = openSync(segment.file, 'wx+', 0o600);
    syncFolder(folder);
    return segment;
  }

  /** Opens one that is there, and cuts off what a crash left unfinished at its end. */
  static open(file: string): Segment {
    const [, first, cursor] = NAME.exec(basename(file))!;
    const segment = new Segment(file, Number(`0x${first}`), BigInt(`0x${cursor}`));
    segment.#fd = openSync(file, 'r+');
    for (const { record, end } of segment.#records(0, fstatSync(segment.#fd).size)) segment.#count(record, end);
    ftruncateSync(segment.#fd, segment.size);
    // What was written before the crash may be sent at once: first it must be safe on disk.
    fdatasyncSync(segment.#fd);
    segment.#synced = segment.size;
    return segment;
  }

  get records(): number {
    return RECORD_CLASSES.reduce((sum, name) => sum + this.counts[name], 0);
  }

  /** Writes a record to the system; it outlives this process, and after `sync` a power cut. */
  append(record: SpoolRecord): void {
    const bytes = encodeRecord(record);
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(this.#handle(), bytes, done, bytes.length - done, this.size + done);
    } catch (error) {
      // A full disk must not leave half a record before the next one.
      ftruncateSync(this.#handle(), this.size);
      throw error;
    }
    this.#count(record, this.size + bytes.length);
  }

  #count(record: SpoolRecord, end: number): void {
    this.counts[record.class]++;
    this.lastSeq = record.seq;
    if (record.cursor > this.cursor) this.cursor = record.cursor;
    this.size = end;
  }

  sync(): void {
    if (this.#synced === this.size) return;
    fdatasyncSync(this.#handle());
    this.#synced = this.size;
  }

  /** Records from this offset on, each with the offset after it. */
  read(offset: number): Generator<{ record: SpoolRecord; end: number }> {
    return this.#records(offset, this.size);
  }

  *#records(from: number, size: number): Generator<{ record: SpoolRecord; end: number }> {
    const head = Buffer.alloc(HEAD);
    let offset = from;
    let last = 0;
    while (offset + HEAD <= size) {
      readFully(this.#handle(), head, offset);
      const length = recordLength(head);
      if (length === undefined || offset + length > size) return;
      const bytes = Buffer.allocUnsafe(length);
      readFully(this.#handle(), bytes, offset);
      const record = decodeRecord(bytes);
      if (!record || record.seq < this.firstSeq || record.seq <= last) return;
      last = record.seq;
      offset += length;
      yield { record, end: offset };
    }
  }

  /** Writes the file anew without some records. Either the old or the new file is there, whenever it is cut off. */
  keep(wanted: (record: SpoolRecord) => boolean): void {
    const fresh = `${this.file}.new`;
    rmSync(fresh, { force: true });
    const copy = new Segment(this.file, this.firstSeq, this.cursor);
    copy.#fd = openSync(fresh, 'wx+', 0o600);
    try {
      for (const { record } of this.read(0)) if (wanted(record)) copy.append(record);
      copy.sync();
      renameSync(fresh, this.file);
    } catch (error) {
      closeSync(copy.#fd);
      rmSync(fresh, { force: true });
      throw error;
    }
    syncFolder(dirname(this.file));
    this.close();
    this.#fd = copy.#fd;
    this.size = this.#synced = copy.size;
    for (const name of RECORD_CLASSES) this.counts[name] = copy.counts[name];
  }

  #handle(): number {
    this.#fd ??= openSync(this.file, 'r+');
    return this.#fd;
  }

  /** Lets go of the file; it is opened again when it is needed. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  remove(): void {
    this.close();
    rmSync(this.file, { force: true });
  }
}

function readFully(fd: number, into: Buffer, offset: number): void {
  let done = 0;
  while (done < into.length) {
    const read = readSync(fd, into, done, into.length - done, offset + done);
    if (read === 0) throw new Error('the spool file is shorter than it was');
    done += read;
  }
}

/** A new name in a folder is safe only when the folder is synced as well. Windows has no such thing. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
