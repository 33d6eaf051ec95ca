import type { AdvisoryDatabase } from '@plimsoll/model';
import sql from 'sql-template-tag';
import type { Database, Queryable } from '../context.ts';
import { greatest, union, type VulnerabilityFacts } from './judge.ts';

/** Rows of `vulnerabilities`: written in order of their names, everywhere, so that no two writers wait for each other. */

/** What this process knows a row to say, so that the thousandth image with a flaw costs no statement. */
interface Known {
  id: number;
  severity: number;
  facts: string;
}
const MAX_KNOWN = 200_000;
const CHUNK = 1000;
const knownOf = new WeakMap<Queryable, Map<string, Known>>();

function known(db: Queryable): Map<string, Known> {
  let map = knownOf.get(db);
  if (!map) knownOf.set(db, (map = new Map()));
  return map;
}

/** Makes rows say at least this; rows that do already are not written. Returns ids by name. */
export async function saveVulnerabilities(db: Database, all: readonly VulnerabilityFacts[]): Promise<Map<string, number>> {
  const cache = known(db);
  const merged = new Map<string, VulnerabilityFacts>();
  for (const facts of all) {
    const other = merged.get(facts.name);
    merged.set(facts.name, other ? { ...other, aliases: union(other.aliases, facts.aliases), severity: facts.severity > other.severity ? facts.severity : other.severity } : facts);
  }
  const write = [...merged.values()]
    .filter((facts) => {
      const row = cache.get(facts.name);
      return !row || row.severity < facts.severity || row.facts !== fingerprint(facts);
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (cache.size + write.length > MAX_KNOWN) cache.clear();
  const ids = new Map<string, number>();
  for (let at = 0; at < write.length; at += CHUNK) {
    const chunk = write.slice(at, at + CHUNK);
    await upsert(db, chunk);
    const rows = await db.query<{ id: number; name: string; severity: number }>(
      sql`select id, name, severity from vulnerabilities where name = any(${chunk.map(({ name }) => name)}::text[])`,
    );
    const facts = new Map(chunk.map((item) => [item.name, item]));
    for (const { id, name, severity } of rows) {
      ids.set(name, id);
      cache.set(name, { id, severity, facts: fingerprint(facts.get(name)!) });
    }
  }
  for (const name of merged.keys()) {
    const row = cache.get(name);
    if (row) ids.set(name, row.id);
  }
  return ids;
}

function fingerprint({ severity: _, ...facts }: VulnerabilityFacts): string {
  return JSON.stringify(facts);
}

async function upsert(db: Database, facts: readonly VulnerabilityFacts[]): Promise<void> {
  const json = JSON.stringify(facts);
  // In a transaction since that is tried again when another writer's order is not ours.
  await db.transaction((tx) => tx.run(sql`
    insert into vulnerabilities as v (name, aliases, severity, cvss, epss, epss_percentile, kev_added, ransomware, cwes, published, modified)
    select name, array(select jsonb_array_elements_text(aliases)), severity, cvss, epss, "epssPercentile", "kevAdded", ransomware,
      array(select jsonb_array_elements_text(cwes)), published, modified
    from jsonb_to_recordset(${json}::jsonb) as n(name text, aliases jsonb, severity smallint, cvss real, epss real, "epssPercentile" real,
      "kevAdded" date, ransomware boolean, cwes jsonb, published timestamptz, modified timestamptz)
    order by name collate "C"
    on conflict (name) do update set
      aliases = array(select distinct unnest(v.aliases || excluded.aliases) order by 1),
      severity = greatest(v.severity, excluded.severity),
      cvss = excluded.cvss, epss = excluded.epss, epss_percentile = excluded.epss_percentile,
      kev_added = excluded.kev_added, ransomware = excluded.ransomware, cwes = excluded.cwes,
      published = excluded.published, modified = excluded.modified
    where not v.aliases @> excluded.aliases or v.severity < excluded.severity
      or (v.cvss, v.epss, v.epss_percentile, v.kev_added, v.ransomware, v.cwes, v.published, v.modified)
        is distinct from (excluded.cvss, excluded.epss, excluded.epss_percentile, excluded.kev_added, excluded.ransomware, excluded.cwes, excluded.published, excluded.modified)`));
}

/** Sets the severity of these to the worst among what is open: after some finding of theirs went, or was judged milder. */
export async function lowerSeverities(db: Database, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const changed = await db.transaction((tx) => tx.query<{ name: string }>(sql`
    with worst as (
      select vulnerability_id as id, max(severity) as severity from findings
      where vulnerability_id = any(${ids}::int[]) and fixed_at is null group by 1
    ), locked as (
      select v.id, worst.severity from vulnerabilities v join worst using (id)
      where v.severity <> worst.severity order by v.name collate "C" for no key update of v
    )
    update vulnerabilities v set severity = locked.severity from locked where v.id = locked.id returning v.name`));
  for (const { name } of changed) known(db).delete(name);
}

/** Brings EPSS, KEV and scores of every vulnerability known here up to a new database: they change daily, findings do not. */
export async function refreshFacts(db: Database, database: AdvisoryDatabase): Promise<number> {
  let updated = 0;
  for await (const rows of db.stream<{ name: string }>(sql`select name from vulnerabilities where name like 'CVE-%' order by name collate "C"`, 2000)) {
    const facts = rows.flatMap(({ name }) => {
      const cve = database.cve(name);
      if (!cve) return [];
      return [{
        name, cvss: greatest(cve.scores)?.score ?? null, epss: cve.epss?.score ?? null, percentile: cve.epss?.percentile ?? null,
        kev: cve.kev?.dateAdded ?? null, ransomware: cve.kev?.ransomware ?? false, published: cve.published ?? null, modified: cve.modified ?? null,
      }];
    });
    updated += await db.transaction((tx) => tx.run(sql`
      with fresh as (
        select * from jsonb_to_recordset(${JSON.stringify(facts)}::jsonb)
          as n(name text, cvss real, epss real, percentile real, kev date, ransomware boolean, published timestamptz, modified timestamptz)
      ), locked as (
        select v.id, fresh.* from vulnerabilities v join fresh using (name)
        where (coalesce(fresh.cvss, v.cvss), fresh.epss, fresh.percentile, fresh.kev, fresh.ransomware, coalesce(fresh.published, v.published), coalesce(fresh.modified, v.modified))
          is distinct from (v.cvss, v.epss, v.epss_percentile, v.kev_added, v.ransomware, v.published, v.modified)
        order by v.name collate "C" for no key update of v
      )
      update vulnerabilities v set cvss = coalesce(f.cvss, v.cvss), epss = f.epss, epss_percentile = f.percentile, kev_added = f.kev, ransomware = f.ransomware,
        published = coalesce(f.published, v.published), modified = coalesce(f.modified, v.modified)
      from locked f where v.id = f.id`));
    await new Promise((resolve) => setImmediate(resolve));
  }
  known(db).clear();
  return updated;
}
