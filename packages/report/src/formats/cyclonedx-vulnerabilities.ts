import type { CvssScore, Finding, Severity } from '@plimsoll/model';
import { groupBy, unique, uniqueBy } from '../collections.ts';
import { rfc3339, webAddress, type PackageRefs } from './identity.ts';

const SEVERITY: Record<Severity, string> = { 5: 'critical', 4: 'high', 3: 'medium', 2: 'low', 1: 'info' };

/** CVSS 3.0 and 3.1 have one band table, CVSS 2 has no band above high (FIRST, CVSS v3.1 section 5; NVD for v2). */
function cvssSeverity(score: CvssScore): string {
  if (score.score >= 9 && !score.version.startsWith('2')) return 'critical';
  if (score.score >= 7) return 'high';
  if (score.score >= 4) return 'medium';
  return score.score > 0 ? 'low' : 'none';
}

const CVSS_METHOD: Record<string, string> = { '2.0': 'CVSSv2', '3.0': 'CVSSv3', '3.1': 'CVSSv31', '4.0': 'CVSSv4' };

/** The words that vendors use for the five severities that CycloneDX knows. */
const VENDOR_WORDS = new Map([
  ['critical', 'critical'],
  ['urgent', 'critical'],
  ['important', 'high'],
  ['high', 'high'],
  ['moderate', 'medium'],
  ['medium', 'medium'],
  ['low', 'low'],
  ['negligible', 'info'],
  ['unimportant', 'info'],
  ['none', 'none'],
]);

/** One CycloneDX vulnerability per flaw, with every package it affects. Worst first, as the findings come. */
export function* vulnerabilities(findings: readonly Finding[], refs: PackageRefs): Iterable<unknown> {
  const byId = groupBy(findings, (finding) => finding.id);
  for (const [id, group] of byId) yield vulnerability(id, group, refs);
}

function vulnerability(id: string, group: Finding[], refs: PackageRefs): unknown {
  const first = group[0]!;
  const references = unique(group.flatMap((f) => f.aliases)).map((alias) => ({ id: alias, source: sourceOf(alias) }));
  const published = rfc3339(first.published);
  const updated = rfc3339(first.modified);
  const cwes = unique(group.flatMap((f) => f.cwes)).flatMap(cweNumber);
  const advisories = advisoriesOf(group);
  const recommendation = recommendationFor(group);
  const analysis = analysisOf(group);
  return {
    'bom-ref': `vulnerability:${id}`,
    id,
    source: sourceOf(id),
    ...(references.length > 0 ? { references } : {}),
    ratings: ratings(group),
    ...(cwes.length > 0 ? { cwes } : {}),
    ...(recommendation === '' ? {} : { recommendation }),
    ...(advisories.length > 0 ? { advisories } : {}),
    ...(published === undefined ? {} : { published }),
    ...(updated === undefined ? {} : { updated }),
    ...(analysis === undefined ? {} : { analysis }),
    affects: affects(group, refs),
    ...withProperties(first),
  };
}

/** Who keeps the record of an id. Names are those that other tools look for: NVD, GITHUB, OSV. */
function sourceOf(id: string): { name: string; url: string } {
  const encoded = encodeURIComponent(id);
  if (id.startsWith('CVE-')) return { name: 'NVD', url: `https://nvd.nist.gov/vuln/detail/${encoded}` };
  if (id.startsWith('GHSA-')) return { name: 'GITHUB', url: `https://github.com/advisories/${encoded}` };
  return { name: 'OSV', url: `https://osv.dev/vulnerability/${encoded}` };
}

function ratings(group: Finding[]): unknown[] {
  const all = group.flatMap((finding) => [
    {
      source: { name: 'plimsoll' },
      score: finding.severity,
      severity: SEVERITY[finding.severity],
      method: 'other',
      justification: finding.severityReason,
    },
    ...(finding.scores ?? (finding.cvss ? [finding.cvss] : [])).map((score) => ({
      source: { name: score.source },
      score: score.score,
      severity: cvssSeverity(score),
      method: CVSS_METHOD[score.version] ?? 'other',
      ...(score.vector === '' ? {} : { vector: score.vector }),
    })),
    ...vendorRating(finding),
  ]);
  return uniqueBy(all, (rating) => JSON.stringify(rating));
}

function vendorRating(finding: Finding): unknown[] {
  if (finding.vendorSeverity === undefined) return [];
  return [
    {
      source: { name: finding.evidence[0]?.ecosystem ?? 'vendor' },
      severity: VENDOR_WORDS.get(finding.vendorSeverity.toLowerCase()) ?? 'unknown',
      method: 'other',
      justification: finding.vendorSeverity,
    },
  ];
}

function cweNumber(cwe: string): number[] {
  const number = /^(?:CWE-)?([1-9]\d{0,8})$/.exec(cwe)?.[1];
  return number === undefined ? [] : [Number(number)];
}

function advisoriesOf(group: Finding[]): { title?: string; url: string }[] {
  const all = group.flatMap((finding) => [
    ...finding.evidence.map((e) => ({ title: e.advisory, url: e.url })),
    ...finding.links.filter((link) => link.type === 'ADVISORY').map((link) => ({ url: link.url })),
  ]);
  const usable = all.flatMap((advisory) => {
    const url = webAddress(advisory.url);
    return url === undefined ? [] : [{ ...advisory, url }];
  });
  return uniqueBy(usable, (advisory) => advisory.url);
}

function recommendationFor(group: Finding[]): string {
  const steps = group.flatMap((f) => (f.fixedVersion === undefined ? [] : [`${f.package.name} to ${f.fixedVersion}`]));
  return steps.length > 0 ? `Upgrade ${unique(steps).join(', ')}.` : '';
}

/** What the vendor said, where it said the same for every package affected. */
function analysisOf(group: Finding[]): unknown {
  const [status, ...others] = unique(group.map((f) => f.status));
  if (others.length > 0) return undefined;
  switch (status) {
    case 'fixed':
      return { response: ['update'] };
    case 'ignored':
      return { response: ['will_not_fix'] };
    case 'end-of-life':
      return { response: ['will_not_fix'], detail: 'The release no longer gets fixes.' };
    case 'not-affected':
      return { state: 'not_affected' };
    default:
      return undefined;
  }
}

interface Affected {
  ref: string;
  versions: { version: string; status: 'affected' | 'unaffected' }[];
}

function affects(group: Finding[], refs: PackageRefs): Affected[] {
  const all = group.flatMap((finding): Affected[] => {
    const ref = refs.ofFinding(finding);
    if (ref === undefined) return [];
    const installed = finding.status === 'not-affected' ? 'unaffected' : 'affected';
    const versions: Affected['versions'] = [{ version: finding.package.version.slice(0, 1024), status: installed }];
    if (finding.fixedVersion !== undefined) {
      versions.push({ version: finding.fixedVersion.slice(0, 1024), status: 'unaffected' });
    }
    return [{ ref, versions }];
  });
  return uniqueBy(all, (affected) => affected.ref);
}

/** KEV, EPSS and the customer's ids have no place of their own in CycloneDX 1.6. */
function withProperties(finding: Finding): { properties?: { name: string; value: string }[] } {
  const properties: { name: string; value: string }[] = [];
  const add = (name: string, value: string): number => properties.push({ name: `plimsoll:${name}`, value });
  if (finding.kev) {
    add('kev:dateAdded', finding.kev.dateAdded);
    if (finding.kev.dueDate !== undefined) add('kev:dueDate', finding.kev.dueDate);
    add('kev:ransomware', String(finding.kev.ransomware));
  }
  if (finding.epss) {
    add('epss:score', String(finding.epss.score));
    add('epss:percentile', String(finding.epss.percentile));
  }
  for (const qid of finding.qids ?? []) add('qid', qid);
  return properties.length > 0 ? { properties } : {};
}
