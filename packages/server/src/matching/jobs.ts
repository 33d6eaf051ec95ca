import sql from 'sql-template-tag';
import type { Job } from '../context.ts';
import { recordHistory } from './history.ts';
import { matchSboms, type MatchData } from './match.ts';
import { queueMatches, rematch, type RematchData } from './rematch.ts';
import { retain } from './retention.ts';

const matchJob: Job<MatchData> = {
  name: 'match',
  concurrency: 2,
  batch: 1,
  async run(data, services) {
    for (const item of data) await matchSboms(services, item);
  },
};

const rematchJob: Job<RematchData> = {
  name: 'rematch',
  concurrency: 1,
  batch: 1,
  async run(data, services) {
    for (const item of data) await rematch(services, item);
  },
};

/** SBOMs looked at each minute. */
const PENDING = 2000;

/** What no other job took: SBOMs that wait since no database was there, or that were matched by one that is not in use any more. */
const matchPending: Job = {
  name: 'match-pending',
  schedule: '* * * * *',
  concurrency: 1,
  async run(_data, { db, advisories, queue }) {
    await advisories.refresh?.();
    const current = advisories.current();
    if (!current) return;
    const waiting = await db.query<{ id: number }>(sql`
      select id from sboms where matched_at is null or (matched_by is distinct from ${current.id} and matched_at < now() - interval '10 minutes')
      order by id limit ${PENDING}`);
    await queueMatches(queue, waiting.map(({ id }) => id), 'pending');
  },
};

const history: Job = {
  name: 'history',
  schedule: '7 * * * *',
  concurrency: 1,
  async run(_data, { db }) {
    await recordHistory(db);
  },
};

const retention: Job = {
  name: 'retention',
  schedule: '23 3 * * *',
  concurrency: 1,
  async run(_data, { db, log }) {
    log.info(await retain(db), 'what was kept long enough is removed');
  },
};

export const jobs: Job[] = [matchJob as Job, rematchJob as Job, matchPending, history, retention];
