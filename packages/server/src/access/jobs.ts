import sql from 'sql-template-tag';
import type { Job } from '../context.ts';

/** Sessions that are over hold nothing any more; tokens that are stay in the list for a while, so that people see why one fails. */
const sessionsOver: Job = {
  name: 'sessions-over',
  schedule: '11 * * * *',
  concurrency: 1,
  async run(_data, { db }) {
    await db.run(sql`delete from sessions where expires_at < now()`);
    await db.run(sql`delete from api_tokens where least(expires_at, coalesce(revoked_at, expires_at)) < now() - interval '90 days'`);
  },
};

export const jobs: Job[] = [sessionsOver];
