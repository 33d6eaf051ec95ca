import type { Sql } from 'sql-template-tag';
import type { FieldType, ScalarField, Span, Test } from '../fields.ts';
import { oneOf, QueryError, shown } from '../syntax/error.ts';

export type CompareOperator = Extract<Test, { kind: 'compare' }>['operator'];
/** The tests that a type has to know; the rest is the same for all. */
export type SimpleTest = Exclude<Test, { kind: 'any' | 'exists' }>;

export interface Context {
  /** What `now` is; the same in the whole query. */
  now: Date;
  field: ScalarField;
  /** As the person may write it: `vulnerabilities.severity` */
  name: string;
}

/** How one type of field is compared. `value` is the field's expression, or one element of it. */
export interface Kind {
  type: FieldType;
  /** What its values look like, for errors: `a number` */
  expected: string;
  /** How its values are compared, for the documentation. */
  meaning: string;
  examples: readonly string[];
  /** A condition that may be null where the value is. Throws QueryError for values the type does not have. */
  test(value: Sql, test: SimpleTest, context: Context): Sql;
  /** Whether the field has a value; `is not null` when absent. */
  exists?(value: Sql): Sql;
}

/** The text of a test that names one value. */
export function valueOf(test: SimpleTest): string | undefined {
  switch (test.kind) {
    case 'word':
    case 'phrase':
    case 'exact':
      return test.text;
    case 'compare':
      return test.value;
    default:
      return undefined;
  }
}

/** `expected` is a description, or the values there are. */
export function badValue(text: string, span: Span, expected: string | readonly string[], context: Context, more = ''): QueryError {
  const choices = typeof expected === 'string' ? [expected] : expected;
  return new QueryError('query-value', `${shown(text)} is no value for "${context.name}", which expects ${oneOf(choices)}${more}`, span, choices);
}

/** A form of value that the type has no meaning for. */
export function badForm(test: SimpleTest, kind: Kind, context: Context): QueryError {
  const what = { range: 'a range', compare: 'a comparison', wildcard: 'a wildcard', word: 'a word', phrase: 'a phrase', exact: 'an exact value' }[test.kind];
  return new QueryError('query-value', `${what} cannot be asked of "${context.name}", which expects ${kind.expected}`, test, [kind.expected]);
}

export function emptyRange(span: Span, context: Context): QueryError {
  return new QueryError('query-value', `the range of "${context.name}" is empty: its low end is not below its high end`, span, ['the lower value first']);
}
