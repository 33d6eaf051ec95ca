import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sql from 'sql-template-tag';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate, readMigrations } from './migrate.ts';
import type { Migration } from './migrate.ts';
import { emptyDatabase } from './testing.ts';
import type { TestDatabase } from './testing.ts';

let made: TestDatabase;
beforeEach(async () => {
  made = await emptyDatabase();
});
afterEach(() => made.close());

const step = (number: number, text: string): Migration => ({ number, name: `000${number}-step`, sql: text, checksum: text });
const one = step(1, 'create table steps (n int); insert into steps values (1);');
const two = step(2, 'insert into steps values (2);');

test('applies what is missing, in order, once', async () => {
  expect(await migrate(made.db, [one])).toEqual(['0001-step']);
  expect(await migrate(made.db, [one, two])).toEqual(['0002-step']);
  expect(await migrate(made.db, [one, two])).toEqual([]);
  expect(await made.db.query(sql`select n from steps order by n`)).toEqual([{ n: 1 }, { n: 2 }]);
});

test('servers that start at once apply each migration once', async () => {
  const slow = step(1, 'create table steps (n int); select pg_sleep(0.3); insert into steps values (1);');
  const applied = await Promise.all(Array.from({ length: 4 }, () => migrate(made.db, [slow, two])));
  expect(applied.flat().sort()).toEqual(['0001-step', '0002-step']);
  expect(await made.db.query(sql`select n from steps order by n`)).toEqual([{ n: 1 }, { n: 2 }]);
});

test('one that fails leaves nothing of itself, keeps those before, and says which it was', async () => {
  const bad = step(2, 'insert into steps values (2); select * from nowhere;');
  await expect(migrate(made.db, [one, bad])).rejects.toThrow(/0002-step failed.*nowhere/);
  expect(await made.db.query(sql`select n from steps`)).toEqual([{ n: 1 }]);
  expect(await migrate(made.db, [one, two])).toEqual(['0002-step']);
});

test('a database of a newer release, or of other code, is refused untouched', async () => {
  await migrate(made.db, [one, two]);
  await expect(migrate(made.db, [one])).rejects.toMatchObject({ code: 'database-newer', message: expect.stringContaining('0002-step') as string });
  await expect(migrate(made.db, [{ ...one, checksum: 'other' }, two])).rejects.toMatchObject({ code: 'database-differs' });
  expect(await made.db.query(sql`select n from steps order by n`)).toEqual([{ n: 1 }, { n: 2 }]);
});

test('takes longer than a statement of the server may', async () => {
  const asked = step(1, `create table asked as select current_setting('statement_timeout') as value;`);
  await migrate(made.db, [asked]);
  expect(await made.db.one(sql`select value from asked`)).toEqual({ value: '0' });
});

test('the migrations that come with the server are numbered without gaps', () => {
  const numbers = readMigrations().map((migration) => migration.number);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
});

test('doubled numbers and an empty folder are told; line ends change no checksum', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-migrations-'));
  const url = pathToFileURL(`${folder}/`);
  try {
    expect(() => readMigrations(url)).toThrow('incomplete');
    writeFileSync(join(folder, '0001-a.sql'), 'select 1;\nselect 2;\n');
    const [unix] = readMigrations(url);
    writeFileSync(join(folder, '0001-a.sql'), 'select 1;\r\nselect 2;\r\n');
    expect(readMigrations(url)[0]?.checksum).toBe(unix?.checksum);
    writeFileSync(join(folder, '0001-b.sql'), '');
    expect(() => readMigrations(url)).toThrow('number 1');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
