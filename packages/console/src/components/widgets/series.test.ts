import type { AggregateResult } from '@plimsoll/model/api';
import { describe, expect, it } from 'vitest';
import { newDraft } from './draft.ts';
import { changeOver, colourOf, slicesOf, trendOf } from './series.ts';

const answer: AggregateResult = {
  total: 9,
  groups: [{ value: '5', label: 'Severity 5', count: 4, query: 'severity:5' }, { value: null, label: 'None', count: 3, query: 'not severity:*' }],
  other: 2,
  points: [{ day: '2026-11-01', count: 6, groups: { 5: 4, None: 2 } }, { day: '2026-11-02', count: 9, groups: { 5: 4 } }],
};
const draft = { ...newDraft('vulnerabilities', 'kev:true'), by: 'severity' };

describe('what a chart draws', () => {
  it('has a slice for each group, which leads to its rows within the query, and one for the rest', () => {
    const slices = slicesOf(draft, answer);
    expect(slices.map((slice) => [slice.label, slice.value])).toEqual([['Urgent', 4], ['None', 3], ['Others', 2]]);
    expect(new URLSearchParams(slices[0]!.href!.split('?')[1]).get('query')).toBe('kev:true and severity:5');
    expect(slices[0]!.colour).toBe('var(--sev5-fill)');
    expect(slices[2]!.href).toBeUndefined();
  });
  it('has a line for each group with a value for each day, or one for all', () => {
    expect(trendOf(draft, answer).series.map((series) => series.values)).toEqual([[4, 4], [2, 0]]);
    expect(trendOf({ ...draft, by: null }, answer)).toEqual({ days: ['2026-11-01', '2026-11-02'], series: [{ label: 'All', colour: '--series-1', values: [6, 9] }] });
  });
  it('says how much came or went, where there is anything to compare', () => {
    expect(changeOver(answer)).toBe(3);
    expect(changeOver({ ...answer, points: answer.points.slice(0, 1) })).toBeNull();
  });
  it('gives severities and states the colours they have everywhere', () => {
    expect(colourOf('vulnerabilities.severity', '4', 0)).toBe('--sev4-fill');
    expect(colourOf('state', 'running', 7)).toBe(colourOf('sensor', 'live', 0));
    expect(colourOf('repo.registry', 'docker.io', 9)).toBe('--series-2');
    expect(colourOf(null, null, 0)).toBe('--series-1');
  });
});
