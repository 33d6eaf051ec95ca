import type { CoverageSummary, Overview, SeverityCounts } from '@plimsoll/model/api';
import type { Slice, TrendSeries } from '../../components/index.ts';
import { colourOf } from '../../components/widgets/series.ts';
import { sentence } from '../../format.ts';
import { LEVELS, SEVERITY_TITLES } from '../../severity.ts';
import type { SeverityLevel } from '../../severity.ts';
import { linkTo } from '../../url.ts';

/** What the overview's charts draw. */

export const DAYS = ['7', '30', '90', '365'] as const;

/** The days of the address, or 30 where it says nothing sensible. */
export function daysOf(text: string): number {
  const days = Number(text);
  return Number.isInteger(days) && days >= 1 && days <= 365 ? days : 30;
}

/** Most first; each leads to its containers. */
export function stateSlices(byState: Overview['containers']['byState']): Slice[] {
  return Object.entries(byState)
    .filter(([, count]) => count > 0)
    .toSorted(([a, x], [b, y]) => y - x || a.localeCompare(b))
    .map(([state, value], index) => ({ label: sentence(state), value, colour: `var(${colourOf('state', state, index)})`, href: linkTo.list('containers', `state:${state}`) }));
}

/** Worst first; each leads to its vulnerabilities. */
export function severityBars(findings: SeverityCounts): { level: SeverityLevel; value: number; href: string }[] {
  return LEVELS.map((level) => ({ level, value: findings[level], href: linkTo.list('vulnerabilities', `severity:${level}`) }));
}

export function trendSeries(trend: Overview['trend']): TrendSeries[] {
  return LEVELS.map((level) => ({ label: SEVERITY_TITLES[level], colour: `--sev${level}-fill`, values: trend.map((day) => day[level]) }));
}

export type Standing = 'good' | 'warn' | 'danger';

/** What of the coverage asks for attention. */
export function standingOf(coverage: CoverageSummary): { hosts: Standing; images: Standing; feeds: Standing; away: Standing } {
  const { hosts, images, feeds, database, awayMinutes, eventsDropped } = coverage;
  const oldest = Math.max(0, ...feeds.map((feed) => feed.ageDays ?? 0));
  return {
    hosts: hosts.total > 0 && hosts.live === 0 ? 'danger' : hosts.away + hosts.none > 0 ? 'warn' : 'good',
    images: images.failed > 0 || images.notScanned > 0 || images.incomplete > 0 ? 'warn' : 'good',
    feeds: database === null || feeds.length === 0 ? 'danger' : oldest > OLD_FEED_DAYS ? 'warn' : 'good',
    away: eventsDropped > 0 ? 'danger' : awayMinutes > 0 ? 'warn' : 'good',
  };
}

/** Feeds change every few days at most: one that stood still longer is worth a look. */
export const OLD_FEED_DAYS = 7;

/** What asks for attention first: feeds of unknown age, then the oldest. */
export function oldestFirst(feeds: CoverageSummary['feeds']): CoverageSummary['feeds'] {
  const ageOf = (feed: CoverageSummary['feeds'][number]) => feed.ageDays ?? Number.MAX_SAFE_INTEGER;
  return feeds.toSorted((a, b) => ageOf(b) - ageOf(a));
}

/** Nothing was ever reported: what is shown then is how to begin. */
export function isFirstRun(overview: Overview): boolean {
  return overview.hosts.total === 0 && overview.images.total === 0;
}
