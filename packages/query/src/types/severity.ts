import { SEVERITY_NAMES as MODEL_NAMES } from '@plimsoll/model';
import sql, { type Sql } from 'sql-template-tag';
import type { Span } from '../fields.ts';
import { nearest } from '../resolve.ts';
import { badForm, badValue, valueOf, type CompareOperator, type Context, type Kind } from './kind.ts';
import { between, OPERATORS } from './number.ts';

/** From 1 to 5. */
export const SEVERITY_NAMES = Object.values(MODEL_NAMES);
const EXPECTED = '1 to 5, minimal, medium, serious, critical, urgent or "Severity 5"';

function read(text: string, span: Span, context: Context): number {
  const plain = text.trim().toLowerCase();
  const level = /^(?:severity[\s_-]*)?([1-5])$/.exec(plain)?.[1];
  if (level) return Number(level);
  const named = SEVERITY_NAMES.findIndex((name) => name === plain);
  if (named >= 0) return named + 1;
  const near = nearest(plain.slice(0, 40), SEVERITY_NAMES);
  throw badValue(text, span, EXPECTED, context, near ? `; did you mean "${near}"?` : '');
}

const compare = (value: Sql, operator: CompareOperator, level: number): Sql => sql`${value} ${OPERATORS[operator]} ${level}::int`;

export const severity: Kind = {
  type: 'severity',
  expected: EXPECTED,
  meaning:
    'From 1 to 5, or by name: minimal, medium, serious, critical, urgent. `"Severity 5"` is accepted as well.',
  examples: ['severity:5', 'severity>=serious', 'severity:"Severity 5"'],
  test(value, test, context) {
    if (test.kind === 'range') {
      const [low, high] = [test.low, test.high].map((end) => (end === undefined ? undefined : read(end, test, context)));
      return between(value, low, high, test, context, compare);
    }
    const text = valueOf(test);
    if (text === undefined) throw badForm(test, severity, context);
    return compare(value, test.kind === 'compare' ? test.operator : '=', read(text, test, context));
  },
};
