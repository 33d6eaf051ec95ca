import { InputError } from '@plimsoll/model';
import type { Span } from '../fields.ts';

/**
 * query-syntax: the text does not follow the grammar. query-field: no such field, or not one that can be asked this
 * way. query-value: the field exists, but its type has no such value.
 */
export type QueryErrorCode = 'query-syntax' | 'query-field' | 'query-value';

/** What is wrong with a query's text, and where: 0-based offsets of UTF-16 units, `to` exclusive. */
export class QueryError extends InputError {
  override name = 'QueryError';
  readonly from: number;
  readonly to: number;
  /** What could stand there instead, for a person or a list of suggestions. */
  readonly expected: string[];

  /** `problem` follows "Character 8: ": people count from one. */
  constructor(code: QueryErrorCode, problem: string, span: Span, expected: readonly string[] = []) {
    super(code, `Character ${span.from + 1}: ${problem}`);
    this.from = span.from;
    this.to = span.to;
    this.expected = [...expected];
  }
}

/** `a, b or c` */
export function oneOf(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)!}`;
}

const LONGEST_SHOWN = 40;

/** What stands somewhere, short enough for one line. */
export function shown(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, ' ');
  return clean.length > LONGEST_SHOWN ? `"${clean.slice(0, LONGEST_SHOWN)}…"` : `"${clean}"`;
}
