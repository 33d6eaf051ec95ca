import { QueryError } from '@plimsoll/query';
import sql from 'sql-template-tag';
import type { Job, Services } from '../context.ts';
import { evaluate, type Changed, type TaggedEntity } from './tags.ts';

/** Tells who looks at the assets. */
export function publishChanged({ live }: Pick<Services, 'live'>, changed: Changed): void {
  for (const [topic, ids] of changed) live.publish(ids.length <= 100 ? { topic, ids } : { topic });
  live.publish({ topic: 'tags' });
}

/** Every dynamic tag follows its query: what was true a minute ago may not be now. */
async function evaluateAll(services: Services): Promise<void> {
  const { db, log } = services;
  const ids = await db.query<{ id: string }>(sql`select id from tags where query is not null order by name`);
  for (const { id } of ids) {
    try {
      const changed = await db.transaction(async (tx) => {
        const tag = await tx.one<{ id: string; entity: TaggedEntity; query: string }>(sql`select id, entity, query from tags where id = ${id} and query is not null for update`);
        return tag && evaluate(tx, tag);
      });
      if (changed && changed.size > 0) publishChanged(services, changed);
    } catch (error) {
      // A release may drop a field that a tag's query names: the tag stays as it was until it is mended.
      if (!(error instanceof QueryError)) throw error;
      log.warn({ tag: id, err: error.message }, 'The query of a dynamic tag cannot be understood');
    }
  }
}

export const jobs: Job[] = [{ name: 'tags-evaluate', schedule: '* * * * *', concurrency: 1, run: (_, services) => evaluateAll(services) }];
