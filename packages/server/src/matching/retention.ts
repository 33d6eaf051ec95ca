import sql, { type Sql } from 'sql-template-tag';
import type { Database } from '../context.ts';

export interface Retention {
  /** Days that events are kept. */
  eventDays: number;
  /** Days that assets which went away are kept, and findings that were fixed. */
  goneDays: number;
}

export const DEFAULT_RETENTION: Retention = { eventDays: 30, goneDays: 90 };

/** Rows removed in one transaction: short enough for nobody to wait. */
const BATCH = 10_000;
/** Absences of sensors are summed up over the last week, whatever else is kept. */
const SUMMED_DAYS = 8;
/** SBOMs, whose findings go with them. */
const SBOM_BATCH = 50;

/** Removes what was kept for long enough. Safe to be cut off anywhere. Returns how many rows of each kind went. */
export async function retain(db: Database): Promise<Record<string, number>> {
  const { eventDays, goneDays } = { ...DEFAULT_RETENTION, ...(await db.one<{ value: Partial<Retention> }>(sql`select value from settings where key = 'retention'`))?.value };
  const eventsBefore = sql`now() - make_interval(days => ${eventDays})`;
  const goneBefore = sql`now() - make_interval(days => ${goneDays})`;
  return {
    events: await inBatches(db, BATCH, sql`delete from events where id in (select id from events where at < ${eventsBefore} order by at limit ${BATCH})`),
    gaps: await inBatches(db, BATCH, sql`delete from sensor_gaps where id in (select id from sensor_gaps where to_at < least(${goneBefore}, now() - make_interval(days => ${SUMMED_DAYS})) limit ${BATCH})`),
    sessions: await db.run(sql`delete from sessions where expires_at < now()`),
    findings: await inBatches(db, BATCH, sql`
      delete from findings where ctid in (select ctid from findings where fixed_at < ${goneBefore} limit ${BATCH})`),
    containers: await inBatches(db, BATCH, sql`delete from containers where id in (select id from containers where gone_at < ${goneBefore} limit ${BATCH})`),
    placements: await inBatches(db, BATCH, sql`
      delete from image_hosts where ctid in (select ctid from image_hosts where gone_at < ${goneBefore} limit ${BATCH})`),
    hosts: await inBatches(db, SBOM_BATCH, sql`delete from hosts where id in (select id from hosts where gone_at < ${goneBefore} limit ${SBOM_BATCH})`),
    images: await inBatches(db, BATCH, sql`
      delete from images where id in (
        select i.id from images i where i.gone_at < ${goneBefore} and not exists (select from containers c where c.image_id = i.id) limit ${BATCH})`),
    sboms: await removeOrphans(db),
  };
}

/** SBOMs that no image and no host has any more, with their findings and history. */
export function removeOrphans(db: Database): Promise<number> {
  return inBatches(db, SBOM_BATCH, sql`
    delete from sboms where id in (
      select s.id from sboms s where not exists (select from images where sbom_id = s.id) and not exists (select from hosts where sbom_id = s.id) limit ${SBOM_BATCH})`);
}

async function inBatches(db: Database, size: number, statement: Sql): Promise<number> {
  for (let total = 0; ; ) {
    const removed = await db.transaction((tx) => tx.run(statement));
    total += removed;
    if (removed < size) return total;
  }
}
