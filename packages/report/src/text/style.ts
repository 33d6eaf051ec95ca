import { SEVERITY_NAMES, type Severity } from '@plimsoll/model';

/** Paints text; widths are worked out before, on the plain text. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  severity(level: Severity, text: string): string;
}

/** SGR parameters of ECMA-48, from the 16 colours that every terminal theme sets. */
const SEVERITY_SGR: Record<Severity, string> = { 5: '1;31', 4: '31', 3: '33', 2: '36', 1: '2' };

export function styleFor(color: boolean | undefined): Style {
  const paint = (sgr: string) => (text: string) => (color && text !== '' ? `\u001b[${sgr}m${text}\u001b[0m` : text);
  return {
    bold: paint('1'),
    dim: paint('2'),
    warn: paint('33'),
    bad: paint('31'),
    severity: (level, text) => paint(SEVERITY_SGR[level])(text),
  };
}

/** `4 critical` */
export function severityLabel(level: Severity): string {
  return `${level} ${SEVERITY_NAMES[level]}`;
}

/** Keeps a number of a document within the five severities. */
export function asSeverity(level: number): Severity {
  return Math.min(5, Math.max(1, Math.round(level))) as Severity;
}

export const SEVERITIES: readonly Severity[] = [5, 4, 3, 2, 1];

/** `2 critical, 1 serious`; empty when all are none. */
export function severityCounts(counts: Record<Severity, number>): string {
  return SEVERITIES.filter((level) => counts[level] > 0)
    .map((level) => `${counts[level]} ${SEVERITY_NAMES[level]}`)
    .join(', ');
}

export function countSeverities(levels: Iterable<Severity>): Record<Severity, number> {
  const counts: Record<Severity, number> = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 };
  for (const level of levels) counts[level] += 1;
  return counts;
}

/** `1 package`, `2 packages` */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
