import { resolveField, type Found, type KnownValue, type ScalarField } from '@plimsoll/query';
import sql, { raw, type Sql } from 'sql-template-tag';
import type { Queryable } from '../context.ts';
import { isJoined, type Catalogue, type JoinedObject } from './fields/objects.ts';
import { grouping } from './groups.ts';
import type { Selection } from './selection.ts';

/** Types whose values are worth a look into the database. */
const LISTED: readonly ScalarField['type'][] = ['text', 'keyword', 'version', 'label', 'boolean', 'severity'];
/** Candidates whose rows are counted: more where not all may be seen. */
const CANDIDATES = 60;

/** Real values that begin with a prefix, without case, of the rows that exist and the caller may see, most frequent first. */
export async function knownValues(db: Queryable, selected: Selection, path: readonly string[], prefix: string, limit: number): Promise<KnownValue[]> {
  const found = resolveField(selected.entity.table.fields, path);
  if (!found || found.field.type === 'object' || !LISTED.includes(found.field.type)) return [];
  const start = `${prefix.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  const outer = found.within[0];
  const catalogue = found.within.length === 1 && outer && isJoined(outer) ? outer.catalogue[found.field.name] : undefined;
  // Names alone would say what is on assets that the caller does not see: they are counted, or looked up the long way.
  if (catalogue && (catalogue.counted || selected.scope === null)) {
    return db.query<KnownValue>(catalogueStatement(selected, found, outer as JoinedObject, catalogue, start, limit));
  }
  if (found.field.type === 'severity' && found.within.length > 0 && !selected.entity.facets.some((facet) => facet.field === found.name)) return [];
  const { column, expand } = grouping(selected.entity, found);
  return db.query<KnownValue>(sql`${selected.relations}
    g as (select ${raw(column)} as a, count(*) as n from ${raw(selected.entity.from)} where ${selected.where} group by 1)
    select value, sum(n)::int as count from (${raw(expand('n'))}) as counted
    where lower(value) like ${start} group by value order by count desc, value limit ${limit}`);
}

/** Looks in the table of all packages or vulnerabilities first, and counts rows for a few of them. */
function catalogueStatement({ entity, where, relations, scope }: Selection, { field }: Found, object: JoinedObject, { from, counted }: Catalogue, start: string, limit: number): Sql {
  const { sql: expression, array } = field as ScalarField;
  const value = raw(array ? 'element.value' : expression);
  const rows = raw(array ? `${from} cross join unnest(${expression}) as element (value)` : from);
  const candidates = sql`select ${value} as value, count(*) as n from ${rows} where lower(${value}) like ${start} group by 1 order by n desc, value limit ${counted && scope !== null ? CANDIDATES : limit}`;
  if (!counted) return sql`select value, null as count from (${candidates}) as candidates`;
  return sql`${relations}
    candidates as materialized (${candidates}),
    g as materialized (select ${raw(object.anchor)} as a, count(*) as n from ${raw(entity.from)} where ${where} group by 1),
    counted as (select distinct candidates.value, g.a, g.n from candidates cross join g
      join ${raw(object.from('g.a'))} on ${raw(object.on('g.a'))} and lower(${value}) = lower(candidates.value) and ${value} = candidates.value)
    select value, sum(n)::int as count from counted group by value order by count desc, value limit ${limit}`;
}
