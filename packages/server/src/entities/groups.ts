import { QueryError, quoted, quoteValue, resolveField, type Found, type ScalarField } from '@plimsoll/query';
import type { Entity } from './entity.ts';
import { isJoined } from './fields/objects.ts';

/**
 * How rows are counted by the values of a field. Rows are first gathered by what the values hang on (`column`),
 * which are far fewer, and only then come apart into values: 50,000 containers are 5,000 images and 200 hosts.
 */
export interface Grouping {
  field: ScalarField;
  /** Dotted name. */
  name: string;
  /** Expression over the row. */
  column: string;
  /** It has few different values. */
  few: boolean;
  /** From a relation `g` with `column` as `a` and `carried` columns: rows of `carried` and `value`, each value once for each `a`. */
  expand: (carried: string) => string;
}

/** @throws QueryError when there is no such field, or rows cannot be grouped by it. */
export function groupingBy(entity: Entity, name: string): Grouping {
  const found = resolveField(entity.table.fields, name);
  if (!found || found.field.type === 'object' || !found.field.groupable) {
    throw new QueryError('query-field', `${entity.name} cannot be grouped by "${name.slice(0, 100)}"`, { from: 0, to: name.length }, groupable(entity));
  }
  return grouping(entity, found);
}

export function grouping(entity: Entity, found: Found): Grouping {
  const field = found.field as ScalarField;
  const spec = entity.facets.find((facet) => facet.field === found.name);
  const few = spec?.few ?? false;
  if (spec?.values !== undefined) return apart(field, found.name, spec.values, few, '', 'unnest(g.a)');
  if (spec?.through) {
    const { anchor, from, on, value } = spec.through;
    return apart(field, found.name, anchor, few, `join ${/ join /.test(from) ? `(${from})` : from} on ${on.replaceAll('@', 'g.a')}`, value);
  }
  const [outer, ...inner] = found.within;
  if (!outer) {
    if (!field.array && field.type !== 'label') {
      return { field, name: found.name, column: field.sql, few, expand: (carried) => `select ${carried}, g.a::text as value from g` };
    }
    const element = field.type === 'label' ? 'label.key || chr(61) || label.value' : 'unnest(g.a)';
    return apart(field, found.name, field.sql, few, field.type === 'label' ? 'cross join jsonb_each_text(g.a) as label (key, value)' : '', element);
  }
  if (!isJoined(outer) || !inner.every(isJoined)) throw new TypeError(`${found.name} of ${entity.name} has no rows to count`);
  const joins = [`join ${outer.from('g.a')} on ${outer.on('g.a')}`, ...inner.filter(isJoined).map((object) => `join ${object.from(object.anchor)} on ${object.on(object.anchor)}`)];
  if (field.type === 'label') joins.push(`cross join jsonb_each_text(${field.sql}) as label (key, value)`);
  const value = field.type === 'label' ? 'label.key || chr(61) || label.value' : field.array ? `unnest(${field.sql})` : field.sql;
  return apart(field, found.name, outer.anchor, false, joins.join(' '), value);
}

function apart(field: ScalarField, name: string, column: string, few: boolean, joins: string, value: string): Grouping {
  return {
    field,
    name,
    column,
    few,
    expand: (carried) => `select ${carried}, value from (select distinct g.*, (${value})::text as value from g ${joins}) as g where value is not null`,
  };
}

function groupable(entity: Entity): string[] {
  return entity.table.fields.filter((field) => field.type !== 'object' && field.groupable).map((field) => field.name);
}

/** The term that asks for one value, whole. */
export function termOf({ field, name }: Pick<Grouping, 'field' | 'name'>, value: string): string {
  return `${name}:${field.type === 'text' ? quoted(value, '`') : field.type === 'label' ? quoted(value, '"') : quoteValue(value)}`;
}

/** As people read it. */
export function labelOf(field: ScalarField, value: string): string {
  if (field.type === 'severity') return `Severity ${value}`;
  if (field.type === 'boolean') return value === 'true' ? 'Yes' : 'No';
  // Of the few that there can be: "not-scanned" is a word for queries.
  if (field.values?.includes(value)) return value.charAt(0).toUpperCase() + value.slice(1).replaceAll('-', ' ');
  return value;
}
