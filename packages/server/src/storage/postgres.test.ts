import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { pino } from 'pino';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../context.ts';
import { openPostgres } from './postgres.ts';
import { emptyDatabase } from './testing.ts';
import type { TestDatabase } from './testing.ts';

const log = pino({ level: 'silent' });
let made: TestDatabase;
let db: Database;

beforeAll(async () => {
  made = await emptyDatabase();
  db = made.db;
  await db.run(sql`create table counters (id int primary key, n int not null)`);
});
afterAll(() => made.close());
beforeEach(async () => {
  await db.run(sql`delete from counters`);
});

const count = async (): Promise<number> => (await db.one<{ n: number }>(sql`select count(*) as n from counters`))?.n ?? -1;

test('values come back as documented', async () => {
  expect(
    await db.one(sql`select 9007199254740991::int8 as whole, 9007199254740993::int8 as big, 12.5::numeric as part,
      sum(x) as total, '2026-01-31'::date as day, '2026-01-31 23:00:00+02'::timestamptz as at, '2026-01-31 12:00:00'::timestamp as local,
      array[1, 2]::int8[] as wholes, array['2026-01-31']::date[] as days, array['a', null] as texts, '{"a": [1]}'::jsonb as json,
      null::int8 as nothing from (values (1::int8), (2)) v(x)`),
  ).toEqual({
    whole: 9007199254740991,
    big: '9007199254740993',
    part: 12.5,
    total: 3,
    day: '2026-01-31',
    at: new Date('2026-01-31T21:00:00Z'),
    local: new Date('2026-01-31T12:00:00Z'),
    wholes: [1, 2],
    days: ['2026-01-31'],
    texts: ['a', null],
    json: { a: [1] },
    nothing: null,
  });
});

test('values are parameters, whatever they hold', async () => {
  const nasty = `'; drop table counters; --`;
  expect(await db.one(sql`select ${nasty}::text as text`)).toEqual({ text: nasty });
  expect(await count()).toBe(0);
});

test('run tells how many rows changed; one gives the first row or undefined', async () => {
  expect(await db.run(sql`insert into counters values (1, 0), (2, 0)`)).toBe(2);
  expect(await db.one(sql`select id from counters order by id`)).toEqual({ id: 1 });
  expect(await db.one(sql`select id from counters where id = 9`)).toBeUndefined();
});

test('a transaction commits when its work is done and keeps nothing when it throws', async () => {
  expect(await db.transaction(async (tx) => tx.run(sql`insert into counters values (1, 0)`))).toBe(1);
  await expect(
    db.transaction(async (tx) => {
      await tx.run(sql`insert into counters values (2, 0)`);
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(await count()).toBe(1);
});

test('transactions that deadlock are tried again until both are through', async () => {
  await db.run(sql`insert into counters values (1, 0), (2, 0)`);
  let tries = 0;
  let release = (): void => undefined;
  const bothHoldOne = new Promise<void>((resolve) => (release = resolve));
  const both = (first: number, second: number): Promise<void> =>
    db.transaction(async (tx) => {
      await tx.run(sql`update counters set n = n + 1 where id = ${first}`);
      if (++tries === 2) release();
      await bothHoldOne;
      await tx.run(sql`update counters set n = n + 1 where id = ${second}`);
    });
  await Promise.all([both(1, 2), both(2, 1)]);
  expect(tries).toBeGreaterThan(2);
  expect(await db.query(sql`select n from counters order by id`)).toEqual([{ n: 2 }, { n: 2 }]);
});

test('a transaction whose connection is cut before the commit is done again, once in effect', async () => {
  let tries = 0;
  await db.transaction(async (tx) => {
    tries++;
    await tx.run(sql`insert into counters values (7, ${tries})`);
    if (tries > 1) return;
    const own = await tx.one<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    await db.run(sql`select pg_terminate_backend(${own?.pid})`);
    await tx.run(sql`update counters set n = n where id = 7`);
  });
  expect(tries).toBe(2);
  expect(await db.query(sql`select n from counters`)).toEqual([{ n: 2 }]);
});

test('a connection that breaks while its transaction does something else harms only that one', async () => {
  await expect(
    db.transaction(async (tx) => {
      const own = await tx.one<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      await db.run(sql`select pg_terminate_backend(${own?.pid})`);
      await sleep(100);
      throw new Error('own');
    }),
  ).rejects.toThrow('own');
  expect(await count()).toBe(0);
});

test('an error that another try cannot mend is not tried again', async () => {
  let tries = 0;
  const work = db.transaction(async (tx) => {
    tries++;
    await tx.run(sql`insert into counters values (1, 0), (1, 0)`);
  });
  await expect(work).rejects.toMatchObject({ code: '23505' });
  expect(tries).toBe(1);
});

test('a stream gives every row once, in batches', async () => {
  await db.run(sql`insert into counters select i, i from generate_series(1, 1000) i`);
  const sizes: number[] = [];
  const ids: number[] = [];
  for await (const rows of db.stream<{ id: number }>(sql`select id from counters where id > ${5} order by id`, 300)) {
    sizes.push(rows.length);
    ids.push(...rows.map((row) => row.id));
  }
  expect(sizes).toEqual([300, 300, 300, 95]);
  expect(ids).toEqual(Array.from({ length: 995 }, (_, i) => i + 6));
});

test('streams that end early give their connections back', async () => {
  for (let i = 0; i < 10; i++) {
    for await (const rows of db.stream(sql`select generate_series(1, 100000)`, 10)) {
      expect(rows).toHaveLength(10);
      break;
    }
  }
  await expect(async () => {
    for await (const rows of db.stream(sql`select 1 / (i - 5) from generate_series(1, 10) i`, 2)) expect(rows).toHaveLength(2);
  }).rejects.toMatchObject({ code: '22012' });
  const open = await db.one<{ n: number }>(sql`select count(*) as n from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()`);
  expect(open?.n).toBe(0);
});

test('statements may take only so long', async () => {
  expect(await db.one(sql`show statement_timeout`)).toEqual({ statement_timeout: '30s' });
});

test('work goes on after every connection was cut', async () => {
  await Promise.all(Array.from({ length: 5 }, () => db.query(sql`select 1`)));
  const admin = new Client({ connectionString: made.url });
  await admin.connect();
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
  await admin.end();
  await sleep(50);
  expect(await db.one(sql`select 1 as still`)).toEqual({ still: 1 });
});

test('says what is wrong when the server refuses or is not there, without the password', async () => {
  const wrong = new URL(made.url);
  wrong.pathname = '/nowhere_at_all';
  await expect(openPostgres({ url: wrong.href, kind: 'server', log })).rejects.toMatchObject({
    code: 'database-unreachable',
    message: expect.stringMatching(/nowhere_at_all.*DATABASE_URL/) as string,
  });
  const nobody = openPostgres({ url: 'postgres://u:secret-word@127.0.0.1:1/x', kind: 'server', log, waitMs: 300 });
  await expect(nobody).rejects.toMatchObject({ code: 'database-unreachable', message: expect.not.stringContaining('secret-word') as string });
});
