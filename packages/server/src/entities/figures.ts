import sql, { raw, type Sql } from 'sql-template-tag';
import { judged } from './fields/counts.ts';
import type { Database, Job, Queryable, Services } from '../context.ts';

/**
 * Keeps `vulnerability_figures` and `package_figures`. Where making them takes a moment they are made when somebody
 * asks and are always right; in a large fleet they are made in the background, at most once a minute, and who looks
 * at a list hears of it.
 */

const MOMENT_MS = 500;
const MOST_INTERVAL_MS = 60_000;
const MOST_UNCHECKED_MS = 1000;
/** Making them takes no more than this part of the time: a machine that was busy for a moment is not stale for a minute. */
const SHARE = 1 / 10;
const LOCK = 7_403_911_662_045n;

/** Changes with everything that the figures count: what exists, what is in it, what matching found. A few milliseconds for thousands of SBOMs. */
const STAMP = sql`
  select concat_ws('/', (select max(id) from changes), count(*), sum(hashtextextended(concat_ws(' ', s.id, s.scanned_at, s.matched_at, present.images, present.hosts, s.s1, s.s2, s.s3, s.s4, s.s5, s.fixable, s.judged), 0)::numeric)) as stamp
  from (
    select sbom_id, count(*) filter (where image) as images, count(*) filter (where not image) as hosts from (
      select sbom_id, true as image from images where gone_at is null and sbom_id is not null
      union all select sbom_id, false from hosts where gone_at is null and sbom_id is not null) as assets
    group by sbom_id) as present
  join sboms s on s.id = present.sbom_id`;

interface State {
  stamp: string;
  age: number;
  took: number;
}

interface Watch {
  checkedAt: number;
  checkTook: number;
  checking?: Promise<void>;
  /** Being made, by this process. */
  making?: Promise<boolean>;
  /** To be made then, by this process. */
  later?: NodeJS.Timeout;
}
const watches = new WeakMap<Database, Watch>();

type Needs = Pick<Services, 'db' | 'log' | 'live'>;

/** Before figures are read. Waits for them to be made anew only where that is quick; who asks at the same time waits too. */
export function freshFigures(services: Needs): Promise<void> {
  const watch = watches.get(services.db) ?? { checkedAt: -Infinity, checkTook: 0 };
  watches.set(services.db, watch);
  return (watch.checking ??= check(services, watch).finally(() => delete watch.checking));
}

async function check(services: Needs, watch: Watch): Promise<void> {
  const now = performance.now();
  if (now - watch.checkedAt < Math.min(watch.checkTook * 10, MOST_UNCHECKED_MS)) return;
  const state = await staleState(services.db);
  watch.checkTook = performance.now() - now;
  watch.checkedAt = performance.now();
  if (!state) return;
  if (state.took <= MOMENT_MS) {
    await make(watch, services);
    return;
  }
  const wait = Math.min(MOST_INTERVAL_MS, state.took / SHARE) - state.age;
  // Who asked now may not ask again, but looks at what is old until told.
  watch.later ??= setTimeout(() => {
    delete watch.later;
    make(watch, services).then(
      (made) => {
        if (made) services.live.publish({ topic: 'findings' });
      },
      (error: unknown) => services.log.error({ err: error }, 'The figures of vulnerabilities and packages could not be made'),
    );
  }, Math.max(0, wait)).unref();
}

function make(watch: Watch, { db }: Needs): Promise<boolean> {
  return (watch.making ??= makeFigures(db).finally(() => delete watch.making));
}

/** Undefined when the figures are as they should be. */
async function staleState(db: Queryable): Promise<State | undefined> {
  const row = await db.one<State & { current: string }>(sql`
    select f.stamp, (extract(epoch from now() - greatest(f.made_at, '2000-01-01')) * 1000)::float8 as age, f.took_ms as took, (${STAMP}) as current from figures_state f`);
  return row && row.stamp !== row.current ? row : undefined;
}

/** One process at a time; the others wait and then find nothing to do. Whether there was something to do. */
export async function makeFigures(db: Database): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx.query(sql`select pg_advisory_xact_lock(${LOCK.toString()}::bigint)`);
    const row = await tx.one<{ stamp: string; old: string }>(sql`select (${STAMP}) as stamp, (select stamp from figures_state) as old`);
    if (!row || row.stamp === row.old) return false;
    const started = performance.now();
    await gather(tx);
    await vulnerabilityFigures(tx);
    await packageFigures(tx);
    await tx.run(sql`update figures_state set stamp = ${row.stamp}, made_at = now(), took_ms = ${Math.round(performance.now() - started)}::int`);
    return true;
  });
}

/** What both kinds of figures are made from: one walk through the findings. */
async function gather(tx: Queryable): Promise<void> {
  // In the background nobody waits; memory is for this transaction alone.
  await tx.run(sql`set local statement_timeout = '5min'`);
  await tx.run(sql`set local work_mem = '48MB'`);
  await tx.run(sql`
    create temporary table present on commit drop as
    select sbom_id, sum(image)::int as images, sum(host)::int as hosts, bool_or(${raw(judged('s'))}) as judged from (
      select sbom_id, 1 as image, 0 as host from images where gone_at is null and sbom_id is not null
      union all select sbom_id, 0, 1 from hosts where gone_at is null and sbom_id is not null) as assets
    join sboms s on s.id = sbom_id group by sbom_id`);
  await tx.run(sql`
    create temporary table flaws on commit drop as
    select f.vulnerability_id, f.package_id, max(f.severity) as severity, bool_or(f.fixed_version is not null) as fixable
    from findings f join present using (sbom_id) where f.fixed_at is null group by 1, 2`);
  await tx.run(sql`analyze present, flaws`);
}

async function vulnerabilityFigures(tx: Queryable): Promise<void> {
  await tx.run(sql`
    with counted as (
      select o.vulnerability_id, sum(p.images)::int as images, sum(p.hosts)::int as hosts
      from (select distinct vulnerability_id, sbom_id from findings where fixed_at is null) o join present p using (sbom_id) group by 1),
    named as (
      select vulnerability_id, (array_agg(distinct p.name order by p.name))[1:5] as packages, bool_or(fixable) as fixable
      from flaws join packages p on p.id = flaws.package_id group by 1),
    made as materialized (select vulnerability_id, images, hosts, fixable, packages from counted join named using (vulnerability_id)),
    dropped as (delete from vulnerability_figures f where not exists (select from made m where m.vulnerability_id = f.vulnerability_id))
    insert into vulnerability_figures as f (vulnerability_id, images, hosts, fixable, packages) select * from made
    on conflict (vulnerability_id) do update set images = excluded.images, hosts = excluded.hosts, fixable = excluded.fixable, packages = excluded.packages
    where f.* is distinct from excluded.*`);
}

async function packageFigures(tx: Queryable): Promise<void> {
  const severity = (level: number): Sql => sql`coalesce(count(*) filter (where f.severity = ${level}), 0)::int`;
  await tx.run(sql`
    with counted as (
      select sp.package_id, sum(p.images)::int as images, sum(p.hosts)::int as hosts, bool_or(p.judged) as judged
      from sbom_packages sp join present p using (sbom_id) group by 1),
    flawed as (
      select f.package_id, ${severity(1)} as s1, ${severity(2)} as s2, ${severity(3)} as s3, ${severity(4)} as s4, ${severity(5)} as s5,
        (count(*) filter (where fixable))::int as fixable, (count(*) filter (where v.kev_added is not null))::int as kev
      from flaws f join vulnerabilities v on v.id = f.vulnerability_id group by 1),
    made as materialized (
      select package_id, images, hosts, judged, coalesce(s1, 0) as s1, coalesce(s2, 0) as s2, coalesce(s3, 0) as s3, coalesce(s4, 0) as s4, coalesce(s5, 0) as s5,
        coalesce(fixable, 0) as fixable, coalesce(kev, 0) as kev
      from counted left join flawed using (package_id)),
    dropped as (delete from package_figures f where not exists (select from made m where m.package_id = f.package_id))
    insert into package_figures as f (package_id, images, hosts, judged, s1, s2, s3, s4, s5, fixable, kev) select * from made
    on conflict (package_id) do update set images = excluded.images, hosts = excluded.hosts, judged = excluded.judged, s1 = excluded.s1, s2 = excluded.s2, s3 = excluded.s3,
      s4 = excluded.s4, s5 = excluded.s5, fixable = excluded.fixable, kev = excluded.kev
    where f.* is distinct from excluded.*`);
}

async function refreshFigures(_: unknown, { db, live }: Services): Promise<void> {
  if (await makeFigures(db)) live.publish({ topic: 'findings' });
}

export const jobs: Job[] = [{ name: 'figures', schedule: '* * * * *', concurrency: 1, run: refreshFigures }];
