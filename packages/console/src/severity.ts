import type { SeverityCounts } from '@plimsoll/model/api';

export type SeverityLevel = 1 | 2 | 3 | 4 | 5;

/** Worst first: the order of every table and legend. */
export const LEVELS: readonly SeverityLevel[] = [5, 4, 3, 2, 1];

export const SEVERITY_TITLES: Record<SeverityLevel, string> = { 5: 'Urgent', 4: 'Critical', 3: 'Serious', 2: 'Medium', 1: 'Minimal' };

export function isLevel(value: number): value is SeverityLevel {
  return value === 1 || value === 2 || value === 3 || value === 4 || value === 5;
}

export function totalOf(counts: Pick<SeverityCounts, SeverityLevel>): number {
  return LEVELS.reduce((sum, level) => sum + counts[level], 0);
}

/** "2 urgent, 14 critical": for screen readers and titles. */
export function severityText(counts: Pick<SeverityCounts, SeverityLevel>): string {
  const parts = LEVELS.filter((level) => counts[level] > 0).map((level) => `${counts[level]} ${SEVERITY_TITLES[level].toLowerCase()}`);
  return parts.length === 0 ? 'no vulnerabilities found' : parts.join(', ');
}
