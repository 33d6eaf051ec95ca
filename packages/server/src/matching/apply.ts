import sql, { raw } from 'sql-template-tag';
import type { Queryable } from '../context.ts';
import { explainChanges, type Evidence, type GoneFinding } from './causes.ts';
import { countFindings, type Judged, type JudgedFinding } from './judge.ts';

/** What was read of an SBOM when it was judged. */
export interface SbomState {
  id: number;
  scannedAt: Date;
  /** Bytes of the document as stored. */
  bytes: number;
}

interface FindingRow {
  vulnerability_id: number;
  package_id: number;
  severity: number;
  status: string;
  fixed_version: string | null;
  layer: number;
  open: boolean;
}

export interface Applied {
  /** False when the document was replaced meanwhile: then nothing was written, and it is to be judged anew. */
  current: boolean;
  appeared: number;
  gone: number;
  /** Vulnerabilities that may be less severe now. */
  milder: number[];
}

/** What an SBOM's row says of the last match. */
export interface LastMatch {
  matchedAt: Date | null;
  matchedBy: string | null;
  /** Of a host; of an image otherwise. */
  host: boolean;
  /** It was never matched. */
  first: boolean;
}

export interface ApplyOptions {
  state: SbomState;
  judged: Judged;
  /** Ids of `vulnerabilities`, by name. */
  vulnerabilities: ReadonlyMap<string, number>;
  /** Id of the advisory database that judged. */
  by: string;
  /** Given what the row says of the last match. */
  evidence: (row: LastMatch) => Evidence;
}

/** Brings one SBOM's findings, counters and history to what was judged. Runs in a transaction; doing it twice changes nothing. */
export async function applyJudgement(tx: Queryable, { state, judged, vulnerabilities, by, evidence }: ApplyOptions): Promise<Applied> {
  // First the lock, then the look: what is read in the same statement would be as it was before waiting for the lock.
  await tx.query(sql`select from sboms where id = ${state.id} for no key update`);
  const row = await tx.one<{ scanned_at: Date; bytes: number; matched_at: Date | null; matched_by: string | null; host: boolean; first: boolean }>(sql`
    select scanned_at, octet_length(document) as bytes, matched_at, matched_by, exists (select from hosts where sbom_id = s.id) as host,
      not exists (select from changes where sbom_id = s.id) as first
    from sboms s where id = ${state.id}`);
  const nothing: Applied = { current: true, appeared: 0, gone: 0, milder: [] };
  if (!row) return nothing;
  if (row.scanned_at.getTime() !== state.scannedAt.getTime() || row.bytes !== state.bytes) return { ...nothing, current: false };

  const packages = new Map(
    (await tx.query<{ id: number; purl: string }>(
      sql`select p.id, p.purl from sbom_packages sp join packages p on p.id = sp.package_id where sp.sbom_id = ${state.id}`,
    )).map(({ id, purl }) => [purl, id]),
  );
  const before = new Map(
    (await tx.query<FindingRow>(sql`
      select vulnerability_id, package_id, severity, status, fixed_version, layer, fixed_at is null as open
      from findings where sbom_id = ${state.id}`)).map((finding) => [`${finding.vulnerability_id} ${finding.package_id}`, finding]),
  );

  const write: (FindingRow & { finding: JudgedFinding })[] = [];
  const appeared: JudgedFinding[] = [];
  const milder: number[] = [];
  const counts = countFindings(judged.findings);
  for (const finding of judged.findings) {
    const vulnerability = vulnerabilities.get(finding.id);
    const packageId = packages.get(finding.purl);
    if (vulnerability === undefined || packageId === undefined) throw new Error(`SBOM ${state.id}: its row of ${vulnerability === undefined ? finding.id : finding.purl} is missing`);
    const key = `${vulnerability} ${packageId}`;
    const old = before.get(key);
    before.delete(key);
    if (!old?.open) appeared.push(finding);
    const same = old?.open && old.severity === finding.severity && old.status === finding.status && old.fixed_version === finding.fixedVersion && old.layer === finding.layer;
    if (old && old.severity > finding.severity) milder.push(vulnerability);
    if (!same) {
      write.push({ vulnerability_id: vulnerability, package_id: packageId, severity: finding.severity, status: finding.status, fixed_version: finding.fixedVersion, layer: finding.layer, open: true, finding });
    }
  }
  const gone = [...before.values()].filter(({ open }) => open);
  milder.push(...gone.map(({ vulnerability_id }) => vulnerability_id));

  const changes = explainChanges(appeared, await named(tx, gone), judged, evidence({ matchedAt: row.matched_at, matchedBy: row.matched_by, host: row.host, first: row.first }));
  await writeFindings(tx, state.id, write);
  await closeFindings(tx, state.id, gone);
  for (const change of changes) {
    await tx.run(sql`
      insert into changes (sbom_id, cause, reason, appeared, gone, appeared_count, gone_count)
      values (${state.id}, ${change.cause}, ${change.reason}, ${JSON.stringify(change.appeared)}::jsonb, ${JSON.stringify(change.gone)}::jsonb, ${change.appearedCount}, ${change.goneCount})`);
  }
  await tx.run(sql`
    update sboms set matched_at = now(), matched_by = ${by}, s1 = ${counts[1]}, s2 = ${counts[2]}, s3 = ${counts[3]}, s4 = ${counts[4]}, s5 = ${counts[5]},
      fixable = ${counts.fixable}, kev = ${counts.kev}, judged = ${judged.judged}, gaps = ${JSON.stringify(judged.gaps)}::jsonb, upgrades = ${JSON.stringify(judged.upgrades)}::jsonb
    where id = ${state.id}`);
  await setScanState(tx, state.id, judged);
  return { current: true, appeared: appeared.length, gone: gone.length, milder };
}

/** What was read but could not be judged at all is not "scanned" with no findings: it is a state of its own. */
async function setScanState(tx: Queryable, sbomId: number, { judged, packages, gaps }: Judged): Promise<void> {
  const none = judged === 0 && packages.length > 0;
  const reason = `None of its ${packages.length} packages could be judged. ${gaps[0]?.reason ?? ''}`.trim();
  for (const table of ['images', 'hosts']) {
    await tx.run(sql`
      update ${raw(table)} a set scan_state = case when ${none} then 'not-judged' when s.complete then 'scanned' else 'incomplete' end,
        scan_reason = case when ${none} then ${reason} when s.complete then null else 'Not everything in it could be read.' end
      from sboms s where s.id = ${sbomId} and a.sbom_id = s.id and a.scan_state in ('scanned', 'incomplete', 'not-judged')
        and (a.scan_state = 'not-judged') is distinct from ${none}`);
  }
}

async function named(tx: Queryable, gone: readonly FindingRow[]): Promise<GoneFinding[]> {
  if (gone.length === 0) return [];
  return tx.query<GoneFinding>(sql`
    select v.name as id, p.name as package, p.version, p.type, p.source_name as source, p.purl, g.severity
    from unnest(${gone.map((row) => row.vulnerability_id)}::int[], ${gone.map((row) => row.package_id)}::int[], ${gone.map((row) => row.severity)}::int[])
      as g(vulnerability_id, package_id, severity)
    join vulnerabilities v on v.id = g.vulnerability_id join packages p on p.id = g.package_id`);
}

/** New ones, changed ones, and those that are back: these keep when they were first seen. */
async function writeFindings(tx: Queryable, sbom: number, rows: readonly FindingRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.run(sql`
    insert into findings as f (sbom_id, vulnerability_id, package_id, severity, status, fixed_version, layer, first_seen)
    select ${sbom}::int, vulnerability_id, package_id, severity, status, fixed_version, layer, now()
    from unnest(${rows.map((row) => row.vulnerability_id)}::int[], ${rows.map((row) => row.package_id)}::int[], ${rows.map((row) => row.severity)}::smallint[],
      ${rows.map((row) => row.status)}::text[], ${rows.map((row) => row.fixed_version)}::text[], ${rows.map((row) => row.layer)}::smallint[])
      as n(vulnerability_id, package_id, severity, status, fixed_version, layer)
    on conflict (sbom_id, vulnerability_id, package_id) do update set
      severity = excluded.severity, status = excluded.status, fixed_version = excluded.fixed_version, layer = excluded.layer, fixed_at = null`);
}

async function closeFindings(tx: Queryable, sbom: number, rows: readonly FindingRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.run(sql`
    update findings f set fixed_at = now()
    from unnest(${rows.map((row) => row.vulnerability_id)}::int[], ${rows.map((row) => row.package_id)}::int[]) as g(vulnerability_id, package_id)
    where f.sbom_id = ${sbom} and f.vulnerability_id = g.vulnerability_id and f.package_id = g.package_id and f.fixed_at is null`);
}
