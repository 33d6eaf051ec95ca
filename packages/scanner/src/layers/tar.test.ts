import { InputError } from '@plimsoll/model';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { haveAll, titled } from '../../../../e2e/support/needs.ts';
import { dir, file, hardlink, symlink, tar, type TarEntry as WrittenEntry } from '../../../../e2e/support/tar.ts';
import { TarReader, type TarEntry } from './tar.ts';

interface Seen extends Pick<TarEntry, 'path' | 'type' | 'size' | 'linkPath' | 'mode'> {
  content: Buffer;
}

/** Feeds a tar in pieces of the given size and collects every entry with its content, holes filled. */
function readAll(bytes: Buffer, piece = bytes.length, finish = true): Seen[] {
  const seen: Seen[] = [];
  let parts: Buffer[] = [];
  const reader = new TarReader({
    entry({ path, type, size, linkPath, mode }) {
      parts = [];
      seen.push({ path, type, size, linkPath, mode, content: Buffer.alloc(0) });
      return true;
    },
    data(chunk) {
      parts.push(Buffer.from(chunk));
      return true;
    },
    hole(length) {
      parts.push(Buffer.alloc(length));
      return true;
    },
    end() {
      seen.at(-1)!.content = Buffer.concat(parts);
    },
  });
  for (let at = 0; at < bytes.length; at += piece) reader.write(bytes.subarray(at, at + piece));
  if (finish) reader.finish();
  return seen;
}

describe('TarReader', () => {
  it('reads files, folders and links with their modes', () => {
    const seen = readAll(tar([dir('etc'), file('etc/hosts', 'localhost\n', 0o4755), symlink('etc/alias', 'hosts'), hardlink('etc/twin', 'etc/hosts')]));
    expect(seen.map(({ path, type, linkPath }) => [path, type, linkPath])).toEqual([
      ['etc/', 'directory', ''],
      ['etc/hosts', 'file', ''],
      ['etc/alias', 'symlink', 'hosts'],
      ['etc/twin', 'hardlink', 'etc/hosts'],
    ]);
    expect(seen[1]!.content.toString()).toBe('localhost\n');
    expect(seen[1]!.mode).toBe(0o4755);
  });

  it.each(['pax', 'gnu', 'prefix'] as const)('reads long names written the %s way', (longNames) => {
    const path = `${'folder-of-some-length/'.repeat(7)}name`;
    expect(readAll(tar([{ path, content: 'x', longNames }, file('after', 'y')])).map((e) => [e.path, e.content.toString()])).toEqual([
      [path, 'x'],
      ['after', 'y'],
    ]);
  });

  it.each(['gnu', 'pax-1.0'] as const)('expands sparse files of the %s format', (format) => {
    const chunks = Array.from({ length: format === 'gnu' ? 3 : 30 }, (_, i) => ({ offset: i * 4096 + 512, data: Buffer.from(`piece ${i}`.padEnd(512, '.')) }));
    const size = 30 * 4096 + 10_000;
    const seen = readAll(tar([{ path: 'disk', sparse: { size, chunks, format } }, file('after', 'y')]), 700);
    const expected = Buffer.alloc(size);
    for (const { offset, data } of chunks) data.copy(expected, offset);
    expect(seen[0]!.size).toBe(size);
    expect(seen[0]!.content.equals(expected)).toBe(true);
    expect(seen[1]!.content.toString()).toBe('y');
  });

  it.skipIf(!haveAll('tar', 'linux')).each(['gnu', 'pax'])(titled('expands what GNU tar writes for a sparse file in its %s format', 'tar', 'linux'), (format) => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-sparse-'));
    try {
      const expected = Buffer.alloc(64 * 65_536 + 5);
      for (let i = 0; i < 64; i += 2) expected.write(`piece ${i}`, i * 65_536);
      const fd = openSync(join(folder, 'disk'), 'w');
      for (let i = 0; i < 64; i += 2) writeSync(fd, expected, i * 65_536, 4096, i * 65_536);
      ftruncateSync(fd, expected.length);
      closeSync(fd);
      execFileSync('tar', [`--format=${format}`, '--sparse', '-cf', 'out.tar', 'disk'], { cwd: folder });
      const bytes = readFileSync(join(folder, 'out.tar'));
      expect(bytes.length).toBeLessThan(expected.length / 2);
      const [entry] = readAll(bytes, 1000);
      expect(entry!.path).toBe('disk');
      expect(entry!.content.equals(expected)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('steps over a ten-gigabyte hole without making it', () => {
    const size = 10 * 2 ** 30;
    let hole = 0;
    const reader = new TarReader({ entry: () => true, data: () => true, hole: (length) => ((hole += length), true), end: () => undefined });
    reader.write(tar([{ path: 'disk', sparse: { size, chunks: [{ offset: 0, data: Buffer.alloc(512, 1) }], format: 'gnu' } }]));
    reader.finish();
    expect(hole).toBe(size - 512);
  });

  it('keeps text beyond ASCII', () => {
    expect(readAll(tar([file('naïve/файл', 'x')]))[0]!.path).toBe('naïve/файл');
  });

  it('takes an archive without end marker', () => {
    const whole = tar([file('a', 'x')]);
    expect(readAll(whole.subarray(0, 1024)).map((e) => e.path)).toEqual(['a']);
  });

  it('gives the same entries however the bytes are cut', () => {
    const entry = fc.record({
      path: fc.stringMatching(/^[a-z]{1,12}(?:\/[a-z]{1,60}){0,4}$/),
      content: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), fc.integer({ min: 1, max: 3000 }), (entries, piece) => {
        const bytes = tar(entries as WrittenEntry[]);
        expect(readAll(bytes, piece)).toEqual(readAll(bytes));
        expect(readAll(bytes).map((e) => [e.path, e.content.toString('hex')])).toEqual(entries.map((e) => [e.path, e.content.toString('hex')]));
      }),
      { numRuns: 60 },
    );
  });

  it('says at which byte a cut archive ends', () => {
    const whole = tar([file('etc/passwd', 'x'.repeat(3000))]);
    expect(() => readAll(whole.subarray(0, 2000))).toThrow(/ends at byte 2000 in the entry "etc\/passwd"/);
  });

  it('refuses what is no tar, with the place', () => {
    expect(() => readAll(Buffer.alloc(1024, 'text'))).toThrow(/no tar header at byte 0/);
  });

  it('refuses an extended header of unreasonable size before reading it', () => {
    const huge = tar([{ path: 'x', flag: 'x', content: 'a', claimedSize: 2 ** 32 }]);
    expect(() => readAll(huge)).toThrow(/extended header at byte 0 is 4294967296 bytes long/);
  });

  it('ends in an InputError or entries, never otherwise, on damaged bytes', () => {
    const whole = tar([
      dir('a'),
      { path: `${'n'.repeat(150)}`, content: 'long' },
      { path: 's', sparse: { size: 9000, chunks: [{ offset: 4096, data: Buffer.alloc(512, 7) }], format: 'pax-1.0' } },
      { path: 'g', sparse: { size: 9000, chunks: [{ offset: 4096, data: Buffer.alloc(512, 7) }], format: 'gnu' } },
      file('b', 'content'),
    ]);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.integer({ min: 1, max: whole.length }), fc.boolean(), (at, byte, length, fixSum) => {
        const damaged = Buffer.from(whole.subarray(0, length));
        if (at < damaged.length) damaged[at] = byte;
        if (fixSum) fixChecksums(damaged);
        let total = 0;
        try {
          const reader = new TarReader({
            entry: () => true,
            data: (chunk) => ((total += chunk.length), true),
            hole: () => true,
            end: () => undefined,
          });
          reader.write(damaged);
          reader.finish();
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
        expect(total).toBeLessThanOrEqual(damaged.length);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Makes every block's header checksum right, so that damage gets past it. */
function fixChecksums(bytes: Buffer): void {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    if (bytes.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    bytes.fill(0x20, at + 148, at + 156);
    let sum = 0;
    for (let i = 0; i < 512; i++) sum += bytes[at + i]!;
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
  }
}
