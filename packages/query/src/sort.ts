import sql, { raw, type Sql } from 'sql-template-tag';
import type { FieldTable } from './fields.ts';
import { isSortable, nearest, resolveField } from './resolve.ts';
import { QueryError } from './syntax/error.ts';
import { versionOrder } from './types/version.ts';

/**
 * `name`, or `-created` for descending, as what follows `order by`; null is last either way. Only top-level fields
 * with one value can be used. Texts are put in order without case, so an index must be on `lower(…)`.
 */
export function sortBy(sortText: string, table: FieldTable): Sql {
  const descending = sortText.startsWith('-');
  const name = descending ? sortText.slice(1) : sortText;
  const found = resolveField(table.fields, name);
  if (!found || found.within.length > 0 || !isSortable(found.field)) {
    const names = table.fields.filter(isSortable).map((field) => field.name);
    const near = nearest(name.slice(0, 100), names);
    throw new QueryError(
      'query-field',
      `${table.entity} cannot be put in order by "${name.slice(0, 100)}"${near ? `; did you mean "${near}"?` : ''}`,
      { from: descending ? 1 : 0, to: sortText.length },
      names,
    );
  }
  const { field } = found;
  const expression = raw(`(${field.sql})`);
  const order = field.type === 'version' ? versionOrder(expression) : field.type === 'text' || field.type === 'keyword' ? sql`lower(${expression})` : expression;
  return descending ? sql`${order} desc nulls last` : sql`${order} asc nulls last`;
}
