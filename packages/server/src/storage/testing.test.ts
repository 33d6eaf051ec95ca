import sql from 'sql-template-tag';
import { expect, test } from 'vitest';
import { testDatabase, withDatabase } from './testing.ts';

test('each test database is migrated, and its own', async () => {
  const [a, b] = [await testDatabase(), await testDatabase()];
  try {
    await a.db.run(sql`insert into settings (key, value) values ('who', '"a"')`);
    expect(await b.db.query(sql`select * from settings where key = 'who'`)).toEqual([]);
    expect(a.url).not.toBe(b.url);
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
});

test('a test database is gone when closed', async () => {
  const name = await withDatabase((db) => db.one<{ name: string }>(sql`select current_database() as name`));
  await withDatabase(async (db) => {
    expect(await db.query(sql`select 1 from pg_database where datname = ${name?.name}`)).toEqual([]);
  });
});
