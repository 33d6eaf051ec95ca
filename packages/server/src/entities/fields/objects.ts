import type { Field, ObjectField } from '@plimsoll/query';
import sql, { raw, type Sql } from 'sql-template-tag';

/**
 * A nested object that lives in rows of other tables, so that its values can be counted as well as asked for. It hangs
 * on one value of the row, its anchor: rows with the same anchor have the same objects and are counted together.
 */
export interface JoinedObject extends ObjectField {
  /** Expression over the row: `i.sbom_id`. */
  anchor: string;
  /** Its rows, with the aliases its fields use. Parts that a statement does not read are left joins on unique keys, which PostgreSQL drops. */
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
  on: string;
  fields: readonly Field[];
  catalogue?: Readonly<Record<string, Catalogue>>;
  /** A cheaper way to the same answer for some conditions; undefined for the others. */
  instead?: (condition: Sql) => Sql | undefined;
}

export function object({ instead, catalogue = {}, ...spec }: ObjectSpec): JoinedObject {
  // Parentheses are for joins alone: PostgreSQL takes none around one table.
  const whole = / join /.test(spec.from) ? `(${spec.from})` : spec.from;
  const from = (anchor: string): string => whole.replaceAll('@', anchor);
  const on = (anchor: string): string => spec.on.replaceAll('@', anchor);
  const [rows, where] = [raw(from(spec.anchor)), raw(on(spec.anchor))];
  return {
    ...spec,
    from,
    on,
    catalogue,
    type: 'object',
    match: (condition) => instead?.(condition) ?? sql`exists (select from ${rows} where ${where} and ${condition})`,
  };
}

export function isJoined(field: Field): field is JoinedObject {
  return field.type === 'object' && 'anchor' in field;
}
