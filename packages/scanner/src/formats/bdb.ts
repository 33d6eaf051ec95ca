import { MAX_VALUE_SIZE, PageSet, type ReportProblem } from './database-problem.ts';
import type { RandomAccess } from './random-access.ts';

const HASH_MAGIC = 0x061561;
const PAGE_HEADER = 26;
/** Page types of Berkeley DB, from its src/dbinc/db_page.h. */
const P_INVALID = 0;
const P_HASH_UNSORTED = 2;
const P_OVERFLOW = 7;
const P_HASHMETA = 8;
const P_HASH = 13;
/** Item types on a hash page. */
const H_KEYDATA = 1;
const H_OFFPAGE = 3;

/** True for a Berkeley DB file with the hash access method, written on a machine of either byte order. */
export function isBerkeleyHash(content: RandomAccess): boolean {
  const head = content.read(0, 16);
  return head.length === 16 && (head.readUInt32LE(12) === HASH_MAGIC || head.readUInt32BE(12) === HASH_MAGIC);
}

/**
 * The values of a Berkeley DB hash file, in page order. All hash pages are visited one after the
 * other, since every pair lies on exactly one of them and nothing is looked up by key. Damaged items
 * are reported and left out. Every page is read once at most.
 */
export function* berkeleyHashValues(content: RandomAccess, report: ReportProblem): Generator<Buffer> {
  const reader = BerkeleyReader.open(content, report);
  if (reader) yield* reader.values();
}

class BerkeleyReader {
  readonly #content: RandomAccess;
  readonly #report: ReportProblem;
  readonly #littleEndian: boolean;
  readonly #pageSize: number;
  readonly #pages: number;
  readonly #overflowRead: PageSet;

  private constructor(content: RandomAccess, report: ReportProblem, littleEndian: boolean, pageSize: number) {
    this.#content = content;
    this.#report = report;
    this.#littleEndian = littleEndian;
    this.#pageSize = pageSize;
    this.#pages = Math.floor(content.size / pageSize);
    this.#overflowRead = new PageSet(this.#pages);
  }

  static open(content: RandomAccess, report: ReportProblem): BerkeleyReader | undefined {
    const meta = content.read(0, 512);
    if (meta.length < 512 || !isBerkeleyHash(content)) {
      report('it is not a Berkeley DB hash file');
      return undefined;
    }
    const littleEndian = meta.readUInt32LE(12) === HASH_MAGIC;
    const u32 = (at: number) => (littleEndian ? meta.readUInt32LE(at) : meta.readUInt32BE(at));
    const pageSize = u32(20);
    if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) {
      report(`its page size of ${pageSize} bytes is not one that Berkeley DB has`);
      return undefined;
    }
    if (meta[25] !== P_HASHMETA) {
      report('its first page is not that of a hash file');
      return undefined;
    }
    // Encryption and checksums both make the page header longer; rpm uses neither.
    if (meta[24] !== 0 || (meta[26]! & 1) !== 0) {
      report('it is encrypted or has page checksums, which no rpm database has');
      return undefined;
    }
    const reader = new BerkeleyReader(content, report, littleEndian, pageSize);
    const last = u32(32);
    if (last >= reader.#pages) report(`it is cut off: its last page is ${last}, the file has ${reader.#pages} pages`);
    return reader;
  }

  #u16(page: Buffer, at: number): number {
    return this.#littleEndian ? page.readUInt16LE(at) : page.readUInt16BE(at);
  }

  #u32(page: Buffer, at: number): number {
    return this.#littleEndian ? page.readUInt32LE(at) : page.readUInt32BE(at);
  }

  *values(): Generator<Buffer> {
    for (let number = 1; number < this.#pages; number++) {
      const page = this.#content.read(number * this.#pageSize, this.#pageSize);
      const type = page[25];
      if (type !== P_HASH && type !== P_HASH_UNSORTED) {
        // Free pages have no type. Others than these are not in a hash file without duplicate keys.
        if (type !== P_INVALID && type !== P_OVERFLOW && type !== P_HASHMETA) this.#report(`page ${number} is damaged`);
        continue;
      }
      if (this.#u32(page, 8) !== number) {
        this.#report(`page ${number} carries the number of another`);
        continue;
      }
      const entries = this.#u16(page, 20);
      if (PAGE_HEADER + entries * 2 > this.#pageSize || entries % 2 !== 0) {
        this.#report(`page ${number} says it has ${entries} items, which cannot be`);
        continue;
      }
      // Items lie from the page's end downwards, key and value in turn; an item ends where the one before begins.
      let end = this.#pageSize;
      for (let i = 0; i < entries; i++) {
        const start = this.#u16(page, PAGE_HEADER + i * 2);
        if (start >= end || start < PAGE_HEADER + entries * 2) {
          this.#report(`page ${number} has items that overlap`);
          break;
        }
        if (i % 2 === 1) {
          const value = this.#value(page, start, end);
          if (value) yield value;
          else this.#report(`page ${number} has a damaged value`);
        }
        end = start;
      }
    }
  }

  #value(page: Buffer, start: number, end: number): Buffer | undefined {
    if (page[start] === H_KEYDATA) return page.subarray(start + 1, end);
    if (page[start] === H_OFFPAGE && end - start >= 12) {
      return this.#overflow(this.#u32(page, start + 4), this.#u32(page, start + 8));
    }
    return undefined;
  }

  /** A value that lies in a chain of pages of its own. */
  #overflow(first: number, length: number): Buffer | undefined {
    if (length > MAX_VALUE_SIZE || length > this.#content.size) return undefined;
    const chunks: Buffer[] = [];
    let number = first;
    for (let missing = length; missing > 0; ) {
      if (number < 1 || number >= this.#pages || !this.#overflowRead.take(number)) return undefined;
      const page = this.#content.read(number * this.#pageSize, this.#pageSize);
      // On an overflow page this field is the number of bytes, not an offset.
      const used = this.#u16(page, 22);
      if (page[25] !== P_OVERFLOW || used === 0 || used > Math.min(missing, this.#pageSize - PAGE_HEADER)) return undefined;
      chunks.push(page.subarray(PAGE_HEADER, PAGE_HEADER + used));
      missing -= used;
      number = this.#u32(page, 16);
    }
    return Buffer.concat(chunks, length);
  }
}
