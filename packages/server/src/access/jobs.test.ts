import sql from 'sql-template-tag';
import { expect, it } from 'vitest';
import { addUser, sessionOf, tokenOf } from '../http/testing.ts';
import { withDatabase } from '../storage/testing.ts';
import { testServices } from '../testing/services.ts';
import { jobs } from './jobs.ts';

it('forgets sessions that are over, and tokens long after', async () => {
  await withDatabase(async (db) => {
    const user = await addUser(db, 'reader');
    await sessionOf(db, user, { hours: 1 });
    await sessionOf(db, user, { hours: -1 });
    for (const days of [1, -1, -89, -91]) await tokenOf(db, user, 'reader', { days });
    for (const job of jobs) await job.run([], testServices({ db }));
    expect(await db.query(sql`select expires_at > now() as live from sessions`)).toEqual([{ live: true }]);
    expect(await db.query(sql`select from api_tokens`)).toHaveLength(3);
  });
});
