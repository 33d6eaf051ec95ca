import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileContent, MemoryContent, type RandomAccess } from './random-access.ts';
import { readZipDirectory, readZipEntry, SliceContent, ZipError, type ZipBudget } from './zip.ts';
import { writeZip, type ZipInput, type ZipOptions } from './zip.fixtures.ts';

const MIB = 1 << 20;
const budgetOf = (over: Partial<ZipBudget> = {}): ZipBudget => ({ directoryBytes: MIB, inflatedBytes: 8 * MIB, entries: 100, ...over });

function unpack(content: RandomAccess, budget = budgetOf()): Record<string, string> {
  const directory = readZipDirectory(content, budget, () => true);
  expect(directory.damage).toBeUndefined();
  return Object.fromEntries(directory.entries.map((entry) => [entry.name, readZipEntry(content, entry, budget, MIB).all().toString()]));
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ZipError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('reading a zip archive', () => {
  const inputs: ZipInput[] = [
    { name: 'stored.txt', data: 'as it is', stored: true },
    { name: 'folder/deflated.txt', data: 'again and again '.repeat(500) },
    { name: 'streamed.txt', data: 'sizes come later', streamed: true },
    { name: 'empty', data: '' },
    { name: 'ünïcode', data: 'x', stored: true },
  ];
  const expected = Object.fromEntries(inputs.map((input) => [input.name, String(input.data)]));
  const shapes: Record<string, ZipOptions> = {
    plain: {},
    'with a comment': { comment: 'a comment with PK\u0005\u0006 in it' },
    'behind a script, offsets not counting it': { prefix: Buffer.from('#!/bin/sh\nexec java -jar "$0"\n') },
    'behind a script, offsets counting it': { prefix: Buffer.from('#!/bin/sh\n'.repeat(90)), offsetsCountPrefix: true },
    'with a zip64 end': { wide: true },
    'with a zip64 end behind a script': { wide: true, prefix: Buffer.from('#!/bin/sh\n') },
    'with bytes after it': { suffix: Buffer.from('appended\n') },
  };
  for (const [name, options] of Object.entries(shapes)) {
    it(`reads an archive ${name}`, () => {
      expect(unpack(new MemoryContent(writeZip(inputs, options)))).toEqual(expected);
    });
  }

  it('reads sizes and offsets from zip64 extra fields', () => {
    const wide = inputs.map((input) => ({ ...input, wide: true }));
    expect(unpack(new MemoryContent(writeZip(wide, { prefix: Buffer.from('xx') })))).toEqual(expected);
  });

  it('reads from an open file and from a part of other content', () => {
    const dir = mkdtempSync(join(tmpdir(), 'zip-test-'));
    const zip = writeZip(inputs);
    writeFileSync(join(dir, 'a.bin'), Buffer.concat([Buffer.from('before'), zip, Buffer.from('after')]));
    const fd = openSync(join(dir, 'a.bin'), 'r');
    try {
      expect(unpack(new SliceContent(new FileContent(fd), 6, zip.length))).toEqual(expected);
    } finally {
      closeSync(fd);
      rmSync(dir, { recursive: true });
    }
  });

  it('gives stored entries without a copy', () => {
    const zip = writeZip([{ name: 'a', data: 'bytes', stored: true }]);
    const content = new MemoryContent(zip);
    const [entry] = readZipDirectory(content, budgetOf(), () => true).entries;
    expect(readZipEntry(content, entry!, budgetOf({ inflatedBytes: 0 }), MIB).all().buffer).toBe(zip.buffer);
  });

  it('lists only what is wanted', () => {
    const { entries } = readZipDirectory(new MemoryContent(writeZip(inputs)), budgetOf(), (name) => name.endsWith('.txt'));
    expect(entries.map((entry) => entry.name)).toEqual(['stored.txt', 'folder/deflated.txt', 'streamed.txt']);
  });

  it('reads more entries than 16 bits count, where the count wrapped around', () => {
    const many = Array.from({ length: 65_540 }, (_, i) => ({ name: `f${i}`, ...(i > 0 && { sameDataAs: 0 }) }));
    const directory = readZipDirectory(new MemoryContent(writeZip(many)), budgetOf({ directoryBytes: 8 * MIB }), () => true);
    expect(directory).toMatchObject({ entries: { length: 65_540 } });
    expect(directory.damage).toBeUndefined();
  });

  it('reads an empty archive', () => {
    expect(unpack(new MemoryContent(writeZip([])))).toEqual({});
  });

  it('never reads outside a slice', () => {
    const slice = new SliceContent(new MemoryContent(Buffer.from('0123456789')), 2, 4);
    expect([slice.read(0, 100), slice.read(3, 5), slice.read(4, 1), slice.read(-1, 3)].map(String)).toEqual(['2345', '5', '', '']);
  });
});

describe('a zip archive that is damaged or hostile', () => {
  const readFirst = (zip: Buffer, budget = budgetOf(), maxSize = MIB) => {
    const content = new MemoryContent(zip);
    return readZipEntry(content, readZipDirectory(content, budget, () => true).entries[0]!, budget, maxSize).all();
  };

  it('is refused when there is no directory', () => {
    expect(codeOf(() => readFirst(Buffer.from('not a zip')))).toBe('zip-corrupt');
    expect(codeOf(() => readFirst(Buffer.alloc(0)))).toBe('zip-corrupt');
    const zip = writeZip([{ name: 'a', data: 'x' }]);
    expect(codeOf(() => readFirst(zip.subarray(0, zip.length - 5)))).toBe('zip-corrupt');
  });

  it('keeps the entries before a damaged record and says so', () => {
    const zip = writeZip(['a', 'b', 'c'].map((name) => ({ name, data: name, stored: true })));
    zip.writeUInt32LE(0, zip.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1')));
    const directory = readZipDirectory(new MemoryContent(zip), budgetOf(), () => true);
    expect(directory.entries.map((entry) => entry.name)).toEqual(['a', 'b']);
    expect(directory.damage).toBe('the directory has 2 readable records where 3 are announced');
  });

  it('is refused when an entry is encrypted or of another method', () => {
    expect(codeOf(() => readFirst(writeZip([{ name: 'a', data: 'x', flags: 1 }])))).toBe('zip-unsupported');
    expect(codeOf(() => readFirst(writeZip([{ name: 'a', data: 'x', method: 93 }])))).toBe('zip-unsupported');
  });

  it('cannot inflate to more, nor to less, than it declares', () => {
    const data = Buffer.alloc(100_000);
    expect(codeOf(() => readFirst(writeZip([{ name: 'a', data, declaredSize: 10 }])))).toBe('zip-corrupt');
    expect(codeOf(() => readFirst(writeZip([{ name: 'a', data, declaredSize: 100_001 }])))).toBe('zip-corrupt');
    expect(codeOf(() => readFirst(writeZip([{ name: 'a', data: '', declaredSize: 0xfffffff0 }]), budgetOf(), 2 ** 40))).toBe('zip-corrupt');
    expect(readFirst(writeZip([{ name: 'a', data }]))).toHaveLength(100_000);
  });

  it('is bounded by the size of one entry, of all, their number, and the directory', () => {
    const bomb = writeZip([{ name: 'a', data: Buffer.alloc(2 * MIB) }]);
    expect(codeOf(() => readFirst(bomb))).toBe('archive-too-large');
    expect(codeOf(() => readFirst(bomb, budgetOf({ inflatedBytes: MIB }), 4 * MIB))).toBe('archive-too-large');
    expect(codeOf(() => readFirst(bomb, budgetOf({ entries: 0 }), 4 * MIB))).toBe('archive-too-large');
    expect(codeOf(() => readFirst(bomb, budgetOf({ directoryBytes: 40 }), 4 * MIB))).toBe('archive-too-large');
  });

  it('charges entries that share their data each time', () => {
    const zip = writeZip([{ name: 'a', data: Buffer.alloc(MIB) }, ...[1, 2, 3].map((i) => ({ name: `a${i}`, sameDataAs: 0 }))]);
    const content = new MemoryContent(zip);
    const budget = budgetOf({ inflatedBytes: 3 * MIB });
    const entries = readZipDirectory(content, budget, () => true).entries;
    expect(entries.map((entry) => codeOf(() => readZipEntry(content, entry, budget, MIB)))).toEqual([
      'no error',
      'no error',
      'no error',
      'archive-too-large',
    ]);
  });

  it('only ever fails with a ZipError, whatever bytes are changed or missing', () => {
    const zip = writeZip(
      [
        { name: 'META-INF/MANIFEST.MF', data: 'Manifest-Version: 1.0\n' },
        { name: 'x.jar', data: writeZip([{ name: 'y', data: 'z'.repeat(999) }]), stored: true },
        { name: 'wide', data: 'w', wide: true },
      ],
      { wide: true, comment: 'end' },
    );
    const change = fc.record({ at: fc.nat(zip.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.nat(zip.length), fc.boolean(), (changes, length, cut) => {
        const bytes = Buffer.from(cut ? zip.subarray(0, length) : zip);
        for (const { at, to } of changes) if (at < bytes.length) bytes[at] = to;
        const content = new MemoryContent(bytes);
        codeOf(() => {
          const budget = budgetOf();
          for (const entry of readZipDirectory(content, budget, () => true).entries) {
            codeOf(() => expect(readZipEntry(content, entry, budget, MIB).all().length).toBe(entry.size));
          }
        });
      }),
      { numRuns: 2000 },
    );
  });
});
