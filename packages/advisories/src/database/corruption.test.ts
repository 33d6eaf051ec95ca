import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { InputError } from '@plimsoll/model';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crc32 } from '../feeds/crc32.ts';
import { scratchFolders } from '../feeds/feeds.fixtures.ts';
import { buildFrom, FULL_CVE, FULL_RECORD } from './database.fixtures.ts';
import { openDatabase, verifyDatabase } from './open.ts';

const scratch = scratchFolders();
afterAll(() => scratch.clean());

let whole: Buffer;
let folder: string;
let expected: unknown;

/** Everything that can be asked. */
function ask(file: string): unknown {
  const database = openDatabase(file);
  try {
    return [
      database.advisoriesFor('Debian:12', 'p7'),
      database.advisoriesFor('Debian:12', 'nothing'),
      database.byId('DSA-33'),
      database.byId('CVE-2023-4911').length,
      database.cve('CVE-2023-4911'),
      database.cve('CVE-2020-1020'),
    ];
  } finally {
    database.close();
  }
}

beforeAll(async () => {
  folder = scratch.make();
  const records = Array.from({ length: 60 }, (_, i) => ({
    ...FULL_RECORD,
    id: `DSA-${i}`,
    affected: [{ ...FULL_RECORD.affected[0]!, package: `p${i % 20}` }],
  }));
  const cves = [FULL_CVE, ...Array.from({ length: 40 }, (_, i) => ({ ...FULL_CVE, id: `CVE-2020-${1000 + i}` }))];
  const { file } = await buildFrom(folder, { records, cves });
  whole = readFileSync(file);
  expected = ask(file);
});

/** The answers for changed bytes, or the error's code. */
function outcome(bytes: Buffer): unknown {
  const file = join(folder, 'changed.db');
  writeFileSync(file, bytes);
  try {
    return ask(file);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toContain(file);
    expect(error.message).not.toContain('\n');
    return error.code;
  }
}

describe('a damaged database', () => {
  it('is refused at every length but its own', () => {
    for (let length = 0; length < whole.length; length += 7) {
      expect(outcome(whole.subarray(0, length)), `${length} bytes`).toBe('database-corrupt');
    }
    expect(outcome(Buffer.concat([whole, Buffer.from('x')]))).toBe('database-corrupt');
  });

  it('answers right or is refused with any byte changed', () => {
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1 << at % 8;
      const found = outcome(bytes);
      if (found !== 'database-corrupt') expect(found, `byte ${at}`).toEqual(expected);
    }
  });

  it('answers right or is refused with stretches overwritten', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 64 }), (at, patch) => {
        const bytes = Buffer.from(whole);
        bytes.set(patch.subarray(0, bytes.length - at), at);
        const found = outcome(bytes);
        if (found !== 'database-corrupt') expect(found).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('is found out by a full check', () => {
    const file = join(folder, 'changed.db');
    const bytes = Buffer.from(whole);
    bytes[80]! ^= 1;
    writeFileSync(file, bytes);
    expect(() => verifyDatabase(file)).toThrow(expect.objectContaining({ code: 'database-corrupt' }));
  });

  it('says when the format is another one', () => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32LE(99, 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 32)), 32);
    expect(outcome(bytes)).toBe('database-format');
  });

  it('says when there is none, or something else', () => {
    expect(() => openDatabase(join(folder, 'none.db'))).toThrow(expect.objectContaining({ code: 'database-missing' }));
    mkdirSync(join(folder, 'folder.db'), { recursive: true });
    expect(() => openDatabase(join(folder, 'folder.db'))).toThrow(expect.objectContaining({ code: 'database-unreadable' }));
    expect(outcome(Buffer.from('SQLite format 3\0'.repeat(10)))).toBe('database-corrupt');
  });

  it.each([
    ['tables outside the file', { start: 64, indexStart: 1e15, indexLength: 10, indexSize: 10, rows: 1, blocks: 1 }],
    ['an index of terabytes', { start: 64, indexStart: 64, indexLength: 10, indexSize: 1e12, rows: 1, blocks: 1 }],
    ['negative numbers', { start: 64, indexStart: 64, indexLength: -1, indexSize: 10, rows: 1, blocks: 1 }],
    ['no numbers', { start: '64' }],
    ['nothing', undefined],
  ])('is refused when forged with a right checksum: %s', (_name, extent) => {
    const info = { format: 1, built: '', feeds: [], ecosystems: [], advisories: 0, cves: 0 };
    const footer = deflateSync(JSON.stringify({ info, tables: { records: extent, packages: extent, ids: extent, cves: extent } }));
    const header = Buffer.from(whole.subarray(0, 64));
    header.writeUInt32LE(footer.length, 12);
    header.writeBigUInt64LE(64n, 16);
    header.writeBigUInt64LE(64n + BigInt(footer.length), 24);
    header.writeUInt32LE(crc32(header.subarray(0, 32)), 32);
    expect(outcome(Buffer.concat([header, footer]))).toBe('database-corrupt');
  });

  it('is not read after it was closed', () => {
    const database = openDatabase(join(folder, 'test.db'));
    database.close();
    database.close();
    expect(() => database.cve('CVE-2023-4911')).toThrow(/closed/);
  });

  it('stays readable for who opened it when it is replaced', () => {
    const file = join(folder, 'replaced.db');
    writeFileSync(file, whole);
    const database = openDatabase(file);
    writeFileSync(`${file}.new`, 'x');
    renameSync(`${file}.new`, file);
    expect(database.cve('CVE-2020-1020')?.id).toBe('CVE-2020-1020');
    database.close();
  });
});
