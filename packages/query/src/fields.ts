import type { Sql } from 'sql-template-tag';

/**
 * What a query can name. One table for each thing that is searched; tables, facets, widgets, completion
 * and documentation all read it.
 */
export type FieldType = 'text' | 'keyword' | 'number' | 'date' | 'boolean' | 'version' | 'label' | 'severity' | 'address';

interface FieldBase {
  /** As people type it; dots only in the names of nested objects' fields: `operatingSystem`, `severity`. Compared without case. */
  name: string;
  /** Further names, for people who come from elsewhere. */
  aliases?: readonly string[];
  description: string;
  example?: string;
}

export interface ScalarField extends FieldBase {
  /**
   * text: words, compared without case; a bare word fits words that begin with it. keyword: a whole value,
   * compared without case. version: ordered piece by piece. label: a jsonb object of strings, asked as
   * `label:"key=value"`, `label:key`. severity: 1–5, also by name and as "Severity 5". address: a text with an
   * IP address, asked by address or CIDR range.
   */
  type: FieldType;
  /** Trusted SQL expression, over the aliases of the table's rows. */
  sql: string;
  /** The expression is an array of the type: one element that matches is enough. */
  array?: boolean;
  /** The values there can be, where they are few and fixed. */
  values?: readonly string[];
  /** Rows can be put in order by it; scalars can unless this says false. */
  sortable?: boolean;
  /** Widgets and facets can group by it. */
  groupable?: boolean;
  /**
   * A faster way for some tests, when there is one. Gets the comparison as it was compiled for `sql`
   * in general; undefined leaves it as it is.
   */
  shortcut?: (test: Test) => Sql | undefined;
}

/** A nested object: `software:(name:log4j-core and version<2.17.1)` asks for one object that is both. */
export interface ObjectField extends FieldBase {
  type: 'object';
  fields: readonly Field[];
  /** The scalar field of it that `software:nginx` asks for; its first one when absent. */
  main?: string;
  /**
   * The condition on one object as a condition on the row: `exists (select 1 from … where … and ${condition})`.
   * True or false for every row, never null.
   */
  match: (condition: Sql) => Sql;
}

export type Field = ScalarField | ObjectField;

export interface FieldTable {
  /** `images` */
  entity: string;
  fields: readonly Field[];
  /** Fields that a word without a field is looked for in. */
  freeText: readonly string[];
}

/** Where something stands in the text: 0-based offsets of UTF-16 units, `to` exclusive. */
export interface Span {
  from: number;
  to: number;
}

/** What a field is compared with. */
export type Test = Span &
  (
    | { kind: 'word'; text: string }
    /** Adjacent words, in quotes. */
    | { kind: 'phrase'; text: string }
    /** In backticks: the whole value, case and all. */
    | { kind: 'exact'; text: string }
    /** `*` and `?` unescaped in a word. */
    | { kind: 'wildcard'; pattern: string }
    | { kind: 'compare'; operator: '<' | '<=' | '>' | '>=' | '='; value: string }
    /** An open end is undefined. */
    | { kind: 'range'; low: string | undefined; high: string | undefined; lowInclusive: boolean; highInclusive: boolean }
    /** `[4, 5]` and `(AWS or Azure)` */
    | { kind: 'any'; tests: Test[] }
    /** `field:*` */
    | { kind: 'exists' }
  );

export type Node = Span &
  (
    /** The empty query. */
    | { kind: 'all' }
    | { kind: 'and' | 'or'; nodes: Node[] }
    | { kind: 'not'; node: Node }
    /** `path` is the dotted name, split: ['vulnerabilities', 'severity']. */
    | { kind: 'term'; path: string[]; name: Span; test: Test }
    | { kind: 'nested'; path: string[]; name: Span; node: Node }
    /** A value without a field. */
    | { kind: 'text'; test: Test }
  );
