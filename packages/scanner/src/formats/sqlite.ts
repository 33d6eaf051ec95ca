import { MAX_VALUE_SIZE, PageSet, type ReportProblem } from './database-problem.ts';
import type { RandomAccess } from './random-access.ts';

/** A column's value. Integers beyond 2^53 lose their last digits; nothing here needs those. */
export type SqliteValue = null | number | string | Buffer;

export interface SqliteRow {
  rowid: number;
  values: SqliteValue[];
}

const MAGIC = 'SQLite format 3\0';
const INTERIOR_TABLE = 0x05;
const LEAF_TABLE = 0x0d;

export function isSqlite(content: RandomAccess): boolean {
  return content.read(0, MAGIC.length).toString('latin1') === MAGIC;
}

/**
 * The rows of one table, read from the file alone: a write-ahead log beside it is not looked at.
 * Damaged pages and rows are reported and left out. Every page is read once at most.
 * @see https://www.sqlite.org/fileformat2.html
 */
export function* sqliteRows(content: RandomAccess, table: string, report: ReportProblem): Generator<SqliteRow> {
  const reader = SqliteReader.open(content, report);
  if (!reader) return;
  let root: number | undefined;
  // The schema table: type, name, tbl_name, rootpage, sql.
  for (const { values } of reader.rows(1)) {
    if (values[0] === 'table' && values[1] === table && typeof values[3] === 'number') root = values[3];
  }
  if (root === undefined) {
    report(`it has no table ${table}`);
    return;
  }
  yield* reader.rows(root);
}

class SqliteReader {
  readonly #content: RandomAccess;
  readonly #report: ReportProblem;
  readonly #pageSize: number;
  /** Bytes of a page without the space reserved at its end. */
  readonly #usable: number;
  readonly #pages: number;
  readonly #encoding: number;
  readonly #read: PageSet;
  /** Bytes that rows may still take: cells of one page may overlap in a hostile file. */
  #budget: number;

  private constructor(content: RandomAccess, report: ReportProblem, pageSize: number, reserved: number, encoding: number) {
    this.#content = content;
    this.#report = report;
    this.#pageSize = pageSize;
    this.#usable = pageSize - reserved;
    this.#pages = Math.floor(content.size / pageSize);
    this.#encoding = encoding;
    this.#read = new PageSet(this.#pages + 1);
    this.#budget = content.size;
  }

  static open(content: RandomAccess, report: ReportProblem): SqliteReader | undefined {
    const header = content.read(0, 100);
    if (header.length < 100 || !isSqlite(content)) {
      report('it is not an SQLite database');
      return undefined;
    }
    const size = header.readUInt16BE(16);
    const pageSize = size === 1 ? 65536 : size;
    const reserved = header[20]!;
    if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0 || pageSize - reserved < 480) {
      report(`its page size of ${pageSize} bytes is not one that SQLite has`);
      return undefined;
    }
    const reader = new SqliteReader(content, report, pageSize, reserved, header.readUInt32BE(56));
    const declared = header.readUInt32BE(28);
    // The size in the header counts only when the change counters agree (fileformat2, "In-header database size").
    const counts = header.readUInt32BE(24) === header.readUInt32BE(92);
    if (counts && declared > reader.#pages) {
      report(`it is cut off: its header speaks of ${declared} pages, the file has ${reader.#pages}`);
    }
    return reader;
  }

  #page(number: number): Buffer | undefined {
    if (number < 1 || number > this.#pages) {
      this.#report(`page ${number} lies outside the file`);
      return undefined;
    }
    if (!this.#read.take(number)) {
      this.#report(`page ${number} is used twice`);
      return undefined;
    }
    return this.#content.read((number - 1) * this.#pageSize, this.#pageSize);
  }

  /** Rows of the table b-tree with this root page, in key order. */
  *rows(root: number): Generator<SqliteRow> {
    const pending = [root];
    for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
      const page = this.#page(number);
      if (!page) continue;
      // Page 1 begins with the 100 bytes of the file's header.
      const start = number === 1 ? 100 : 0;
      const type = page[start]!;
      if (type !== INTERIOR_TABLE && type !== LEAF_TABLE) {
        this.#report(`page ${number} is not of a table`);
        continue;
      }
      const cells = page.readUInt16BE(start + 3);
      const pointers = start + (type === LEAF_TABLE ? 8 : 12);
      if (pointers + cells * 2 > this.#usable) {
        this.#report(`page ${number} says it has ${cells} cells, which do not fit`);
        continue;
      }
      if (type === INTERIOR_TABLE) {
        const children: number[] = [];
        for (let i = 0; i < cells; i++) {
          const cell = page.readUInt16BE(pointers + i * 2);
          if (cell + 4 <= this.#usable) children.push(page.readUInt32BE(cell));
          else this.#report(`page ${number} has a cell outside of it`);
        }
        children.push(page.readUInt32BE(start + 8));
        // The stack is emptied from its end: the first child must come last.
        for (let i = children.length - 1; i >= 0; i--) pending.push(children[i]!);
      } else {
        for (let i = 0; i < cells; i++) {
          const row = this.#row(page, page.readUInt16BE(pointers + i * 2), number);
          if (row) yield row;
        }
      }
    }
  }

  #row(page: Buffer, cell: number, number: number): SqliteRow | undefined {
    const length = readVarint(page, cell, this.#usable);
    const rowid = length && readVarint(page, length.next, this.#usable);
    if (!length || !rowid || length.value > Math.min(MAX_VALUE_SIZE, this.#budget)) {
      this.#report(`page ${number} has a damaged row`);
      return undefined;
    }
    const payload = this.#payload(page, rowid.next, length.value);
    this.#budget -= length.value;
    const values = payload && this.#values(payload);
    if (!values) {
      this.#report(`row ${rowid.value} is damaged`);
      return undefined;
    }
    return { rowid: rowid.value, values };
  }

  /** A row's bytes; what does not fit into the page lies in a chain of overflow pages. */
  #payload(page: Buffer, start: number, length: number): Buffer | undefined {
    const usable = this.#usable;
    let local = length;
    if (length > usable - 35) {
      const least = Math.floor(((usable - 12) * 32) / 255) - 23;
      const fitting = least + ((length - least) % (usable - 4));
      local = fitting <= usable - 35 ? fitting : least;
    }
    if (start + local > usable) return undefined;
    if (local === length) return page.subarray(start, start + length);
    if (start + local + 4 > usable) return undefined;
    const chunks = [page.subarray(start, start + local)];
    let next = page.readUInt32BE(start + local);
    for (let missing = length - local; missing > 0; ) {
      const overflow = this.#page(next);
      if (!overflow) return undefined;
      const chunk = overflow.subarray(4, Math.min(usable, 4 + missing));
      chunks.push(chunk);
      missing -= chunk.length;
      next = overflow.readUInt32BE(0);
    }
    return Buffer.concat(chunks, length);
  }

  /** Record format: a header with the type of each column, then the columns' bytes. */
  #values(payload: Buffer): SqliteValue[] | undefined {
    const header = readVarint(payload, 0, payload.length);
    if (!header || header.value > payload.length) return undefined;
    const values: SqliteValue[] = [];
    let body = header.value;
    for (let at = header.next; at < header.value; ) {
      const type = readVarint(payload, at, header.value);
      if (!type) return undefined;
      at = type.next;
      const size = sizeOfType(type.value);
      if (size === undefined || body + size > payload.length) return undefined;
      values.push(this.#value(type.value, payload.subarray(body, body + size)));
      body += size;
    }
    return values;
  }

  #value(type: number, bytes: Buffer): SqliteValue {
    if (type >= 12) return type % 2 === 0 ? bytes : this.#text(bytes);
    switch (type) {
      case 0:
        return null;
      case 7:
        return bytes.readDoubleBE(0);
      case 6:
        return Number(bytes.readBigInt64BE(0));
      case 8:
        return 0;
      case 9:
        return 1;
      default:
        return bytes.readIntBE(0, bytes.length);
    }
  }

  #text(bytes: Buffer): string {
    if (this.#encoding === 2) return bytes.toString('utf16le');
    if (this.#encoding === 3) return Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16().toString('utf16le');
    return bytes.toString('utf8');
  }
}

/** Bytes of a value by its serial type; undefined for the two reserved types. */
function sizeOfType(type: number): number | undefined {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0][type];
}

/** Big-endian base-128 number of up to nine bytes; undefined when it runs past `end`. */
function readVarint(bytes: Buffer, at: number, end: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    if (at + i >= end) return undefined;
    const byte = bytes[at + i]!;
    if (i === 8) return { value: value * 256 + byte, next: at + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return undefined;
}
