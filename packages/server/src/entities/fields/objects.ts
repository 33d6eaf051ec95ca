import type { Field, ObjectField } from '@plimsoll/query';
import sql, { raw, type Sql } from 'sql-template-tag';

/** A nested object that lives in rows of other tables, so that its values can be counted as well as asked for. */
export interface JoinedObject extends ObjectField {
  /** Its rows, with the aliases its fields use. Parts that a statement does not read are left joins on unique keys, which PostgreSQL drops. */
  from: string;
  /** Which of them belong to the row. */
  on: string;
}

export interface ObjectSpec {
  name: string;
  aliases?: readonly string[];
  description: string;
  example?: string;
  main?: string;
  from: string;
  on: string;
  fields: readonly Field[];
  /** A cheaper way to the same answer for some conditions; undefined for the others. */
  instead?: (condition: Sql) => Sql | undefined;
}

export function object({ instead, ...spec }: ObjectSpec): JoinedObject {
  return {
    ...spec,
    type: 'object',
    match: (condition) => instead?.(condition) ?? sql`exists (select from ${raw(spec.from)} where ${raw(spec.on)} and ${condition})`,
  };
}

export function isJoined(field: Field): field is JoinedObject {
  return field.type === 'object' && 'from' in field && 'on' in field;
}
