import sql from 'sql-template-tag';
import type { Services } from '../context.ts';
import { applyJudgement, type LastMatch, type SbomState } from './apply.ts';
import type { Cause, Evidence } from './causes.ts';
import { judgeDocument } from './pool.ts';
import type { Judged } from './judge.ts';
import { lowerSeverities, saveVulnerabilities } from './vulnerabilities.ts';

/** What the job `match` is given. */
export interface MatchData {
  sbomIds: number[];
  /**
   * What made it necessary, when whoever asks knows: `changed-packages` after a host's SBOM was replaced.
   * With `reason`, both are taken at their word for all that changes; otherwise they are a hint.
   */
  cause?: Cause;
  reason?: string;
}

export interface MatchResult {
  matched: number;
  appeared: number;
  gone: number;
}

/** SBOMs whose documents are held in memory at once. */
const CHUNK = 8;
/** A host that reports anew while it is judged is judged again, so often. */
const TRIES = 3;

interface SbomRow {
  id: number;
  document: Buffer;
  scanned_at: Date;
}

type Needs = Pick<Services, 'db' | 'advisories' | 'live' | 'log'>;

/**
 * Matches SBOMs with the advisory database in use, each in a transaction of its own. SBOMs that exist no more are
 * passed over. Without a database nothing is judged, and they keep waiting. What fails for one SBOM is logged and
 * does not keep the others from being matched; the first such error is thrown at the end.
 */
export async function matchSboms(services: Needs, data: MatchData): Promise<MatchResult> {
  const { advisories, db, live, log } = services;
  await advisories.refresh?.();
  const result: MatchResult = { matched: 0, appeared: 0, gone: 0 };
  const failures: unknown[] = [];
  let open = [...new Set(data.sbomIds)].sort((a, b) => a - b);
  for (let attempt = 0; attempt < TRIES && open.length > 0; attempt++) {
    const again: number[] = [];
    for (let at = 0; at < open.length; at += CHUNK) {
      const current = advisories.current();
      if (!current) return result;
      const milder = new Set<number>();
      const judgements: { state: SbomState; judged: Judged }[] = [];
      for (const row of await db.query<SbomRow>(sql`select id, document, scanned_at from sboms where id = any(${open.slice(at, at + CHUNK)}::int[]) order by id`)) {
        try {
          const judged = await judgeDocument(row.document, current);
          judgements.push({ state: { id: row.id, scannedAt: row.scanned_at, bytes: row.document.length }, judged });
        } catch (error) {
          failures.push(error);
          log.error({ err: error, sbom: row.id }, 'SBOM not matched');
        }
      }
      const vulnerabilities = await saveVulnerabilities(db, judgements.flatMap(({ judged }) => judged.vulnerabilities));
      for (const { state, judged } of judgements) {
        try {
          const evidence = evidenceFor(services, data, current.id);
          const applied = await db.transaction((tx) => applyJudgement(tx, { state, judged, vulnerabilities, by: current.id, evidence }));
          if (!applied.current) {
            again.push(state.id);
            continue;
          }
          result.matched++;
          result.appeared += applied.appeared;
          result.gone += applied.gone;
          for (const id of applied.milder) milder.add(id);
        } catch (error) {
          failures.push(error);
          log.error({ err: error, sbom: state.id }, 'SBOM not matched');
        }
      }
      await lowerSeverities(db, [...milder]);
    }
    open = again;
  }
  if (result.matched > 0) {
    live.publish({ topic: 'findings' });
    live.publish({ topic: 'images' });
  }
  if (failures.length > 0) throw failures[0];
  return result;
}

function evidenceFor({ advisories }: Needs, { cause, reason }: MatchData, by: string) {
  return ({ matchedAt, matchedBy, host, first }: LastMatch): Evidence => {
    const now = advisories.current()!.database;
    return {
      kind: host ? 'host' : 'image',
      first,
      newDocument: cause === 'changed-packages' || (matchedAt === null && !first),
      ...(matchedBy !== null && matchedBy !== by ? { advisories: { before: advisories.earlier?.(matchedBy)?.database, now } } : {}),
      ...(cause !== undefined && reason !== undefined ? { told: { cause, reason } } : {}),
    };
  };
}
