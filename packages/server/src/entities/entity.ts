import type { EntityName } from '@plimsoll/model/api';
import type { FieldTable } from '@plimsoll/query';

/**
 * One thing that is searched. Everything about it is here, as constants of our own that are put together to
 * statements: tables, facets, completion, widgets, exports and tags all come from it.
 *
 * Every statement starts with the relations of scope.ts, so any part may read `present_sboms` and, when the caller
 * sees only some assets, `visible_hosts`, `visible_images`, `visible_containers` and `visible_sboms`.
 */
export interface Entity {
  name: EntityName;
  table: FieldTable;
  /** Rows with their aliases: exactly one for each key. */
  from: string;
  /** What tells rows apart; of type `keyType`. */
  key: string;
  keyType: 'int' | 'bigint' | 'uuid' | 'text';
  /** So many rows that a page of a simple query must not look at all of them: order and total come from indexes. `sort` is never null. */
  vast?: true;
  /** As routes name a row. */
  id: string;
  /** Whether the row exists now. What is gone is left out unless the query names `gone`. */
  present: string;
  /** Whether the caller may see the row; 'true' for callers who see all. */
  visible: string;
  /** What a row of the API is made of: `h.name, …`. Names and types are those of the API; times come as timestamptz. */
  columns: string;
  /** Order when none is asked for, as the API writes it. */
  sort: string;
  facets: readonly FacetSpec[];
  /** Since when and until when the row was there; null for still. For counts over days. */
  since: string;
  until: string;
  /** How the global search shows a row; absent when it does not look here. `ids` are found by their beginning. */
  find?: { title: string; detail: string; fields: readonly string[]; ids?: readonly string[]; path: (id: string, title: string) => string };
}

/** A quick filter: counts of a field's values among the rows of a result. */
export interface FacetSpec {
  name: string;
  title: string;
  /** Dotted name in the table of fields; its values become terms. */
  field: string;
  /**
   * For values that come cheaper than from the field itself: an array expression over the row, each element of
   * which is one value the row counts for.
   */
  values?: string;
  /** The same, where the values hang on something that many rows have in common: `value` over `from`, for each `anchor`; `@` stands for it. */
  through?: { anchor: string; from: string; on: string; value: string };
  /** Has few different values: such facets are counted together. */
  few?: true;
}

export interface View {
  /** For callers who see some assets only. */
  scoped: boolean;
  /** Read counts over all findings from the figures kept of them (figures.ts) instead of counting now. Not for who sees only some. */
  figures: boolean;
}
export type EntityOf = (view: View) => Entity;
