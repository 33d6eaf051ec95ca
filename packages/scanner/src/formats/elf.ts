import type { RandomAccess } from './random-access.ts';

/**
 * A bounded reader of ELF section and program headers, 32 and 64 bit, both byte orders.
 * @see https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
 */

/** One section header. Offsets and sizes are as the file claims them: `sectionBytes` checks them. */
export interface ElfSection {
  name: string;
  /** `SHT_*`. */
  type: number;
  /** `SHF_*`; only the low 32 bits, which hold every flag in use. */
  flags: number;
  addr: number;
  offset: number;
  size: number;
}

/** One program header. */
export interface ElfSegment {
  /** `PT_*`. */
  type: number;
  /** `PF_*`. */
  flags: number;
  offset: number;
  vaddr: number;
  /** Bytes in the file. */
  fileSize: number;
}

export const SHT_NOBITS = 8;
export const SHF_ALLOC = 0x2;
export const SHF_EXECINSTR = 0x4;
export const PT_LOAD = 1;
export const PF_X = 0x1;
export const PF_W = 0x2;

/**
 * Programs have some 40 sections. A table of more than this many entries (1 MiB of 64-bit headers) is
 * an object file compiled with one section per function, or hostile, and is treated as absent.
 */
const MAX_SECTIONS = 16_384;
const MAX_SEGMENTS = 4_096;
const MAX_NAME_TABLE = 1024 * 1024;
const MAX_NAME = 256;

/** The fields of the ELF header that lead on to the tables. */
interface Header {
  is64: boolean;
  bigEndian: boolean;
  shoff: number;
  shentsize: number;
  shnum: number;
  shstrndx: number;
  phoff: number;
  phentsize: number;
  phnum: number;
}

export class Elf {
  readonly is64: boolean;
  readonly bigEndian: boolean;
  readonly #content: RandomAccess;
  readonly #header: Header;
  #sections: ElfSection[] | undefined;
  #segments: ElfSegment[] | undefined;

  constructor(content: RandomAccess, header: Header) {
    this.#content = content;
    this.#header = header;
    this.is64 = header.is64;
    this.bigEndian = header.bigEndian;
  }

  /** Bytes of one address. */
  get pointerSize(): 4 | 8 {
    return this.is64 ? 8 : 4;
  }

  /** Section headers in file order; empty when they were stripped or cannot be read. */
  get sections(): readonly ElfSection[] {
    return (this.#sections ??= readSections(this.#content, this.#header));
  }

  /** Program headers in file order; empty when there are none or they cannot be read. */
  get segments(): readonly ElfSegment[] {
    return (this.#segments ??= readSegments(this.#content, this.#header));
  }

  /** The first section of that name. */
  section(name: string): ElfSection | undefined {
    return this.sections.find((s) => s.name === name);
  }

  /**
   * The bytes of the first section of that name. Undefined when there is none, when it has no bytes in the
   * file, when it is larger than `maxBytes` or when it reaches past the end of the file.
   */
  sectionBytes(name: string, maxBytes: number): Buffer | undefined {
    const section = this.section(name);
    if (!section || section.type === SHT_NOBITS || section.size > maxBytes) return undefined;
    return readExactly(this.#content, section.offset, section.size);
  }

  /**
   * `length` bytes that the loaded program would see at a virtual address; undefined unless one segment
   * holds all of them in the file.
   */
  bytesAt(address: number, length: number): Buffer | undefined {
    for (const s of this.segments) {
      if (s.type !== PT_LOAD || address < s.vaddr) continue;
      const within = address - s.vaddr;
      if (within + length > s.fileSize) continue;
      return readExactly(this.#content, s.offset + within, length);
    }
    return undefined;
  }

  /** The unsigned address stored at `offset`, in the file's own size and byte order. */
  pointer(bytes: Buffer, offset: number): number {
    return this.is64 ? uint64(bytes, offset, this.bigEndian) : uint32(bytes, offset, this.bigEndian);
  }
}

/** Every ELF cataloguer is handed the same content object, so the headers are read once for all of them. */
const known = new WeakMap<RandomAccess, Elf | 'not-elf'>();

/** Reads the ELF header; undefined when the content is not an ELF file. The tables are read on first use. */
export function readElf(content: RandomAccess): Elf | undefined {
  let found = known.get(content);
  if (found === undefined) {
    const header = readHeader(content);
    found = header ? new Elf(content, header) : 'not-elf';
    known.set(content, found);
  }
  return found === 'not-elf' ? undefined : found;
}

function readHeader(content: RandomAccess): Header | undefined {
  const b = content.read(0, 64);
  if (b.length < 52 || b.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const is64 = b[4] === 2;
  if (!is64 && b[4] !== 1) return undefined;
  if (is64 && b.length < 64) return undefined;
  const bigEndian = b[5] === 2;
  if (!bigEndian && b[5] !== 1) return undefined;
  const half = (at: number) => (bigEndian ? b.readUInt16BE(at) : b.readUInt16LE(at));
  return {
    is64,
    bigEndian,
    phoff: is64 ? uint64(b, 32, bigEndian) : uint32(b, 28, bigEndian),
    shoff: is64 ? uint64(b, 40, bigEndian) : uint32(b, 32, bigEndian),
    phentsize: half(is64 ? 54 : 42),
    phnum: half(is64 ? 56 : 44),
    shentsize: half(is64 ? 58 : 46),
    shnum: half(is64 ? 60 : 48),
    shstrndx: half(is64 ? 62 : 50),
  };
}

/** A section header before its name is looked up. `link` and `info` matter only in entry 0. */
interface RawSection extends Omit<ElfSection, 'name'> {
  nameOffset: number;
  link: number;
  info: number;
}

function parseSection(b: Buffer, at: number, h: Header): RawSection {
  const word = (field: number) => uint32(b, at + field, h.bigEndian);
  if (!h.is64) {
    return {
      nameOffset: word(0), type: word(4), flags: word(8), addr: word(12),
      offset: word(16), size: word(20), link: word(24), info: word(28),
    };
  }
  const long = (field: number) => uint64(b, at + field, h.bigEndian);
  return {
    nameOffset: word(0), type: word(4), flags: word(h.bigEndian ? 12 : 8), addr: long(16),
    offset: long(24), size: long(32), link: word(40), info: word(44),
  };
}

/** Entry 0 carries the counts that overflow the header's 16-bit fields. */
function sectionZero(content: RandomAccess, h: Header): RawSection | undefined {
  const width = h.is64 ? 64 : 40;
  if (h.shoff === 0 || h.shentsize !== width) return undefined;
  const b = readExactly(content, h.shoff, width);
  return b && parseSection(b, 0, h);
}

function readSections(content: RandomAccess, h: Header): ElfSection[] {
  let count = h.shnum;
  let nameIndex = h.shstrndx;
  if (count === 0 || nameIndex === 0xffff) {
    const zero = sectionZero(content, h);
    if (!zero) return [];
    if (count === 0) count = zero.size;
    if (nameIndex === 0xffff) nameIndex = zero.link;
  }
  const width = h.is64 ? 64 : 40;
  if (h.shoff === 0 || h.shentsize !== width || count > MAX_SECTIONS || nameIndex >= count) return [];
  const table = content.read(h.shoff, count * width);
  const raw: RawSection[] = [];
  // A table cut off by the end of the file keeps its whole entries: the names may still be readable.
  for (let at = 0; at + width <= table.length && raw.length < count; at += width) {
    raw.push(parseSection(table, at, h));
  }
  const nameTable = raw[nameIndex];
  if (!nameTable || nameTable.type === SHT_NOBITS) return [];
  const names = content.read(nameTable.offset, Math.min(nameTable.size, MAX_NAME_TABLE));
  return raw.map(({ nameOffset, type, flags, addr, offset, size }) => ({
    name: cString(names, nameOffset), type, flags, addr, offset, size,
  }));
}

function readSegments(content: RandomAccess, h: Header): ElfSegment[] {
  const width = h.is64 ? 56 : 32;
  const count = h.phnum === 0xffff ? (sectionZero(content, h)?.info ?? 0) : h.phnum;
  if (h.phoff === 0 || h.phentsize !== width || count > MAX_SEGMENTS) return [];
  const table = content.read(h.phoff, count * width);
  const out: ElfSegment[] = [];
  for (let at = 0; at + width <= table.length && out.length < count; at += width) {
    const word = (field: number) => uint32(table, at + field, h.bigEndian);
    const long = (field: number) => uint64(table, at + field, h.bigEndian);
    out.push(
      h.is64
        ? { type: word(0), flags: word(4), offset: long(8), vaddr: long(16), fileSize: long(32) }
        : { type: word(0), flags: word(24), offset: word(4), vaddr: word(8), fileSize: word(16) },
    );
  }
  return out;
}

function readExactly(content: RandomAccess, offset: number, length: number): Buffer | undefined {
  if (!(length >= 0) || offset + length > content.size) return undefined;
  const bytes = content.read(offset, length);
  return bytes.length === length ? bytes : undefined;
}

function cString(table: Buffer, offset: number): string {
  if (offset >= table.length) return '';
  const end = table.indexOf(0, offset);
  const stop = end < 0 ? table.length : end;
  return table.toString('latin1', offset, Math.min(stop, offset + MAX_NAME));
}

function uint32(b: Buffer, at: number, bigEndian: boolean): number {
  return bigEndian ? b.readUInt32BE(at) : b.readUInt32LE(at);
}

/**
 * As a double: values above 2^53 lose their low bits, which is of no matter since no file is that long
 * and every use compares with the file's size.
 */
function uint64(b: Buffer, at: number, bigEndian: boolean): number {
  const high = uint32(b, bigEndian ? at : at + 4, bigEndian);
  const low = uint32(b, bigEndian ? at + 4 : at, bigEndian);
  return high * 0x1_0000_0000 + low;
}
