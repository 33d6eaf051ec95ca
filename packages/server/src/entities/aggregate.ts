import type { AggregateResult } from '@plimsoll/model/api';
import sql, { raw, type Sql } from 'sql-template-tag';
import type { Queryable } from '../context.ts';
import { groupingBy, labelOf, termOf, type Grouping } from './groups.ts';
import type { Selection } from './selection.ts';

const NO_VALUE = 'None';
const DAY = 86_400_000;

type Groups = Pick<AggregateResult, 'total' | 'groups' | 'other'>;

/** How many rows there are, in all and by a field. The rest beyond `limit` groups is summed in `other`. */
export async function countGroups(db: Queryable, { entity, where, relations }: Selection, by: string | undefined, limit: number): Promise<Groups> {
  if (by === undefined) {
    const row = await db.one<{ total: number }>(sql`${relations} matching as (select from ${raw(entity.from)} where ${where}) select count(*)::int as total from matching`);
    return { total: row!.total, groups: [], other: 0 };
  }
  const grouping = groupingBy(entity, by);
  const rows = await db.query<{ total: number; value: string | null; count: number }>(sql`${relations}
    g as materialized (select ${raw(grouping.column)} as a, count(*) as n from ${raw(entity.from)} where ${where} group by 1),
    counted as (select value, sum(n)::int as count from (${raw(grouping.expand('n'))}) as values group by value)
    select (select coalesce(sum(n), 0)::int from g) as total, value, count from counted
    union all select (select coalesce(sum(n), 0)::int from g), null, -1
    order by count desc, value`);
  const total = rows.at(-1)!.total;
  const counts = rows.slice(0, -1);
  return { total, groups: counts.slice(0, limit).map(({ value, count }) => group(grouping, value, count)), other: sum(counts.slice(limit).map(({ count }) => count)) };
}

function group(grouping: Grouping, value: string | null, count: number): AggregateResult['groups'][number] {
  return value === null
    ? { value, label: NO_VALUE, count, query: `not ${grouping.name}:*` }
    : { value, label: labelOf(grouping.field, value), count, query: termOf(grouping, value) };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

interface Step {
  value: string | null;
  day: string;
  /** Rows that came that day, less those that went. */
  change: number;
}

/**
 * What existed at the end of each of the last days, today last. The selection must hold what is gone as well. Says
 * of the past what the rows that match today did: their own history, not that of their values.
 */
export async function countDays(db: Queryable, selected: Selection, days: number, by: string | undefined, limit: number): Promise<AggregateResult> {
  const grouping = by === undefined ? undefined : groupingBy(selected.entity, by);
  const today = Math.floor(selected.now.getTime() / DAY) * DAY;
  const all = Array.from({ length: days }, (_, index) => new Date(today - (days - 1 - index) * DAY).toISOString().slice(0, 10));
  // With several values for one row its sum over the values is not the number of rows.
  const [total, steps] = await Promise.all([
    db.query<Step>(stepsStatement(selected, undefined, all[0]!)),
    grouping ? db.query<Step>(stepsStatement(selected, grouping, all[0]!)) : Promise.resolve([]),
  ]);
  const curves = new Map<string | null, number[]>();
  for (const value of new Set(steps.map((step) => step.value))) curves.set(value, curve(all, steps.filter((step) => step.value === value)));
  const ranked = [...curves].sort(([, a], [, b]) => b.at(-1)! - a.at(-1)! || Math.max(...b) - Math.max(...a));
  const shown = ranked.slice(0, limit);
  const totals = curve(all, total);
  return {
    total: totals.at(-1)!,
    groups: grouping ? shown.map(([value, counts]) => group(grouping, value, counts.at(-1)!)) : [],
    other: sum(ranked.slice(limit).map(([, counts]) => counts.at(-1)!)),
    points: all.map((day, index) => ({ day, count: totals[index]!, groups: Object.fromEntries(shown.map(([value, counts]) => [value ?? NO_VALUE, counts[index]!])) })),
  };
}

function curve(days: readonly string[], steps: readonly Step[]): number[] {
  const changes = new Map(steps.map(({ day, change }) => [day, change]));
  let count = 0;
  return days.map((day) => (count += changes.get(day) ?? 0));
}

function stepsStatement({ entity, where, relations }: Selection, grouping: Grouping | undefined, first: string): Sql {
  const day = (expression: string): Sql => sql`greatest(((${raw(expression)}) at time zone 'UTC')::date, ${first}::date)`;
  const expand = grouping?.expand('n, came, went') ?? 'select n, came, went, null as value from g';
  return sql`${relations}
    g as (select ${raw(grouping?.column ?? 'null')} as a, ${day(entity.since)} as came, case when ${raw(entity.until)} is not null then ${day(entity.until)} end as went, count(*) as n
      from ${raw(entity.from)} where ${where} group by 1, 2, 3),
    counted as materialized (${raw(expand)})
    select value, day::text as day, sum(change)::int as change from (
      select value, came as day, n as change from counted
      union all select value, went, -n from counted where went is not null) as steps
    group by 1, 2`;
}
