import type { AggregateResult } from '@plimsoll/model/api';
import { withTerm } from '@plimsoll/query/syntax';
import type { Slice, TrendSeries } from '../Charts.tsx';
import { isLevel, SEVERITY_TITLES } from '../../severity.ts';
import { linkTo } from '../../url.ts';
import type { WidgetDraft } from './draft.ts';

/** What a chart draws of the groups of an answer. */

const SERIES = 8;
const STATE_COLOURS = new Map([
  ['running', '--series-3'], ['exited', '--series-8'], ['paused', '--series-2'], ['restarting', '--series-4'], ['created', '--series-6'], ['dead', '--series-5'], ['removing', '--series-7'],
  ['live', '--series-3'], ['away', '--series-2'], ['none', '--series-8'], ['revoked', '--series-5'],
  ['scanned', '--series-3'], ['incomplete', '--series-2'], ['analysing', '--series-6'], ['not-scanned', '--series-8'], ['failed', '--series-5'],
]);
/** Fields whose values have a colour of their own. */
const STATES = new Set(['state', 'sensor', 'scanState']);

function lastPart(field: string): string {
  return field.slice(field.lastIndexOf('.') + 1);
}

/** A custom property: severities and states look the same everywhere, other values take their turn. */
export function colourOf(by: string | null, value: string | null, index: number): string {
  const name = by === null ? '' : lastPart(by);
  if (name === 'severity' && value !== null && isLevel(Number(value))) return `--sev${value}-fill`;
  if (STATES.has(name) && value !== null) return STATE_COLOURS.get(value) ?? `--series-${(index % SERIES) + 1}`;
  return `--series-${(index % SERIES) + 1}`;
}

/** Severities have the names that they have everywhere else in the console. */
function labelOf(by: string | null, { value, label }: AggregateResult['groups'][number]): string {
  const level = Number(value);
  return by !== null && lastPart(by) === 'severity' && isLevel(level) ? SEVERITY_TITLES[level] : label;
}

/** Groups with what is beyond them, each leading to its rows. */
export function slicesOf(draft: WidgetDraft, answer: AggregateResult): Slice[] {
  const slices: Slice[] = answer.groups.map((group, index) => ({
    label: labelOf(draft.by, group),
    value: group.count,
    colour: `var(${colourOf(draft.by, group.value, index)})`,
    href: linkTo.list(draft.entity, withTerm(draft.query, group.query)),
  }));
  return answer.other > 0 ? [...slices, { label: 'Others', value: answer.other, colour: 'var(--surface-3)' }] : slices;
}

/** One line for all, or one for each group. */
export function trendOf(draft: WidgetDraft, answer: AggregateResult): { days: string[]; series: TrendSeries[] } {
  const days = answer.points.map((point) => point.day);
  if (draft.by === null) return { days, series: [{ label: 'All', colour: '--series-1', values: answer.points.map((point) => point.count) }] };
  return {
    days,
    series: answer.groups.map((group, index) => ({
      label: labelOf(draft.by, group),
      colour: colourOf(draft.by, group.value, index),
      values: answer.points.map((point) => point.groups[group.value ?? group.label] ?? 0),
    })),
  };
}

/** What became more or less since the first of the points. */
export function changeOver(answer: AggregateResult): number | null {
  const first = answer.points[0];
  const last = answer.points.at(-1);
  return first && last && first !== last ? last.count - first.count : null;
}
