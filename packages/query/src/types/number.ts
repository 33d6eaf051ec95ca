import sql, { raw, type Sql } from 'sql-template-tag';
import type { Span } from '../fields.ts';
import { badForm, badValue, emptyRange, valueOf, type CompareOperator, type Context, type Kind } from './kind.ts';

/** Bytes in each unit, for sizes. */
export const UNITS: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1e3], ['mb', 1e6], ['gb', 1e9], ['tb', 1e12],
  ['kib', 2 ** 10], ['mib', 2 ** 20], ['gib', 2 ** 30], ['tib', 2 ** 40],
]);

const NUMBER = /^([+-]?\d{1,18}(?:\.\d{1,18})?)([a-z]{0,3})$/i;
const EXPECTED = 'a number, such as 5, 0.9 or 100MB';

function read(text: string, span: Span, context: Context): number {
  const [, digits, unit] = NUMBER.exec(text.trim()) ?? [];
  const factor = unit === '' ? 1 : UNITS.get(unit?.toLowerCase() ?? '?');
  if (digits === undefined || factor === undefined) throw badValue(text, span, EXPECTED, context);
  const value = Number(digits) * factor;
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw badValue(text, span, `a number up to ${Number.MAX_SAFE_INTEGER}`, context);
  return unit === '' ? value : Math.round(value);
}

export const OPERATORS: Record<CompareOperator, Sql> = { '<': raw('<'), '<=': raw('<='), '>': raw('>'), '>=': raw('>='), '=': raw('=') };

/**
 * Whole numbers as whole numbers, so that an index on an int column serves; others by `real`, which is what such columns
 * are: 8.2 as a double is not the 8.2 that a real column has.
 */
function compare(value: Sql, operator: CompareOperator, number: number): Sql {
  return Number.isInteger(number)
    ? sql`${value} ${OPERATORS[operator]} ${String(number)}::bigint`
    : sql`(${value})::real ${OPERATORS[operator]} ${String(number)}::real`;
}

export const number: Kind = {
  type: 'number',
  expected: EXPECTED,
  meaning:
    'A number; with a unit it is a size in bytes: B, kB, MB, GB, TB are powers of 1000, KiB, MiB, GiB, TiB of 1024.',
  examples: ['size>100MB', 'score:[7 .. 9)'],
  test(value, test, context) {
    if (test.kind === 'range') {
      const [low, high] = [test.low, test.high].map((end) => (end === undefined ? undefined : read(end, test, context)));
      return between(value, low, high, test, context, compare);
    }
    const text = valueOf(test);
    if (text === undefined) throw badForm(test, number, context);
    return compare(value, test.kind === 'compare' ? test.operator : '=', read(text, test, context));
  },
};

/** A range over values that are ordered in JavaScript as in the database. */
export function between<T extends number | string>(
  value: Sql,
  low: T | undefined,
  high: T | undefined,
  test: Span & { lowInclusive: boolean; highInclusive: boolean },
  context: Context,
  one: (value: Sql, operator: CompareOperator, end: T) => Sql,
): Sql {
  if (low !== undefined && high !== undefined && (low > high || (low === high && !(test.lowInclusive && test.highInclusive)))) throw emptyRange(test, context);
  const from = low === undefined ? undefined : one(value, test.lowInclusive ? '>=' : '>', low);
  const to = high === undefined ? undefined : one(value, test.highInclusive ? '<=' : '<', high);
  return from && to ? sql`(${from} and ${to})` : (from ?? to)!;
}
