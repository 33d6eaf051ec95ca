import { setTimeout as sleep } from 'node:timers/promises';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller, Database } from '../context.ts';
import { testDatabase, type TestDatabase } from '../storage/testing.ts';
import { testServices } from '../testing/services.ts';
import { searchShare } from './search-share.ts';

let made: TestDatabase;
let db: Database;
beforeAll(async () => {
  made = await testDatabase();
  ({ db } = made);
});
afterAll(() => made.close());

const caller = (id: string) => ({ kind: 'user', id }) as Caller;
/** Statements of searches that the database is at now. */
const atOnce = async () => (await db.one<{ n: number }>(sql`select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted`))!.n;

describe('many slow searches', () => {
  it('leave connections to all else, and to other callers', async () => {
    const services = testServices({ db });
    let release = () => {};
    // What holds up the searches, until the test is through.
    const held = db.transaction(async (tx) => {
      await tx.query(sql`select pg_advisory_xact_lock(4711)`);
      await new Promise<void>((resolve) => (release = resolve));
    });
    while (!(await db.one(sql`select from pg_locks where locktype = 'advisory' and granted`))) await sleep(5);
    const slow = sql`select pg_advisory_lock_shared(4711), pg_advisory_unlock_shared(4711)`;
    const first = Array.from({ length: 20 }, () => searchShare(services, caller('one')).query(slow));
    while ((await atOnce()) < 4) await sleep(5);
    const other = searchShare(services, caller('two')).query(slow);
    while ((await atOnce()) < 5) await sleep(5);
    expect(await atOnce()).toBe(5);
    expect(await db.one(sql`select 1 as one`)).toEqual({ one: 1 });
    release();
    await Promise.all([held, ...first, other]);
  });
});
