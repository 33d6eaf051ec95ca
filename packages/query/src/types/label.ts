import sql, { type Sql } from 'sql-template-tag';
import { badForm, valueOf, type Kind } from './kind.ts';
import { likePattern } from './text.ts';

const EXPECTED = 'a label: key, "key=value" or key=value* with wildcards';

/** The place of the first `=` that is not escaped; -1 without one. */
function separator(pattern: string): number {
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === '=') return at;
  }
  return -1;
}

function wildcardTest(labels: Sql, pattern: string): Sql {
  const equals = separator(pattern);
  const key = likePattern(equals < 0 ? pattern : pattern.slice(0, equals));
  const value = equals < 0 ? undefined : likePattern(pattern.slice(equals + 1));
  const ofValue = value === undefined || value === '%' ? sql`true` : sql`label.value like ${value}::text`;
  return sql`exists (select from jsonb_each_text(${labels}) as label (key, value) where label.key like ${key}::text and ${ofValue})`;
}

/** Keys and values are compared with case, as engines do: `@>` and `?` can use a GIN index on the column. */
export const label: Kind = {
  type: 'label',
  expected: EXPECTED,
  meaning:
    '`key` is there, or `"key=value"` is; with case. Wildcards can be in both parts.',
  examples: ['label:"app=shop"', 'label:app', 'label:com.docker.*'],
  test(labels, test, context) {
    if (test.kind === 'wildcard') return wildcardTest(labels, test.pattern);
    const text = test.kind === 'compare' && test.operator !== '=' ? undefined : valueOf(test);
    if (text === undefined) throw badForm(test, label, context);
    const equals = text.indexOf('=');
    if (equals < 0) return sql`${labels} ? ${text}::text`;
    return sql`${labels} @> jsonb_build_object(${text.slice(0, equals)}::text, ${text.slice(equals + 1)}::text)`;
  },
  exists: (labels) => sql`(${labels} is not null and ${labels} <> '{}'::jsonb)`,
};
