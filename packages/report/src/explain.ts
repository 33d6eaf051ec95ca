import type { Advisory, Finding, ScanReport } from '@plimsoll/model';
import { writeFound } from './explain/found.ts';
import { writeNotFound } from './explain/not-found.ts';
import type { Output, WriteOptions } from './formats/format.ts';
import { Page } from './table/page.ts';

/** What else is known of an id, for when it is not among the findings. */
export interface ExplanationContext {
  /** Advisories that carry the id. */
  advisories: readonly Advisory[];
}

/**
 * Says in words why an id is reported: which advisory named which version, how severe it is and why,
 * where the package came in, and the smallest upgrade that removes it; or, when it is not reported, why not.
 * @param id CVE, GHSA, DSA or any other advisory id, or a QID; case does not matter
 */
export function writeExplanation(
  report: ScanReport,
  id: string,
  out: Output,
  options: WriteOptions = {},
  context: ExplanationContext = { advisories: [] },
): void {
  const page = new Page(out, options);
  const findings = findingsNamed(report, id);
  if (findings.length > 0) writeFound(report, findings, page);
  else writeNotFound(report, id, context.advisories, page);
}

/** Findings that carry an id as their own, as alias, as QID (`QID-1`, `1`) or by the advisory that reports them. */
function findingsNamed(report: ScanReport, id: string): Finding[] {
  const wanted = id.trim().toLowerCase();
  const qid = /^(?:qid[-:\s]?)?(\d+)$/.exec(wanted)?.[1];
  const own = report.findings.filter((f) => f.id.toLowerCase() === wanted);
  if (own.length > 0) return own;
  return report.findings.filter(
    (f) =>
      f.aliases.some((alias) => alias.toLowerCase() === wanted) ||
      f.evidence.some((e) => e.advisory.toLowerCase() === wanted) ||
      (qid !== undefined && (f.qids ?? []).includes(qid)),
  );
}
