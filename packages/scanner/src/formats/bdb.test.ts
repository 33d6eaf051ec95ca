import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixture } from '../catalogers/os-package.fixtures.ts';
import { berkeleyHashValues } from './bdb.ts';
import { MemoryContent } from './random-access.ts';

function read(bytes: Buffer): { values: Buffer[]; problems: string[] } {
  const problems: string[] = [];
  const values = [...berkeleyHashValues(new MemoryContent(bytes), (problem) => problems.push(problem))];
  return { values, problems };
}

const hasLoader = spawnSync('db5.3_load', ['-V']).error === undefined;

describe.skipIf(!hasLoader)(`hash files that Berkeley DB wrote${hasLoader ? '' : ' (skipped: needs db5.3_load)'}`, () => {
  it.each([
    [512, 1234],
    [4096, 1234],
    [4096, 4321],
    [65536, 4321],
  ])('with pages of %i bytes in byte order %i: every value, short and long', (pageSize, order) => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bdb-'));
    try {
      const path = join(folder, 'Packages');
      const expected = Array.from({ length: 300 }, (_, i) => Buffer.alloc((i * i) % 9000, i % 256));
      const dump = expected.map((value, i) => ` ${Buffer.from(`key${i}`).toString('hex')}\n ${value.toString('hex')}\n`).join('');
      const header = `VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=${pageSize}\ndb_lorder=${order}\nHEADER=END\n`;
      const loaded = spawnSync('db5.3_load', ['-t', 'hash', path], { input: `${header}${dump}DATA=END\n`, encoding: 'utf8' });
      expect(loaded.stderr).toBe('');
      const { values, problems } = read(readFileSync(path));
      expect(problems).toEqual([]);
      const hex = (list: Buffer[]) => list.map((value) => value.toString('hex')).sort();
      expect(hex(values)).toEqual(hex(expected));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('hostile Berkeley DB files', () => {
  /** Three pages of 512 bytes: meta, one hash page with one pair whose value is on page 2, and page 2. */
  function file(next: number, used: number, length: number): Buffer {
    const bytes = Buffer.alloc(1536);
    bytes.writeUInt32LE(0x061561, 12);
    bytes.writeUInt32LE(512, 20);
    bytes[25] = 8;
    bytes.writeUInt32LE(2, 32);
    const hash = bytes.subarray(512, 1024);
    hash.writeUInt32LE(1, 8);
    hash.writeUInt16LE(2, 20);
    hash[25] = 13;
    hash.writeUInt16LE(510, 26);
    hash.writeUInt16LE(498, 28);
    hash[510] = 1;
    hash[498] = 3;
    hash.writeUInt32LE(2, 502);
    hash.writeUInt32LE(length, 506);
    const overflow = bytes.subarray(1024);
    overflow.writeUInt32LE(next, 16);
    overflow.writeUInt16LE(used, 22);
    overflow[25] = 7;
    overflow.fill(0x41, 26, 126);
    return bytes;
  }

  it('reads the file that the others are made from', () => {
    expect(read(file(0, 100, 100))).toEqual({ values: [Buffer.alloc(100, 0x41)], problems: [] });
  });

  it.each([
    ['a chain that leads to itself', file(2, 100, 1000)],
    ['a chain that leads outside', file(0xffffffff, 100, 1000)],
    ['a chain without progress', file(2, 0, 1000)],
    ['a page with more than it holds', file(0, 500, 1000)],
    ['a value longer than the file', file(2, 100, 0xffffffff)],
  ])('reports %s', (_what, bytes) => {
    expect(read(bytes)).toEqual({ values: [], problems: ['page 1 has a damaged value'] });
  });

  it('does not yield overlapping items', () => {
    const bytes = file(0, 100, 100);
    bytes.writeUInt16LE(4, 512 + 20);
    for (let i = 0; i < 4; i++) bytes.writeUInt16LE(498, 512 + 26 + i * 2);
    expect(read(bytes).problems).toEqual(['page 1 has items that overlap']);
  });

  it('reports a wrong page size, checksums, a wrong page number and foreign content', () => {
    const size = fixture('Packages');
    size.writeUInt32LE(100, 20);
    expect(read(size).problems).toEqual(['its page size of 100 bytes is not one that Berkeley DB has']);
    const checksums = fixture('Packages');
    checksums[26] = 1;
    expect(read(checksums).problems).toEqual(['it is encrypted or has page checksums, which no rpm database has']);
    const number = file(0, 100, 100);
    number.writeUInt32LE(9, 512 + 8);
    expect(read(number).problems).toEqual(['page 1 carries the number of another']);
    expect(read(Buffer.alloc(10)).problems).toEqual(['it is not a Berkeley DB hash file']);
  });
});
