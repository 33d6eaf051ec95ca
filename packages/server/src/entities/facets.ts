import type { Facet } from '@plimsoll/model/api';
import { hasTerm, QueryError } from '@plimsoll/query';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Queryable } from '../context.ts';
import type { FacetSpec } from './entity.ts';
import { groupingBy, labelOf, termOf, type Grouping } from './groups.ts';
import type { Selection } from './selection.ts';

interface Count {
  facet: number;
  value: string;
  count: number;
}

/** The facets of that name, all when none is named. @throws QueryError */
export function facetsNamed(selected: Selection, names: readonly string[] | undefined): readonly FacetSpec[] {
  const { facets, name } = selected.entity;
  if (!names) return facets;
  return names.map((wanted) => {
    const spec = facets.find((facet) => facet.name === wanted);
    if (!spec) throw new QueryError('query-field', `${name} have no facet "${wanted.slice(0, 100)}"`, { from: 0, to: 0 }, facets.map((facet) => facet.name));
    return spec;
  });
}

/** How many rows of the selection have each value, most frequent first: exact, over all rows, in one statement. */
export async function countFacets(db: Queryable, selected: Selection, specs: readonly FacetSpec[], limit: number): Promise<Facet[]> {
  if (specs.length === 0) return [];
  const groupings = specs.map((spec) => groupingBy(selected.entity, spec.field));
  const counts = await db.query<Count>(facetsStatement(selected, groupings, limit + 1));
  return specs.map(({ name, title, field }, index) => {
    const grouping = groupings[index]!;
    const found = counts.filter((count) => count.facet === index);
    // Worst first, as everywhere, however many there are of each.
    if (grouping.field.type === 'severity') found.sort((a, b) => Number(b.value) - Number(a.value));
    return {
      name,
      title,
      field,
      values: found.slice(0, limit).map(({ value, count }) => {
        const query = termOf(grouping, value);
        return { value, label: labelOf(grouping.field, value), count, query, selected: hasTerm(selected.query, query) };
      }),
      more: found.length > limit,
    };
  });
}

export function facetsStatement({ entity, where, relations }: Selection, groupings: readonly Grouping[], limit: number): Sql {
  const columns = [...new Set(groupings.map((grouping) => grouping.column))];
  const of = (column: string): string => `c${columns.indexOf(column)}`;
  // Columns with few values have few combinations: one walk through all rows counts these, and each column is counted from them.
  const few = [...new Set(groupings.filter((grouping) => grouping.few).map(({ column }) => of(column)))];
  const wide = [...new Set(groupings.filter((grouping) => !grouping.few).map(({ column }) => of(column)))];
  const gathered = [
    ...(few.length > 0 ? [`few as materialized (select ${few.join(', ')}, count(*) as n from matching group by ${few.join(', ')})`] : []),
    ...few.map((column) => `g${column} as (select ${column} as a, sum(n) as n from few group by 1)`),
    // What hangs on the row itself needs no gathering, which would hide from PostgreSQL how many rows there are.
    ...wide.map((column) => (column === of(entity.key) ? `g${column} as (select ${column} as a, 1::bigint as n from matching)` : `g${column} as (select ${column} as a, count(*) as n from matching group by 1)`)),
  ];
  const counts = groupings.map(({ column, expand }, index) => sql`(
    with g as (select a, n from ${raw(`g${of(column)}`)})
    select ${index}::int as facet, value, sum(n)::int as count from (${raw(expand('n'))}) as counted
    where value is not null group by value order by count desc, value limit ${limit})`);
  return sql`${relations}
    matching as materialized (select ${raw(columns.map((column, index) => `${column} as c${index}`).join(', '))} from ${raw(entity.from)} where ${where}),
    ${raw(gathered.join(',\n    '))}
    select * from (${join(counts, ' union all ')}) as counts`;
}
