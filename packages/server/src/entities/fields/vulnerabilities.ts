import type { Field, ScalarField, Test } from '@plimsoll/query';
import sql, { raw, type Sql } from 'sql-template-tag';
import { object, type JoinedObject } from './objects.ts';

const COUNTERS = ['s1', 's2', 's3', 's4', 's5'] as const;
const SEVERITY_TEST = /^\(f\.severity\) (=|<|<=|>|>=) $/;

/**
 * Whether an SBOM, or a package, has an open finding of some severity is known from its counters: no need to look at findings.
 * Recognised by the very form in which the query language writes `severity:5` and `severity>=4`.
 */
export function byCounters(counters: string) {
  return (condition: Sql): Sql | undefined => {
    const [before, after] = condition.strings;
    const operator = SEVERITY_TEST.exec(before ?? '')?.[1];
    const level = condition.values[0];
    if (condition.strings.length !== 2 || after !== '::int' || operator === undefined || typeof level !== 'number') return undefined;
    const fits = { '=': (at: number) => at === level, '<': (at: number) => at < level, '<=': (at: number) => at <= level, '>': (at: number) => at > level, '>=': (at: number) => at >= level };
    const columns = COUNTERS.filter((_, index) => fits[operator as keyof typeof fits](index + 1)).map((column) => `${counters}.${column}`);
    return columns.length === 0 ? sql`false` : sql`(coalesce(${raw(columns.join(' + '))}, 0) > 0)`;
  };
}

function wanted(test: Test): string | undefined {
  switch (test.kind) {
    case 'word':
    case 'phrase':
    case 'exact':
      return test.text;
    case 'compare':
      return test.operator === '=' ? test.value : undefined;
    default:
      return undefined;
  }
}

/** An id names a vulnerability by any of its names; one look in two indexes instead of a test of every row. */
function byAnyName(column: string): (test: Test) => Sql | undefined {
  return (test) => {
    const text = wanted(test);
    if (text === undefined) return undefined;
    return sql`${raw(column)} = any(array(
      select id from vulnerabilities where lower(name) = lower(${text}::text)
      union select id from vulnerabilities where aliases && array[${text}::text, upper(${text}::text)]))`;
  };
}

/** Fields of the vulnerability itself, of alias `v`. `column`: its number, where the row has it. */
export function vulnerabilityFields(column: string): ScalarField[] {
  return [
    { name: 'id', aliases: ['cve', 'name'], type: 'keyword', sql: 'v.name', groupable: true, shortcut: byAnyName(column), description: 'CVE, or the advisory’s id where there is none; an alias finds it too', example: 'id:CVE-2021-44228' },
    { name: 'alias', aliases: ['aliases'], type: 'keyword', sql: 'v.aliases', array: true, description: 'Its other ids', example: 'alias:GHSA-jfh8-c2jp-5v3q' },
    { name: 'cvss', aliases: ['cvssScore'], type: 'number', sql: 'v.cvss', description: 'Highest CVSS base score, 0 to 10', example: 'cvss>=9' },
    { name: 'epss', type: 'number', sql: 'v.epss', description: 'Probability of exploitation in the next 30 days, 0 to 1', example: 'epss>0.5' },
    { name: 'epssPercentile', type: 'number', sql: 'v.epss_percentile', description: 'Share of all vulnerabilities that are less likely to be exploited, 0 to 1', example: 'epssPercentile>0.95' },
    { name: 'kev', aliases: ['knownExploited', 'exploited'], type: 'boolean', sql: '(v.kev_added is not null)', groupable: true, description: 'Is in the catalogue of known exploited vulnerabilities', example: 'kev:true' },
    { name: 'kevAdded', type: 'date', sql: 'v.kev_added::timestamptz', description: 'When it was added to that catalogue', example: 'kevAdded>now-90d' },
    { name: 'ransomware', type: 'boolean', sql: 'v.ransomware', groupable: true, description: 'Known to be used by ransomware', example: 'ransomware:true' },
    { name: 'cwe', aliases: ['cwes'], type: 'keyword', sql: 'v.cwes', array: true, groupable: true, description: 'Kind of weakness', example: 'cwe:CWE-79' },
    { name: 'qid', aliases: ['qids'], type: 'keyword', sql: 'v.qids', array: true, description: 'Number in the Qualys knowledge base', example: 'qid:376157' },
    { name: 'published', type: 'date', sql: 'v.published', description: 'When it was made public', example: 'published>now-30d' },
    { name: 'modified', type: 'date', sql: 'v.modified', description: 'When its record last changed', example: 'modified>now-7d' },
  ];
}

const FINDING_FIELDS: Field[] = [
  { name: 'severity', aliases: ['level'], type: 'severity', sql: 'f.severity', groupable: true, description: 'From 1, minimal, to 5, urgent', example: 'severity:5' },
  { name: 'fixable', aliases: ['hasFix'], type: 'boolean', sql: '(f.fixed_version is not null)', groupable: true, description: 'A fixed version is known', example: 'fixable:true' },
  { name: 'package', aliases: ['software'], type: 'text', sql: 'fp.name', groupable: true, description: 'Name of the package that has it', example: 'package:openssl' },
  { name: 'packageType', type: 'keyword', sql: 'fp.type', groupable: true, description: 'Type of that package', example: 'packageType:npm' },
  { name: 'version', type: 'version', sql: 'fp.version', description: 'Installed version', example: 'version<2.17.1' },
  { name: 'fixedVersion', type: 'version', sql: 'f.fixed_version', description: 'Lowest version without it', example: 'fixedVersion:*' },
  { name: 'status', type: 'keyword', sql: 'f.status', groupable: true, description: 'What the vendor says of it', example: 'status:affected' },
  { name: 'firstSeen', aliases: ['firstFound'], type: 'date', sql: 'f.first_seen', description: 'When it first showed on this asset', example: 'firstSeen>now-7d' },
];

export const FINDING_JOINS = { v: 'left join vulnerabilities v on v.id = f.vulnerability_id', fp: 'left join packages fp on fp.id = f.package_id' };

/**
 * The open findings of an SBOM. `sbom`: its number's expression; `counters`: alias of the row of `sboms`, where it is joined;
 * `joined`: what else `where` needs, on the way from `anchor` to `sbom`.
 */
export function vulnerabilitiesOf(sbom: string, { counters, where = 'true', joined, anchor }: { counters?: string; where?: string; joined?: string; anchor?: string } = {}): JoinedObject {
  return object({
    name: 'vulnerabilities',
    aliases: ['vulnerability', 'vuln', 'vulns'],
    description: 'Open findings; conditions in parentheses are about the same one',
    example: 'vulnerabilities:(severity:5 and fixable:true)',
    main: 'id',
    anchor: anchor ?? sbom,
    from: `${joined === undefined ? '' : `${joined} cross join `}findings f`,
    joins: FINDING_JOINS,
    on: `f.sbom_id = ${anchor === undefined ? '@' : sbom} and f.fixed_at is null and ${where}`,
    fields: [...vulnerabilityFields('f.vulnerability_id'), ...FINDING_FIELDS],
    catalogue: {
      id: { from: 'vulnerabilities v', counted: true },
      alias: { from: 'vulnerabilities v', counted: false },
      cwe: { from: 'vulnerabilities v', counted: false },
      qid: { from: 'vulnerabilities v', counted: false },
      package: { from: 'packages fp', counted: true },
      packageType: { from: 'packages fp', counted: false },
    },
    ...(counters !== undefined && { instead: byCounters(counters) }),
  });
}
