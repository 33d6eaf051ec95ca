import { MemoryContent } from './random-access.ts';

/** Address of the file's first byte in the loaded program. */
export const BASE_ADDRESS = 0x40_0000;

export interface SectionInput {
  name: string;
  /** The bytes, or a function that makes them when the section's own address is known. */
  data: Buffer | ((address: number) => Buffer);
  /** `SHT_*`. Default: 1, data of the program. */
  type?: number;
  /** `SHF_*`. Default: allocated. */
  flags?: number;
}

export interface ElfInput {
  bits?: 32 | 64;
  bigEndian?: boolean;
  sections: SectionInput[];
  /** Leave out the section headers, as `sstrip` does. */
  stripped?: boolean;
  /** `PF_*` of the one segment, which holds the whole file. Default: readable and writable. */
  segmentFlags?: number;
  /** Write the section count and the index of the names into section 0, as files with 65,280 and more do. */
  extendedNumbering?: boolean;
}

/** Writes an ELF file: header, one program header, sections at 16-byte boundaries, section headers. */
export function makeElf(input: ElfInput): Buffer {
  const { bits = 64, bigEndian = false } = input;
  const is64 = bits === 64;
  const put = putter(is64, bigEndian);
  const headerSize = is64 ? 64 : 52;
  const segmentSize = is64 ? 56 : 32;
  const sectionSize = is64 ? 64 : 40;

  const names = Buffer.from(`\0${[...input.sections.map((s) => s.name), '.shstrtab'].join('\0')}\0`, 'latin1');
  const all: SectionInput[] = [...input.sections, { name: '.shstrtab', data: names, type: 3, flags: 0 }];
  let end = headerSize + segmentSize;
  const parts: Buffer[] = [];
  const headers: Buffer[] = [Buffer.alloc(sectionSize)];
  for (const section of all) {
    const padding = (16 - (end % 16)) % 16;
    const offset = end + padding;
    const bytes = typeof section.data === 'function' ? section.data(BASE_ADDRESS + offset) : section.data;
    parts.push(Buffer.alloc(padding), bytes);
    end = offset + bytes.length;
    const name = names.indexOf(`\0${section.name}\0`, 0, 'latin1') + 1;
    const flags = section.flags ?? 2;
    const h = Buffer.alloc(sectionSize);
    put.word(h, 0, name);
    put.word(h, 4, section.type ?? 1);
    put.address(h, 8, flags);
    put.address(h, is64 ? 16 : 12, flags & 2 ? BASE_ADDRESS + offset : 0);
    put.address(h, is64 ? 24 : 16, offset);
    put.address(h, is64 ? 32 : 20, bytes.length);
    headers.push(h);
  }
  const shoff = input.stripped ? 0 : end;
  const count = input.stripped ? 0 : headers.length;
  if (input.extendedNumbering) {
    put.address(headers[0]!, is64 ? 32 : 20, count);
    put.word(headers[0]!, is64 ? 40 : 24, count - 1);
  }

  const header = Buffer.alloc(headerSize);
  header.set([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, bigEndian ? 2 : 1, 1]);
  put.half(header, 16, 2);
  put.word(header, 20, 1);
  put.address(header, is64 ? 32 : 28, headerSize);
  put.address(header, is64 ? 40 : 32, shoff);
  put.half(header, is64 ? 54 : 42, segmentSize);
  put.half(header, is64 ? 56 : 44, 1);
  put.half(header, is64 ? 58 : 46, sectionSize);
  put.half(header, is64 ? 60 : 48, input.extendedNumbering ? 0 : count);
  put.half(header, is64 ? 62 : 50, input.extendedNumbering ? 0xffff : Math.max(0, count - 1));

  const segment = Buffer.alloc(segmentSize);
  put.word(segment, 0, 1);
  put.word(segment, is64 ? 4 : 24, input.segmentFlags ?? 6);
  put.address(segment, is64 ? 16 : 8, BASE_ADDRESS);
  put.address(segment, is64 ? 32 : 16, end);
  return Buffer.concat([header, segment, ...parts, ...(input.stripped ? [] : headers)]);
}

/** An ELF file with that text in its read-only data, between other bytes. */
export function elfWithText(text: string, section = '.rodata'): Buffer {
  return makeElf({ sections: [{ name: section, data: Buffer.from(`\0 %s: usage\0${text}\0no such file\0`, 'latin1') }] });
}

/** Writers of the file's own widths and byte order. */
export function putter(is64: boolean, bigEndian: boolean) {
  const half = (b: Buffer, at: number, value: number) => void (bigEndian ? b.writeUInt16BE(value, at) : b.writeUInt16LE(value, at));
  const word = (b: Buffer, at: number, value: number) => void (bigEndian ? b.writeUInt32BE(value, at) : b.writeUInt32LE(value, at));
  const address = (b: Buffer, at: number, value: number) => {
    if (!is64) return word(b, at, value);
    const wide = BigInt(value);
    if (bigEndian) b.writeBigUInt64BE(wide, at);
    else b.writeBigUInt64LE(wide, at);
  };
  return { half, word, address };
}

/** Content in memory that notes how much of it was read. */
export class CountingContent extends MemoryContent {
  reads = 0;
  bytes = 0;
  override read(offset: number, length: number): Buffer {
    const out = super.read(offset, length);
    this.reads++;
    this.bytes += out.length;
    return out;
  }
  override all(): Buffer {
    return this.read(0, this.size);
  }
}
