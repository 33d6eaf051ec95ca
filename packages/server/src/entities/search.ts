import type { EntityName, PageOf, RowOf } from '@plimsoll/model/api';
import { sortBy } from '@plimsoll/query';
import sql, { raw, Sql } from 'sql-template-tag';
import type { Queryable } from '../context.ts';
import type { Entity } from './entity.ts';
import { entityFor } from './index.ts';
import { relations, type Scope } from './scope.ts';
import { selection, type Selection } from './selection.ts';

export interface Order {
  /** As the API writes it. */
  sort: string;
  expression: Sql;
  direction: 'asc' | 'desc';
}

/** The order that was asked for, or the entity's own. */
export function order(entity: Entity, sort: string | undefined): Order {
  const used = sort === undefined || sort === '' ? entity.sort : sort;
  const direction = used.startsWith('-') ? 'desc' : 'asc';
  const by = sortBy(used, entity.table);
  const strings = [...by.strings];
  strings.push(strings.pop()!.slice(0, -` ${direction} nulls last`.length));
  return { sort: used, direction, expression: new Sql(strings, by.values) };
}

export interface Paging {
  sort?: string | undefined;
  offset: number;
  limit: number;
}

/** One page of rows, and how many there are in all. @throws QueryError */
export async function search<N extends EntityName>(db: Queryable, name: N, query: string, scope: Scope, paging: Paging): Promise<PageOf<RowOf[N]>> {
  const selected = selection(name, query, scope);
  const by = order(selected.entity, paging.sort);
  const found = await db.one<{ total: number; keys: (string | number)[] }>(pageStatement(selected, by, paging));
  return { rows: await rowsOf<RowOf[N]>(db, selected.entity, scope, found!.keys), total: found!.total, sort: by.sort };
}

export function pageStatement({ entity, where, relations: before, simple }: Selection, by: Order, { offset, limit }: Paging): Sql {
  const direction = raw(by.direction);
  if (entity.vast && simple) {
    return sql`${before} nothing as (select)
      select (select count(*)::int from ${raw(entity.from)} where ${where}) as total,
        array(select ${raw(entity.key)} from ${raw(entity.from)} where ${where} order by ${by.expression} ${direction} ${raw(by.sort === entity.sort ? '' : 'nulls last')}, ${raw(entity.key)} ${direction} limit ${limit} offset ${offset}) as keys`;
  }
  return sql`${before} matching as materialized (
    select ${raw(entity.key)} as key, ${by.expression} as place from ${raw(entity.from)} where ${where})
  select (select count(*)::int from matching) as total,
    array(select key from matching order by place ${direction} nulls last, key ${direction} limit ${limit} offset ${offset}) as keys`;
}

/** Rows of these keys, in their order. */
async function rowsOf<Row>(db: Queryable, entity: Entity, scope: Scope, keys: readonly (string | number)[]): Promise<Row[]> {
  if (keys.length === 0) return [];
  const rows = await db.query(sql`${relations(scope)}
    page as (select * from unnest(${[...keys]}::${raw(entity.keyType)}[]) with ordinality as page (key, position))
    select ${raw(entity.columns)} from ${raw(entity.from)} join page on page.key = ${raw(entity.key)} order by page.position`);
  return rows.map((row) => apiRow<Row>(row));
}

/** A row as the API has it: times as ISO 8601, what was gathered in `spread` beside the rest. */
export function apiRow<Row>(row: object): Row {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    if (name === 'spread') Object.assign(out, value);
    else out[name] = value instanceof Date ? value.toISOString() : value;
  }
  return out as Row;
}

/**
 * Rows by their ids as routes name them (image ID, container id, host's uuid, CVE), in the order of the ids, with what is
 * gone; ids that do not exist or that the caller may not see are left out.
 */
export async function rowsByIds<N extends EntityName>(db: Queryable, name: N, ids: readonly string[], caller: { scope: Scope }): Promise<RowOf[N][]> {
  const entity = entityFor(name, caller.scope, { live: true });
  const keys = await db.query<{ key: string | number }>(sql`${relations(caller.scope)}
    wanted as (select * from unnest(${[...ids]}::text[]) with ordinality as wanted (id, position))
    select ${raw(entity.key)} as key from ${raw(entity.from)} join wanted on wanted.id = ${raw(entity.id)}
    where ${raw(entity.visible)} order by wanted.position`);
  return rowsOf<RowOf[N]>(db, entity, caller.scope, keys.map(({ key }) => key));
}

/** The row of one id; undefined when there is none or the caller may not see it. */
export async function rowById<N extends EntityName>(db: Queryable, name: N, id: string, caller: { scope: Scope }): Promise<RowOf[N] | undefined> {
  return (await rowsByIds(db, name, [id], caller))[0];
}
