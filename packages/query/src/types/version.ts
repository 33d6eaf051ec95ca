import sql, { type Sql } from 'sql-template-tag';
import type { Span } from '../fields.ts';
import { badForm, badValue, type CompareOperator, type Context, type Kind } from './kind.ts';
import { OPERATORS } from './number.ts';
import { wholeValue } from './text.ts';

const EXPECTED = 'a version, such as 2.17.1';

/** The order of versions is a function of the database: see the migration `version-order`. */
function key(value: Sql): Sql {
  return sql`plimsoll_version_key(${value}) collate "C"`;
}

function compare(value: Sql, operator: CompareOperator, text: string, span: Span, context: Context): Sql {
  if (!/\d/.test(text) || text.length > 256) throw badValue(text, span, EXPECTED, context);
  return sql`${key(value)} ${OPERATORS[operator]} ${key(sql`${text}::text`)}`;
}

export const version: Kind = {
  type: 'version',
  expected: EXPECTED,
  meaning:
    'A colon asks for the whole text, without case. Comparisons, ranges and `=` put versions in order piece by piece: numbers as numbers, pre-releases (`~`, alpha, beta, rc…) before the release, an epoch (`2:`) first. It is one order for all ecosystems; findings come from each ecosystem’s own rules.',
  examples: ['version<2.17.1', 'version:2.17.*'],
  test(value, test, context) {
    if (test.kind === 'compare') return compare(value, test.operator, test.value, test, context);
    if (test.kind === 'range') {
      const from = test.low === undefined ? undefined : compare(value, test.lowInclusive ? '>=' : '>', test.low, test, context);
      const to = test.high === undefined ? undefined : compare(value, test.highInclusive ? '<=' : '<', test.high, test, context);
      return from && to ? sql`(${from} and ${to})` : (from ?? to)!;
    }
    const condition = wholeValue(value, test);
    if (!condition) throw badForm(test, version, context);
    return condition;
  },
};

/** For `order by`. */
export const versionOrder = key;
