import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixture } from '../catalogers/os-package.fixtures.ts';
import { MemoryContent } from './random-access.ts';
import { sqliteRows, type SqliteRow } from './sqlite.ts';

function read(bytes: Buffer, table: string): { rows: SqliteRow[]; problems: string[] } {
  const problems: string[] = [];
  const rows = [...sqliteRows(new MemoryContent(bytes), table, (problem) => problems.push(problem))];
  return { rows, problems };
}

const hasSqlite = spawnSync('sqlite3', ['--version']).error === undefined;

describe.skipIf(!hasSqlite)(`tables that SQLite wrote${hasSqlite ? '' : ' (skipped: needs sqlite3)'}`, () => {
  function make(sql: string): Buffer {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-sqlite-'));
    try {
      const path = join(folder, 'x.db');
      const made = spawnSync('sqlite3', [path], { input: sql, encoding: 'utf8' });
      expect(made.stderr).toBe('');
      return readFileSync(path);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it.each([512, 1024, 4096, 65536])('with pages of %i bytes: every row, in order, whatever its length', (pageSize) => {
    const bytes = make(`PRAGMA page_size=${pageSize};
      CREATE TABLE other(a); INSERT INTO other VALUES (1);
      CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
        INSERT INTO t SELECT i, zeroblob(i * 7) FROM n;
      INSERT INTO t VALUES (5000, zeroblob(300000));
      DELETE FROM t WHERE id % 10 = 0 AND id < 900;`);
    const { rows, problems } = read(bytes, 't');
    expect(problems).toEqual([]);
    const expected = Array.from({ length: 900 }, (_, i) => i + 1).filter((i) => i % 10 !== 0 || i === 900);
    expect(rows.map((row) => [row.rowid, (row.values[1] as Buffer).length])).toEqual([...expected.map((i) => [i, i * 7]), [5000, 300000]]);
  });

  it('reads every kind of value', () => {
    const bytes = make(`CREATE TABLE t(v);
      INSERT INTO t VALUES (NULL),(0),(1),(-5),(300),(-70000),(20000000),(1099511627776),(4503599627370497),(1.5),('é'),(x'00ff');`);
    expect(read(bytes, 't').rows.map((row) => row.values[0])).toEqual([
      null, 0, 1, -5, 300, -70000, 20000000, 1099511627776, 4503599627370497, 1.5, 'é', Buffer.from([0, 255]),
    ]);
  });

  it.each(['UTF-16le', 'UTF-16be'])('reads texts in %s', (encoding) => {
    const bytes = make(`PRAGMA encoding='${encoding}'; CREATE TABLE t(v); INSERT INTO t VALUES ('naïve');`);
    expect(read(bytes, 't').rows[0]!.values).toEqual(['naïve']);
  });

  it('says so when there is no such table', () => {
    const { rows, problems } = read(make('CREATE TABLE a(b);'), 'Packages');
    expect(rows).toEqual([]);
    expect(problems).toEqual(['it has no table Packages']);
  });
});

describe('hostile SQLite files', () => {
  /** Two pages of 512 bytes: the schema with one table `t` whose root is page 2, and that page as given. */
  function file(fillRoot: (page: Buffer) => void): Buffer {
    const bytes = Buffer.alloc(1024);
    bytes.write('SQLite format 3\0', 'latin1');
    bytes.writeUInt16BE(512, 16);
    bytes.writeUInt32BE(1, 56);
    bytes[100] = 0x0d;
    bytes.writeUInt16BE(1, 103);
    bytes.writeUInt16BE(400, 108);
    // Row 1: a record of ('table', 't', 't', 2, NULL).
    const record = Buffer.from([6, 23, 15, 15, 1, 0, ...Buffer.from('tablett'), 2]);
    bytes[400] = record.length;
    bytes[401] = 1;
    record.copy(bytes, 402);
    fillRoot(bytes.subarray(512));
    return bytes;
  }

  it('reads the file that the others are made from', () => {
    const bytes = file((page) => {
      page[0] = 0x0d;
      page.writeUInt16BE(1, 3);
      page.writeUInt16BE(500, 8);
      page.set([3, 9, 2, 15, 0x41], 500);
    });
    expect(read(bytes, 't')).toEqual({ rows: [{ rowid: 9, values: ['A'] }], problems: [] });
  });

  it('ends when a page is its own child', () => {
    const bytes = file((page) => {
      page[0] = 0x05;
      page.writeUInt32BE(2, 8);
    });
    expect(read(bytes, 't')).toEqual({ rows: [], problems: ['page 2 is used twice'] });
  });

  it('does not yield one cell again and again', () => {
    const bytes = file((page) => {
      page[0] = 0x0d;
      page.writeUInt16BE(200, 3);
      for (let i = 0; i < 200; i++) page.writeUInt16BE(480, 8 + i * 2);
      // A row of 20 bytes: a blob of 17.
      page.set([20, 1, 2, 46], 480);
    });
    const { rows, problems } = read(bytes, 't');
    expect(rows.length).toBeLessThanOrEqual(1024 / 20);
    expect(problems.length).toBeGreaterThan(100);
  });

  it('reports children, cells and values that point outside', () => {
    const outside = file((page) => {
      page[0] = 0x05;
      page.writeUInt16BE(1, 3);
      page.writeUInt16BE(0xffff, 12);
      page.writeUInt32BE(0xffffffff, 8);
    });
    expect(read(outside, 't').problems).toEqual(['page 2 has a cell outside of it', 'page 4294967295 lies outside the file']);
    const tooMany = file((page) => page.set([0x0d, 0, 0, 0xff, 0xff]));
    expect(read(tooMany, 't').problems).toEqual(['page 2 says it has 65535 cells, which do not fit']);
  });

  it('reports a wrong page size and foreign content', () => {
    const bytes = fixture('rpmdb.sqlite');
    bytes.writeUInt16BE(4095, 16);
    expect(read(bytes, 'Packages').problems).toEqual(['its page size of 4095 bytes is not one that SQLite has']);
    expect(read(Buffer.from('SQLite format 3'), 'Packages').problems).toEqual(['it is not an SQLite database']);
  });
});
