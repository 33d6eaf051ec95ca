import { InputError, SEVERITY_NAMES, type Finding, type Severity } from '@plimsoll/model';

/** The least that fails a scan: a severity, known exploitation, or an EPSS probability. */
export type Threshold = { severity: Severity } | { kev: true } | { epss: number } | { fixable: Severity };

export const THRESHOLD_HELP = 'a severity 1–5 or its name (urgent…minimal), `fixable:SEVERITY`, `kev`, or `epss:0.5`';

/** @throws InputError for what is no threshold */
export function parseThreshold(text: string): Threshold {
  const severity = severityOf(text);
  if (severity) return { severity };
  if (text === 'kev') return { kev: true };
  const [kind, value = ''] = text.split(':', 2);
  if (kind === 'epss' && value !== '' && Number(value) >= 0 && Number(value) <= 1) return { epss: Number(value) };
  const fixable = kind === 'fixable' ? severityOf(value) : undefined;
  if (fixable) return { fixable };
  throw new InputError('threshold-invalid', `${JSON.stringify(text)} is no threshold: write ${THRESHOLD_HELP}`);
}

function severityOf(text: string): Severity | undefined {
  const found = Object.entries(SEVERITY_NAMES).find(([number, name]) => text === number || text.toLowerCase() === name);
  return found && (Number(found[0]) as Severity);
}

export function exceeds(finding: Finding, threshold: Threshold): boolean {
  if ('severity' in threshold) return finding.severity >= threshold.severity;
  if ('fixable' in threshold) return finding.severity >= threshold.fixable && finding.fixedVersion !== undefined;
  if ('kev' in threshold) return finding.kev !== undefined;
  return (finding.epss?.score ?? 0) >= threshold.epss;
}
