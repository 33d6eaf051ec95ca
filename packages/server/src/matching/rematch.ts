import { changedPackages, schemeFor, type ChangedPackage } from '@plimsoll/advisories';
import { LANGUAGE_ECOSYSTEMS, type AdvisoryDatabase, type CveFacts } from '@plimsoll/model';
import sql, { raw } from 'sql-template-tag';
import type { Database, Services } from '../context.ts';
import { refreshFacts } from './vulnerabilities.ts';

/** What the job `rematch` is given: ids of advisory databases. */
export interface RematchData {
  /** The one in use before; null when there was none. */
  from: string | null;
  to: string;
}

/** SBOMs in one job `match`: a second or two of work, so that processes share it and a killed one loses little. */
export const MATCH_BATCH = 40;

/**
 * Has everything matched anew that a new advisory database may judge otherwise. With the one before at hand these
 * are the SBOMs with a package of which the two do not say the same, or with a CVE that is scored otherwise; all
 * others are only noted as matched by the new one, in one statement. Without it, all SBOMs are matched anew.
 * @returns how many SBOMs are matched anew
 */
export async function rematch(services: Pick<Services, 'db' | 'advisories' | 'queue' | 'log' | 'live'>, { from }: RematchData): Promise<number> {
  const { db, advisories, queue, log, live } = services;
  await advisories.refresh?.();
  const current = advisories.current();
  if (!current) return 0;
  const before = from === null || from === current.id ? undefined : advisories.earlier?.(from);
  if (from !== null && before?.file !== undefined && current.file !== undefined) {
    const touched = await touchedSboms(db, { database: before.database, file: before.file }, { database: current.database, file: current.file });
    const untouched = await db.run(sql`
      update sboms set matched_by = ${current.id}, matched_at = now()
      where matched_by = ${from} and matched_at is not null and not id = any(${touched}::int[])`);
    log.info({ touched: touched.length, untouched }, 'new advisory database compared');
  }
  const ids = await outdatedSboms(db, current.id);
  await queueMatches(queue, ids, `rematch:${current.id}`);
  await refreshFacts(db, current.database);
  live.publish({ topic: 'advisories' });
  return ids.length;
}

export async function queueMatches(queue: Services['queue'], ids: readonly number[], key: string): Promise<void> {
  for (let at = 0; at < ids.length; at += MATCH_BATCH) {
    const sbomIds = ids.slice(at, at + MATCH_BATCH);
    await queue.send('match', { sbomIds }, { key: `${key}:${sbomIds[0]}` });
  }
}

/** SBOMs matched by another database; those of running containers first, since they are looked at first. */
async function outdatedSboms(db: Database, id: string): Promise<number[]> {
  const rows = await db.query<{ id: number }>(sql`
    select s.id from sboms s where s.matched_by is distinct from ${id}
    order by exists (
      select 1 from images i join containers c on c.image_id = i.id and c.gone_at is null and c.state = 'running' where i.sbom_id = s.id
    ) desc, s.id`);
  return rows.map((row) => row.id);
}

interface OpenFile {
  database: AdvisoryDatabase;
  file: string;
}

/** SBOMs that two databases may judge differently. May name too many, never too few. */
export async function touchedSboms(db: Database, before: OpenFile, after: OpenFile): Promise<number[]> {
  const packages = await changedPackages(before.file, after.file);
  const touched = new Set<number>();
  for (const id of await byPackages(db, packages)) touched.add(id);
  for (const id of await byCves(db, await changedCves(db, before.database, after.database))) touched.add(id);
  for (const id of await byCoverage(db, before.database, after.database)) touched.add(id);
  return [...touched].sort((a, b) => a - b);
}

/** Package types of language ecosystems; those of distributions follow from how they compare versions. */
const LANGUAGE_TYPES = new Map<string, string[]>();
for (const [type, ecosystem] of Object.entries(LANGUAGE_ECOSYSTEMS)) LANGUAGE_TYPES.set(ecosystem, [...(LANGUAGE_TYPES.get(ecosystem) ?? []), type]);
const DISTRIBUTION_TYPES = new Map([['dpkg', 'deb'], ['apk', 'apk'], ['rpm', 'rpm']]);

/** The spelling of a name under which advisories are stored: as the advisories' `normalizeName` has it. */
const SPELLED = raw(`case type
  when 'pypi' then regexp_replace(lower(name), '[-_.]+', '-', 'g')
  when 'composer' then lower(name) when 'nuget' then lower(name) else name end`);
/** Advisories of a release speak of its SBOMs; Red Hat's of a repository of it: `Red Hat:enterprise_linux:9::appstream`. */
const OF_RELEASE = (ecosystem: string, release: string) =>
  raw(`(${ecosystem} = ${release} or starts_with(${ecosystem}, ${release} || '::') or starts_with(${ecosystem}, ${release} || '.'))`);

async function byPackages(db: Database, changed: readonly ChangedPackage[]): Promise<number[]> {
  const keys = changed.flatMap(({ ecosystem, name }) => {
    const types = LANGUAGE_TYPES.get(ecosystem);
    if (types) return types.map((type) => ({ type, name, release: null as string | null }));
    const type = DISTRIBUTION_TYPES.get(schemeFor(ecosystem)?.name ?? '');
    return type === undefined ? [] : [{ type, name, release: ecosystem }];
  });
  if (keys.length === 0) return [];
  const rows = await db.query<{ sbom_id: number }>(sql`
    with changed as materialized (
      select * from unnest(${keys.map(({ type }) => type)}::text[], ${keys.map(({ name }) => name)}::text[], ${keys.map(({ release }) => release)}::text[]) as c(type, name, release)
    ), named as materialized (
      select id, type, ${SPELLED} as name from packages
      union select id, type, source_name from packages where source_name is not null and type in ('deb', 'apk', 'rpm')
    ), hit as materialized (
      select distinct named.id, changed.release from named join changed using (type, name)
    )
    select distinct sp.sbom_id from hit join sbom_packages sp on sp.package_id = hit.id join sboms s on s.id = sp.sbom_id
    where hit.release is null or ${OF_RELEASE('hit.release', 's.ecosystem')}`);
  return rows.map((row) => row.sbom_id);
}

/** CVEs known here whose facts may change a finding's severity. */
async function changedCves(db: Database, before: AdvisoryDatabase, after: AdvisoryDatabase): Promise<string[]> {
  const changed: string[] = [];
  for await (const rows of db.stream<{ name: string }>(sql`select name from vulnerabilities where name like 'CVE-%'`, 2000)) {
    for (const { name } of rows) if (judgedBy(before.cve(name)) !== judgedBy(after.cve(name))) changed.push(name);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return changed;
}

/** EPSS from which the severity rule counts a step more: docs/severity.md. */
const LIKELY_EXPLOITED = 0.5;

function judgedBy(cve: CveFacts | undefined): string {
  if (!cve) return '';
  return JSON.stringify([cve.rejected ?? false, cve.kev ?? null, cve.scores, (cve.epss?.score ?? 0) >= LIKELY_EXPLOITED]);
}

async function byCves(db: Database, names: readonly string[]): Promise<number[]> {
  if (names.length === 0) return [];
  const rows = await db.query<{ sbom_id: number }>(sql`
    select distinct f.sbom_id from findings f join vulnerabilities v on v.id = f.vulnerability_id
    where v.name = any(${names}::text[]) and f.fixed_at is null`);
  return rows.map((row) => row.sbom_id);
}

/** SBOMs of which more or less can be judged now, or whose gaps tell how old a feed is that is newer now. */
async function byCoverage(db: Database, { info: before }: AdvisoryDatabase, { info: after }: AdvisoryDatabase): Promise<number[]> {
  const old = new Set(before.ecosystems);
  const fresh = new Set(after.ecosystems);
  const ecosystems = [...old, ...fresh].filter((name) => !old.has(name) || !fresh.has(name));
  const types = ecosystems.flatMap((name) => LANGUAGE_TYPES.get(name) ?? []);
  const feeds = after.feeds
    .filter(({ name, asOf }) => name.startsWith('osv/') && before.feeds.find((feed) => feed.name === name)?.asOf !== asOf)
    .map(({ name }) => name.slice('osv/'.length));
  const rows = await db.query<{ id: number }>(sql`
    select id from sboms s where exists (select 1 from unnest(${ecosystems}::text[]) e(name) where ${OF_RELEASE('e.name', 's.ecosystem')})
    union select sp.sbom_id from sbom_packages sp join packages p on p.id = sp.package_id where p.type = any(${types}::text[])
    union select s.id from sboms s, jsonb_array_elements(s.gaps) g where g->>'ecosystem' = any(${feeds}::text[])`);
  return rows.map((row) => row.id);
}
