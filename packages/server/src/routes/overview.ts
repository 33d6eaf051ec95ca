import type { CoverageSummary, Overview } from '@plimsoll/model/api';
import sql, { raw } from 'sql-template-tag';
import type { Database, Handlers } from '../context.ts';
import { relations, type Scope } from '../entities/index.ts';
import { AWAY_AFTER } from '../ingest/away.ts';
import { currentFigures, dayFigures } from '../matching/index.ts';
import { feedsOf } from '../matching/views/coverage.ts';
import { topFixes } from '../matching/views/fixes.ts';
import { openStream } from './live.ts';

const DAY_MS = 86_400_000;
/** Days over which sensors' absences are added up. */
const AWAY_DAYS = 7;
const MOST_REASONS = 20;

type Hosts = Overview['hosts'];

/** Hosts by what their sensor does: live, away, or none (a revoked one counts as none). */
async function hostFigures(db: Database, scope: Scope): Promise<Hosts> {
  const row = await db.one<Hosts>(sql`
    ${relations(scope)} seen as (select id, is_docker_host from hosts where gone_at is null and ${inScope(scope, 'id', 'visible_hosts')}),
    states as (
      select seen.id, seen.is_docker_host, (
        select case when s.last_seen > now() - ${AWAY_AFTER} then 'live' else 'away' end from sensors s
        where s.host_id = seen.id and s.revoked_at is null order by s.last_seen desc nulls last limit 1) as state
      from seen
    )
    select count(*)::int as total, count(*) filter (where is_docker_host)::int as docker, count(*) filter (where state = 'live')::int as live,
      count(*) filter (where state = 'away')::int as away, count(*) filter (where state is null)::int as none from states`);
  return row!;
}

async function imageFigures(db: Database, scope: Scope): Promise<Overview['images']> {
  const row = await db.one<Overview['images']>(sql`
    ${relations(scope)} seen as (
      select i.scan_state, s.s1 + s.s2 + s.s3 + s.s4 + s.s5 as open, s.s5 from images i left join sboms s on s.id = i.sbom_id
      where i.gone_at is null and ${inScope(scope, 'i.id', 'visible_images')}
    )
    select count(*)::int as total, count(*) filter (where scan_state in ('scanned', 'incomplete'))::int as scanned,
      count(*) filter (where scan_state in ('not-scanned', 'analysing'))::int as "notScanned", count(*) filter (where scan_state = 'not-judged')::int as "notJudged", count(*) filter (where scan_state = 'failed')::int as failed,
      count(*) filter (where scan_state = 'incomplete')::int as incomplete, count(*) filter (where open > 0)::int as vulnerable, count(*) filter (where s5 > 0)::int as urgent
    from seen`);
  return row!;
}

async function containerFigures(db: Database, scope: Scope): Promise<Overview['containers']> {
  const rows = await db.query<{ state: string; count: number; privileged: number }>(sql`
    ${relations(scope)} seen as (select state, privileged from containers where gone_at is null and ${inScope(scope, 'id', 'visible_containers')})
    select state, count(*)::int as count, count(*) filter (where privileged)::int as privileged from seen group by state order by 2 desc`);
  return {
    total: rows.reduce((sum, { count }) => sum + count, 0),
    byState: Object.fromEntries(rows.map(({ state, count }) => [state, count])),
    privileged: rows.reduce((sum, { privileged }) => sum + privileged, 0),
  };
}

function inScope(scope: Scope, column: string, relation: string) {
  return scope === null ? sql`true` : sql`${raw(column)} in (select id from ${raw(relation)})`;
}

async function reasons(db: Database, scope: Scope): Promise<CoverageSummary['images']['reasons']> {
  return db.query(sql`
    ${relations(scope)} seen as (select i.scan_state, i.scan_reason from images i where i.gone_at is null and i.scan_state <> 'scanned' and ${inScope(scope, 'i.id', 'visible_images')})
    select coalesce(scan_reason, case scan_state when 'analysing' then 'A sensor is at it.' when 'not-scanned' then 'It waits for a sensor.' else 'No reason was given.' end) as reason,
      count(*)::int as count from seen group by 1 order by 2 desc, 1 limit ${MOST_REASONS}`);
}

async function absences(db: Database, scope: Scope): Promise<{ awayMinutes: number; eventsDropped: number }> {
  const row = await db.one<{ awayMinutes: number; eventsDropped: number }>(sql`
    ${relations(scope)} gaps as (
      select greatest(g.from_at, now() - make_interval(days => ${AWAY_DAYS})) as from_at, coalesce(g.to_at, now()) as to_at, g.dropped
      from sensor_gaps g join sensors s on s.id = g.sensor_id
      where coalesce(g.to_at, now()) > now() - make_interval(days => ${AWAY_DAYS}) and ${inScope(scope, 's.host_id', 'visible_hosts')}
    )
    select least(coalesce(sum(greatest(extract(epoch from to_at - from_at), 0)) filter (where dropped = 0) / 60, 0), ${0x7fff_ffff})::int as "awayMinutes",
      least(coalesce(sum(dropped), 0), ${Number.MAX_SAFE_INTEGER})::bigint as "eventsDropped" from gaps`);
  return row!;
}

export const handlers = {
  async overview({ query: { days }, caller: { scope }, services: { db } }) {
    const [hosts, images, containers, findings, trend, fixes] = await Promise.all([
      hostFigures(db, scope), imageFigures(db, scope), containerFigures(db, scope), currentFigures(db, scope), dayFigures(db, days, scope), topFixes(db, scope),
    ]);
    return { hosts, images, containers, findings, trend, fixes };
  },

  async coverage({ caller: { scope }, services: { db, advisories } }) {
    const [hosts, images, why, away] = await Promise.all([hostFigures(db, scope), imageFigures(db, scope), reasons(db, scope), absences(db, scope)]);
    const current = advisories.current();
    return {
      hosts: { total: hosts.total, live: hosts.live, away: hosts.away, none: hosts.none },
      images: { total: images.total, scanned: images.scanned, incomplete: images.incomplete, notScanned: images.notScanned + images.notJudged, failed: images.failed, reasons: why },
      feeds: feedsOf(advisories).map((feed) => ({ ...feed, ageDays: ageOf(feed.asOf) })),
      database: current ? { built: new Date(current.database.info.built).toISOString(), checkedAt: advisories.state.checkedAt?.toISOString() ?? null } : null,
      ...away,
    };
  },

  async live({ caller, request, reply, services }) {
    return openStream(request, reply, caller, services);
  },
} satisfies Partial<Handlers>;

function ageOf(asOf: string | null): number | null {
  const time = asOf === null ? Number.NaN : Date.parse(asOf);
  return Number.isNaN(time) ? null : Math.max(0, Math.floor((Date.now() - time) / DAY_MS));
}
