import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BASE_ADDRESS, CountingContent, makeElf } from './elf.fixtures.ts';
import { readElf, SHT_NOBITS } from './elf.ts';
import { MemoryContent } from './random-access.ts';

const hello = Buffer.from('hello');
const KINDS = [
  { bits: 32, bigEndian: false },
  { bits: 32, bigEndian: true },
  { bits: 64, bigEndian: false },
  { bits: 64, bigEndian: true },
] as const;

describe('readElf', () => {
  it.each(KINDS)('reads sections and addresses of $bits bit, big endian $bigEndian', (kind) => {
    const elf = readElf(new MemoryContent(makeElf({ ...kind, sections: [{ name: '.rodata', data: hello, flags: 0x12 }] })))!;
    expect(elf).toMatchObject({ is64: kind.bits === 64, bigEndian: kind.bigEndian, pointerSize: kind.bits / 8 });
    expect(elf.sections.map((s) => s.name)).toEqual(['', '.rodata', '.shstrtab']);
    const section = elf.section('.rodata')!;
    expect(section).toMatchObject({ size: 5, flags: 0x12, type: 1, addr: BASE_ADDRESS + section.offset });
    expect(elf.sectionBytes('.rodata', 5)?.toString()).toBe('hello');
    expect(elf.bytesAt(section.addr + 1, 4)?.toString()).toBe('ello');
    expect(elf.segments).toMatchObject([{ type: 1, flags: 6, offset: 0, vaddr: BASE_ADDRESS }]);
  });

  it('gives no bytes of a section that is larger than asked, absent, or not in the file', () => {
    const elf = readElf(new MemoryContent(makeElf({ sections: [{ name: '.rodata', data: hello }, { name: '.bss', data: hello, type: SHT_NOBITS }] })))!;
    expect(elf.sectionBytes('.rodata', 4)).toBeUndefined();
    expect(elf.sectionBytes('.text', 100)).toBeUndefined();
    expect(elf.sectionBytes('.bss', 100)).toBeUndefined();
  });

  it('gives no bytes at addresses that no segment holds whole', () => {
    const elf = readElf(new MemoryContent(makeElf({ sections: [{ name: '.rodata', data: hello }] })))!;
    const { addr } = elf.section('.shstrtab')!;
    expect(addr).toBe(0);
    expect(elf.bytesAt(0, 1)).toBeUndefined();
    expect(elf.bytesAt(BASE_ADDRESS, 1 << 20)).toBeUndefined();
    expect(elf.bytesAt(Number.MAX_SAFE_INTEGER, 8)).toBeUndefined();
  });

  it('reads section counts that do not fit the header', () => {
    const elf = readElf(new MemoryContent(makeElf({ extendedNumbering: true, sections: [{ name: '.rodata', data: hello }] })))!;
    expect(elf.sectionBytes('.rodata', 5)?.toString()).toBe('hello');
  });

  it('has no sections when they were stripped', () => {
    const elf = readElf(new MemoryContent(makeElf({ stripped: true, sections: [{ name: '.rodata', data: hello }] })))!;
    expect(elf.sections).toEqual([]);
    expect(elf.segments).toHaveLength(1);
  });

  it.each(['', '\x7fELF', '#!/bin/sh\n'.repeat(20), 'MZ'.padEnd(100)])('is undefined for %j', (text) => {
    expect(readElf(new MemoryContent(Buffer.from(text, 'latin1')))).toBeUndefined();
  });

  it('reads header, section table and names once, however often it is asked', () => {
    const content = new CountingContent(makeElf({ sections: [{ name: '.rodata', data: Buffer.alloc(1 << 20) }] }));
    for (let i = 0; i < 5; i++) {
      expect(readElf(content)!.section('.go.buildinfo')).toBeUndefined();
      expect(readElf(content)!.section('.dep-v0')).toBeUndefined();
    }
    expect(content.reads).toBe(3);
    expect(content.bytes).toBeLessThan(1024);
  });

  it('treats a table of absurd size as absent and reads none of it', () => {
    const bytes = makeElf({ extendedNumbering: true, sections: [{ name: '.rodata', data: hello }] });
    const shoff = Number(bytes.readBigUInt64LE(40));
    bytes.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, shoff + 32);
    const content = new CountingContent(bytes);
    expect(readElf(content)!.sections).toEqual([]);
    expect(content.bytes).toBeLessThan(256);
  });

  it('never throws, whatever the bytes: cut off anywhere', () => {
    for (const kind of KINDS) {
      const whole = makeElf({ ...kind, sections: [{ name: '.rodata', data: hello }] });
      for (let length = 0; length < whole.length; length++) useAll(whole.subarray(0, length));
    }
  });

  it('never throws, whatever the bytes: overwritten', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.array(fc.tuple(fc.nat(420), fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff)), { maxLength: 12 }), (kind, edits) => {
        const bytes = makeElf({ ...kind, sections: [{ name: '.rodata', data: hello }, { name: '.data', data: hello }] });
        for (const [at, value] of edits) if (at > 3 && at < bytes.length) bytes[at] = value;
        useAll(bytes);
      }),
      { numRuns: 500 },
    );
  });
});

/** Asks for everything and checks that nothing longer than the file comes back. */
function useAll(bytes: Buffer): void {
  const elf = readElf(new MemoryContent(bytes));
  if (!elf) return;
  for (const s of [...elf.sections]) {
    expect(elf.sectionBytes(s.name, 1 << 20)?.length ?? 0).toBeLessThanOrEqual(bytes.length);
    expect(elf.bytesAt(s.addr, 8)?.length ?? 8).toBe(8);
  }
  expect(elf.segments.length).toBeLessThanOrEqual(bytes.length);
}
