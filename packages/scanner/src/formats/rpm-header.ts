/**
 * Tags of rpm headers, from rpm's include/rpm/rpmtag.h.
 * @see https://rpm-software-management.github.io/rpm/manual/tags.html
 */
export const RPM_TAG = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  license: 1014,
  arch: 1022,
  oldFileNames: 1027,
  fileModes: 1030,
  sourceRpm: 1044,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
  modularityLabel: 5096,
} as const;

const TYPE = { int16: 3, int32: 4, string: 6, stringArray: 8, i18nString: 9 } as const;
const ENTRY = 16;
const PREAMBLE = 8;
/** rpm's own limit (HEADER_TAGS_MAX in lib/header_internal.h). */
const MAX_ENTRIES = 0xffff;
/** Packages with the most files have some 300,000. */
const MAX_VALUES = 1 << 20;

interface Entry {
  type: number;
  offset: number;
  count: number;
}

/**
 * An rpm header as databases keep it: the number of index entries and the bytes of data, big-endian,
 * the entries (tag, type, offset, count), the data.
 * @see https://rpm-software-management.github.io/rpm/manual/format_header.html
 */
export class RpmHeader {
  readonly #data: Buffer;
  readonly #entries: ReadonlyMap<number, Entry>;
  /** False when the data ended before its declared length, or an entry pointed outside. */
  readonly complete: boolean;

  private constructor(data: Buffer, entries: ReadonlyMap<number, Entry>, complete: boolean) {
    this.#data = data;
    this.#entries = entries;
    this.complete = complete;
  }

  /** Undefined when the bytes are no header at all. */
  static parse(bytes: Buffer): RpmHeader | undefined {
    if (bytes.length < PREAMBLE + ENTRY) return undefined;
    const count = bytes.readUInt32BE(0);
    const length = bytes.readUInt32BE(4);
    const start = PREAMBLE + count * ENTRY;
    if (count === 0 || count > MAX_ENTRIES || start > bytes.length) return undefined;
    const data = bytes.subarray(start, start + length);
    let complete = data.length === length;
    const entries = new Map<number, Entry>();
    for (let at = PREAMBLE; at < start; at += ENTRY) {
      const tag = bytes.readUInt32BE(at);
      // Region tags (61 to 63) frame the entries; their offsets are relative to their own trailer.
      if (tag < 100 || entries.has(tag)) continue;
      const entry = { type: bytes.readUInt32BE(at + 4), offset: bytes.readUInt32BE(at + 8), count: bytes.readUInt32BE(at + 12) };
      if (entry.offset < data.length) entries.set(tag, entry);
      else complete = false;
    }
    return new RpmHeader(data, entries, complete);
  }

  /** The first string of a tag; undefined when the tag is absent or of another type. */
  string(tag: number): string | undefined {
    const entry = this.#entries.get(tag);
    if (!entry || (entry.type !== TYPE.string && entry.type !== TYPE.stringArray && entry.type !== TYPE.i18nString)) return undefined;
    const end = this.#data.indexOf(0, entry.offset);
    return end < 0 ? undefined : this.#data.toString('utf8', entry.offset, end);
  }

  /** All strings of a tag, as many as the data holds; empty when the tag is absent. */
  strings(tag: number): string[] {
    const entry = this.#entries.get(tag);
    if (!entry || (entry.type !== TYPE.string && entry.type !== TYPE.stringArray)) return [];
    const strings: string[] = [];
    let at = entry.offset;
    while (strings.length < Math.min(entry.count, MAX_VALUES)) {
      const end = this.#data.indexOf(0, at);
      if (end < 0) break;
      strings.push(this.#data.toString('utf8', at, end));
      at = end + 1;
    }
    return strings;
  }

  /** All numbers of a tag with 16-bit or 32-bit unsigned numbers, as many as the data holds. */
  numbers(tag: number): number[] {
    const entry = this.#entries.get(tag);
    const width = entry?.type === TYPE.int32 ? 4 : entry?.type === TYPE.int16 ? 2 : 0;
    if (!entry || width === 0) return [];
    const fitting = Math.floor((this.#data.length - entry.offset) / width);
    const numbers: number[] = [];
    for (let i = 0; i < Math.min(entry.count, fitting, MAX_VALUES); i++) numbers.push(this.#data.readUIntBE(entry.offset + i * width, width));
    return numbers;
  }
}
