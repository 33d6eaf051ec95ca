import type { ScalarField } from '@plimsoll/query';

/** Whether findings are known: an SBOM that was matched, and of which a feed could judge something. Alias of `sboms`. */
export const judged = (alias: string): string => `(${alias}.matched_at is not null and (${alias}.judged > 0 or ${alias}.packages = 0 and ${alias}.complete))`;

/** Numbers of open findings by severity, from the counters of alias `s`; null while nothing was looked at. */
export const SEVERITY_COUNTS: ScalarField[] = [
  ...(['minimal', 'medium', 'serious', 'critical', 'urgent'] as const).map((name, index): ScalarField => ({
    name,
    type: 'number',
    sql: `case when ${judged('s')} then s.s${index + 1} end`,
    description: `Number of open findings of severity ${index + 1}`,
    example: `${name}>0`,
  })),
  { name: 'findings', type: 'number', sql: `case when ${judged('s')} then s.s1 + s.s2 + s.s3 + s.s4 + s.s5 end`, description: 'Number of open findings', example: 'findings>100' },
];

/** Open findings as rows of the API have them; null while nothing was looked at. */
export const severityCounts = (alias: string): string => `case when ${judged(alias)} then jsonb_build_object(
  '1', ${alias}.s1, '2', ${alias}.s2, '3', ${alias}.s3, '4', ${alias}.s4, '5', ${alias}.s5, 'fixable', ${alias}.fixable, 'kev', ${alias}.kev) end`;

/** Facet values of the severities that the row has open findings of. */
export const severityValues = (alias: string): string => `array_remove(array[${[5, 4, 3, 2, 1].map((level) => `case when ${alias}.s${level} > 0 then '${level}' end`).join(', ')}], null)`;

/** The field by which one asks for what is gone. `expression`: when it went. */
export const gone = (expression: string): ScalarField => ({
  name: 'gone',
  type: 'boolean',
  sql: `(${expression} is not null)`,
  description: 'Does not exist any more. Rows that are gone are left out unless the query names this field',
  example: 'gone:true',
});
