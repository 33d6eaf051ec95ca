import sql, { type Sql } from 'sql-template-tag';
import type { Database, Queryable } from '../context.ts';
import { relations, type Scope } from '../entities/scope.ts';

/** Open findings by severity at the end of a day, over the images and hosts that were there. */
export interface DayFigures {
  /** `YYYY-MM-DD`, UTC. */
  day: string;
  1: number;
  2: number;
  3: number;
  4: number;
  5: number;
}

/** Days back that are ever shown or made up for. */
const MAX_DAYS = 365;

export interface CurrentFigures {
  1: number;
  2: number;
  3: number;
  4: number;
  5: number;
  fixable: number;
  kev: number;
}

/** What is open now: from the SBOMs' counters, so it costs the same however many findings there are. */
export async function currentFigures(db: Queryable, scope: Scope): Promise<CurrentFigures> {
  const row = await db.one<CurrentFigures>(sql`
    ${relations(scope)} counted as (
      select s1, s2, s3, s4, s5, fixable, kev from sboms where id in (select sbom_id from present_sboms)
    )
    select coalesce(sum(s1), 0)::int as "1", coalesce(sum(s2), 0)::int as "2", coalesce(sum(s3), 0)::int as "3", coalesce(sum(s4), 0)::int as "4",
      coalesce(sum(s5), 0)::int as "5", coalesce(sum(fixable), 0)::int as fixable, coalesce(sum(kev), 0)::int as kev from counted`);
  return row!;
}

/**
 * Notes the figures of today, and makes up for days without: the server was off, or a release did not count yet.
 * Once for a day; the last time it runs that day is what stays.
 */
export async function recordHistory(db: Database): Promise<void> {
  await fillHistory(db);
  const figures = await currentFigures(db, null);
  const assets = await db.one<{ hosts: number; images: number; containers: number }>(sql`
    select (select count(*) from hosts where gone_at is null)::int as hosts, (select count(*) from images where gone_at is null)::int as images,
      (select count(*) from containers where gone_at is null)::int as containers`);
  await db.run(sql`
    insert into history (day, figures) values (${sql`(now() at time zone 'utc')::date`}, ${JSON.stringify({ ...figures, ...assets })}::jsonb)
    on conflict (day) do update set figures = excluded.figures`);
}

/**
 * Works out days that have no row from when findings came and went, and stores them. Their severity is that of today,
 * and assets that were forgotten since are left out: what was noted on the day itself is never replaced.
 */
async function fillHistory(db: Database): Promise<void> {
  const first = await db.one<{ day: string | null }>(sql`
    select case when min(first_seen) is not null then greatest(min((first_seen at time zone 'utc')::date), (now() at time zone 'utc')::date - ${MAX_DAYS}::int) end as day
    from (select first_seen from images union all select first_seen from hosts) assets`);
  if (!first?.day) return;
  const missing = await db.query<{ day: string }>(sql`
    select d::date as day from generate_series(${first.day}::date, (now() at time zone 'utc')::date - 1, interval '1 day') d
    where not exists (select from history where day = d::date) order by 1`);
  if (missing.length === 0) return;
  const wanted = new Set(missing.map(({ day }) => day));
  const days = (await pastFigures(db, missing[0]!.day, null)).filter(({ day }) => wanted.has(day));
  const rows = days.map(({ day, ...figures }) => ({ day, figures: { ...figures, computed: true } }));
  await db.run(sql`
    insert into history (day, figures) select day, figures from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as h(day date, figures jsonb)
    on conflict (day) do nothing`);
}

/** Figures of the days from `since` to yesterday, by when findings came and went: one pass over the findings. */
async function pastFigures(db: Queryable, since: string, scope: Scope): Promise<DayFigures[]> {
  const steps = await db.query<{ day: string; severity: number; change: number }>(sql`
    ${relations(scope)} lives as materialized (
      select sbom_id, min(first_seen) as since, case when bool_and(gone_at is not null) then max(gone_at) end as until from (
        select sbom_id, first_seen, gone_at from images where sbom_id is not null
        union all select sbom_id, first_seen, gone_at from hosts where sbom_id is not null
      ) assets where ${ofScope(scope)} group by sbom_id
    ), spans as materialized (
      select f.severity, greatest((f.first_seen at time zone 'utc')::date, ${since}::date) as came, (least(f.fixed_at, l.until) at time zone 'utc')::date as went
      from findings f join lives l using (sbom_id)
    )
    select day, severity, sum(change)::int as change from (
      select came as day, severity, count(*) as change from spans where went is null or went > came group by 1, 2
      union all select went, severity, -count(*) from spans where went > came group by 1, 2
    ) steps where day < (now() at time zone 'utc')::date group by 1, 2 order by 1`);
  const open = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 };
  const figures: DayFigures[] = [];
  let at = 0;
  const today = new Date().toISOString().slice(0, 10);
  for (let day = since; day < today; day = nextDay(day)) {
    for (; at < steps.length && steps[at]!.day <= day; at++) open[steps[at]!.severity as 1 | 2 | 3 | 4 | 5] += steps[at]!.change;
    figures.push({ day, ...open });
  }
  return figures;
}

function ofScope(scope: Scope): Sql {
  return scope === null ? sql`true` : sql`sbom_id in (select sbom_id from visible_sboms)`;
}

function nextDay(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}

/**
 * One entry for each day back to `days` ago, today last. Days before the first asset have none: nothing was looked at.
 * For callers who see only some assets, past days are worked out; the rows of `history` are over all.
 */
export async function dayFigures(db: Database, days: number, scope: Scope): Promise<DayFigures[]> {
  const today = new Date().toISOString().slice(0, 10);
  const since = new Date(Date.parse(today) - (days - 1) * 86_400_000).toISOString().slice(0, 10);
  const { 1: s1, 2: s2, 3: s3, 4: s4, 5: s5 } = await currentFigures(db, scope);
  const now: DayFigures = { day: today, 1: s1, 2: s2, 3: s3, 4: s4, 5: s5 };
  if (scope !== null) {
    const first = await db.one<{ day: string | null }>(sql`
      ${relations(scope)} seen as (
        select first_seen from hosts where id in (select id from visible_hosts) union all select first_seen from images where id in (select id from visible_images)
      ) select (min(first_seen) at time zone 'utc')::date as day from seen`);
    if (!first?.day) return [now];
    return [...(await pastFigures(db, first.day > since ? first.day : since, scope)), now];
  }
  await fillHistory(db);
  const rows = await db.query<{ day: string; figures: Omit<DayFigures, 'day'> }>(sql`select day, figures from history where day >= ${since}::date and day < ${today}::date order by day`);
  return [...rows.map(({ day, figures: f }) => ({ day, 1: f[1] ?? 0, 2: f[2] ?? 0, 3: f[3] ?? 0, 4: f[4] ?? 0, 5: f[5] ?? 0 })), now];
}
