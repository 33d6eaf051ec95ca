import { Gauge, Registry } from 'prom-client';
import sql from 'sql-template-tag';
import type { Services } from '../context.ts';
import { AWAY_AFTER } from '../ingest/away.ts';

interface Count {
  name: string;
  n: number;
}

/** Figures of the whole installation: the same from each server process. Asked anew each time. */
export async function collectFigures({ db, queue, advisories }: Services): Promise<Registry> {
  const registry = new Registry();
  const gauge = (name: string, help: string, counts: Count[], label: string): void => {
    const made = new Gauge({ name: `plimsoll_${name}`, help, labelNames: [label], registers: [registry] });
    for (const { name: value, n } of counts) made.set({ [label]: value }, n);
  };
  const [waiting, sensors, images, findings, connections] = await Promise.all([
    queue.waiting(),
    db.query<Count>(sql`
      select case when revoked_at is not null then 'revoked' when last_seen > now() - ${AWAY_AFTER} then 'live' else 'away' end as name, count(*)::int as n
      from sensors group by 1`),
    db.query<Count>(sql`select scan_state as name, count(*)::int as n from images where gone_at is null group by 1`),
    db.one<Record<string, number>>(sql`
      select coalesce(sum(s1), 0)::float8 as "1", coalesce(sum(s2), 0)::float8 as "2", coalesce(sum(s3), 0)::float8 as "3",
        coalesce(sum(s4), 0)::float8 as "4", coalesce(sum(s5), 0)::float8 as "5"
      from images i join sboms s on s.id = i.sbom_id where i.gone_at is null`),
    db.query<Count>(sql`
      select coalesce(state, 'none') as name, count(*)::int as n from pg_stat_activity where datname = current_database() group by 1`),
  ]);
  gauge('queue_waiting', 'Background jobs that wait, by kind.', Object.entries(waiting).map(([name, n]) => ({ name, n })), 'job');
  gauge('sensors', 'Sensors by state.', sensors, 'state');
  gauge('images', 'Images by state of their scan: what is not scanned is not clean.', images, 'scan_state');
  gauge('image_findings', 'Open findings of all images, by severity (5 is worst).', Object.entries(findings ?? {}).map(([name, n]) => ({ name, n })), 'severity');
  gauge('database_connections', 'Connections of all processes to the database, by what they do.', connections, 'state');
  const age = new Gauge({ name: 'plimsoll_advisories_age_seconds', help: 'Time since the advisory database in use was built; absent where there is none.', registers: [registry] });
  const built = advisories.current()?.database.info.built;
  if (built === undefined) age.remove();
  else age.set((Date.now() - Date.parse(built)) / 1000);
  return registry;
}
