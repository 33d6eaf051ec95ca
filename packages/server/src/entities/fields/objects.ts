import type { Field, ObjectField } from '@plimsoll/query';
import sql, { raw, type Sql } from 'sql-template-tag';

/**
 * A nested object that lives in rows of other tables, so that its values can be counted as well as asked for. It hangs
 * on one value of the row, its anchor: rows with the same anchor have the same objects and are counted together.
 */
export interface JoinedObject extends ObjectField {
  /** Expression over the row: `i.sbom_id`. */
  anchor: string;
  /** Its rows, with the aliases its fields use. */
  from: (anchor: string) => string;
  /** Which of them hang on the anchor. */
  on: (anchor: string) => string;
  /** Tables to look in for what a field's values can be, where going through all rows costs too much. */
  catalogue: Readonly<Record<string, Catalogue>>;
}

export interface Catalogue {
  from: string;
  /** Whether an index finds what has one value, so that rows can be counted. */
  counted: boolean;
}

export interface ObjectSpec {
  name: string;
  aliases?: readonly string[];
  description: string;
  example?: string;
  main?: string;
  anchor: string;
  /** `@` stands for the anchor. */
  from: string;
  /** Left joins on unique keys, by alias: only those that a condition reads are put to `from`, so that others do not cost an index-only scan. */
  joins?: Readonly<Record<string, string>>;
  on: string;
  fields: readonly Field[];
  catalogue?: Readonly<Record<string, Catalogue>>;
  /** A cheaper way to the same answer for some conditions; undefined for the others. */
  instead?: (condition: Sql) => Sql | undefined;
}

export function object({ instead, catalogue = {}, joins = {}, ...spec }: ObjectSpec): JoinedObject {
  // Parentheses are for joins alone: PostgreSQL takes none around one table.
  const all = [spec.from, ...Object.values(joins)].join(' ');
  const whole = / join /.test(all) ? `(${all})` : all;
  const from = (anchor: string): string => whole.replaceAll('@', anchor);
  const on = (anchor: string): string => spec.on.replaceAll('@', anchor);
  const base = spec.from.replaceAll('@', spec.anchor);
  const where = raw(on(spec.anchor));
  const rows = (condition: Sql): Sql => {
    const read = Object.entries(joins).filter(([alias]) => new RegExp(`\\b${alias}\\.`).test(condition.sql));
    return raw([base, ...read.map(([, join]) => join)].join(' '));
  };
  return {
    ...spec,
    from,
    on,
    catalogue,
    type: 'object',
    match: (condition) => instead?.(condition) ?? sql`exists (select from ${rows(condition)} where ${where} and ${condition})`,
  };
}

export function isJoined(field: Field): field is JoinedObject {
  return field.type === 'object' && 'anchor' in field;
}
