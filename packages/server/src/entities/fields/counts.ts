import type { ScalarField } from '@plimsoll/query';

/** Numbers of open findings by severity, from the counters of alias `s`; null while nothing was looked at. */
export const SEVERITY_COUNTS: ScalarField[] = [
  ...(['minimal', 'medium', 'serious', 'critical', 'urgent'] as const).map((name, index): ScalarField => ({
    name,
    type: 'number',
    sql: `case when s.matched_at is not null then s.s${index + 1} end`,
    description: `Number of open findings of severity ${index + 1}`,
    example: `${name}>0`,
  })),
  { name: 'findings', type: 'number', sql: 'case when s.matched_at is not null then s.s1 + s.s2 + s.s3 + s.s4 + s.s5 end', description: 'Number of open findings', example: 'findings>100' },
];

/** Open findings as rows of the API have them; null while nothing was looked at. */
export const severityCounts = (alias: string): string => `case when ${alias}.matched_at is not null and (${alias}.judged > 0 or ${alias}.packages = 0) then jsonb_build_object(
  '1', ${alias}.s1, '2', ${alias}.s2, '3', ${alias}.s3, '4', ${alias}.s4, '5', ${alias}.s5, 'fixable', ${alias}.fixable, 'kev', ${alias}.kev) end`;

/** Facet values of the severities that the row has open findings of. */
export const SEVERITY_VALUES = `array_remove(array[case when s.s5 > 0 then '5' end, case when s.s4 > 0 then '4' end, case when s.s3 > 0 then '3' end, case when s.s2 > 0 then '2' end, case when s.s1 > 0 then '1' end], null)`;

/** The field by which one asks for what is gone. `expression`: when it went. */
export const gone = (expression: string): ScalarField => ({
  name: 'gone',
  type: 'boolean',
  sql: `(${expression} is not null)`,
  description: 'Does not exist any more. Rows that are gone are left out unless the query names this field',
  example: 'gone:true',
});
