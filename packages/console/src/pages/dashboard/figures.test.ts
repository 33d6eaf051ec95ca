import type { CoverageSummary, Overview } from '@plimsoll/model/api';
import { describe, expect, it } from 'vitest';
import { daysOf, isFirstRun, oldestFirst, severityBars, standingOf, stateSlices, trendSeries } from './figures.ts';

const COVERAGE: CoverageSummary = {
  hosts: { total: 2, live: 2, away: 0, none: 0 },
  images: { total: 3, scanned: 3, incomplete: 0, notScanned: 0, failed: 0, reasons: [] },
  feeds: [{ name: 'osv', records: 1, asOf: '2026-11-22', ageDays: 2 }],
  database: { built: '2026-11-23T04:00:00Z', checkedAt: null }, awayMinutes: 0, eventsDropped: 0,
};
const NONE = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, fixable: 0, kev: 0 };
const OVERVIEW: Overview = {
  hosts: { total: 0, docker: 0, live: 0, away: 0, none: 0 },
  images: { total: 0, scanned: 0, notScanned: 0, notJudged: 0, failed: 0, incomplete: 0, vulnerable: 0, urgent: 0 },
  containers: { total: 0, byState: {}, privileged: 0 }, findings: NONE, trend: [], fixes: [],
};

describe('the overview', () => {
  it('shows container states, most first, leading to their containers', () => {
    const slices = stateSlices({ exited: 3, running: 40, dead: 0 });
    expect(slices.map((slice) => [slice.label, slice.value])).toEqual([['Running', 40], ['Exited', 3]]);
    expect(decodeURIComponent(slices[0]!.href!)).toBe('/containers?query=state:running');
  });
  it('shows severities, worst first', () => {
    expect(severityBars({ ...NONE, 5: 2, 1: 9 }).map((bar) => [bar.level, bar.value])).toEqual([[5, 2], [4, 0], [3, 0], [2, 0], [1, 9]]);
    expect(decodeURIComponent(severityBars(NONE)[0]!.href)).toBe('/vulnerabilities?query=severity:5');
    expect(trendSeries([{ day: '2026-11-01', 1: 1, 2: 2, 3: 3, 4: 4, 5: 5 }]).map((series) => series.values)).toEqual([[5], [4], [3], [2], [1]]);
  });
  it('says what of the coverage asks for attention', () => {
    expect(standingOf(COVERAGE)).toEqual({ hosts: 'good', images: 'good', feeds: 'good', away: 'good' });
    expect(standingOf({ ...COVERAGE, hosts: { total: 2, live: 0, away: 2, none: 0 } }).hosts).toBe('danger');
    expect(standingOf({ ...COVERAGE, hosts: { total: 2, live: 1, away: 0, none: 1 } }).hosts).toBe('warn');
    expect(standingOf({ ...COVERAGE, images: { ...COVERAGE.images, notScanned: 1 } }).images).toBe('warn');
    expect(standingOf({ ...COVERAGE, database: null }).feeds).toBe('danger');
    expect(standingOf({ ...COVERAGE, feeds: [{ ...COVERAGE.feeds[0]!, ageDays: 30 }] }).feeds).toBe('warn');
    expect(standingOf({ ...COVERAGE, awayMinutes: 5 }).away).toBe('warn');
    expect(standingOf({ ...COVERAGE, eventsDropped: 5 }).away).toBe('danger');
  });
  it('names the oldest feeds first', () => {
    const feed = (name: string, ageDays: number | null) => ({ name, records: 1, asOf: null, ageDays });
    expect(oldestFirst([feed('new', 0), feed('old', 40), feed('unknown', null)]).map(({ name }) => name)).toEqual(['unknown', 'old', 'new']);
  });
  it('is a welcome while nothing was reported', () => {
    expect(isFirstRun(OVERVIEW)).toBe(true);
    expect(isFirstRun({ ...OVERVIEW, images: { ...OVERVIEW.images, total: 1 } })).toBe(false);
  });
  it('takes the days of the address within bounds', () => {
    expect([daysOf('90'), daysOf('0'), daysOf('x'), daysOf('9999')]).toEqual([90, 30, 30, 30]);
  });
});
