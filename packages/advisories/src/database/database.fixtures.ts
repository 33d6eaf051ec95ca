import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { CveFacts, DatabaseInfo, FeedInfo } from '@plimsoll/model';
import fc from 'fast-check';
import type { AdvisoryRecord, AffectedPackage } from '../feeds/feed.ts';
import { DatabaseBuilder } from './builder.ts';

export interface Facts {
  records: AdvisoryRecord[];
  cves: CveFacts[];
  feeds?: FeedInfo[];
}

/** Writes a database with these facts into a folder and returns the file. */
export async function buildFrom(folder: string, facts: Facts, memory?: number): Promise<{ file: string; info: DatabaseInfo }> {
  const builder = new DatabaseBuilder({ folder, ...(memory !== undefined && { memory }) });
  for (const record of facts.records) builder.advisory(record);
  for (const cve of facts.cves) builder.cve(cve);
  const file = join(folder, 'test.db');
  const fd = openSync(file, 'w+');
  try {
    const info = await builder.finish(fd, '2026-01-02T03:04:05Z', facts.feeds ?? [], async () => undefined);
    return { file, info };
  } finally {
    closeSync(fd);
  }
}

/** A record in which every field is set. */
export const FULL_RECORD: AdvisoryRecord = {
  id: 'DSA-5514-1',
  cves: ['CVE-2023-4911', 'CVE-2023-44487'],
  aliases: ['GHSA-m77w-6vjw-wh2f'],
  severity: [
    { type: 'CVSS_V3', score: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H' },
    { type: 'CVSS_V2', score: '7.5' },
  ],
  vendorSeverity: 'Important',
  published: '2023-10-03T00:00:00Z',
  modified: '2023-10-03T17:05:59Z',
  links: [
    { type: 'ADVISORY', url: 'https://security-tracker.debian.org/tracker/DSA-5514-1' },
    { type: 'FIX', url: 'https://example.org/CVE-2023-44487' },
    { type: 'WEB', url: 'https://example.org/GHSA-m77w-6vjw-wh2f' },
    { type: 'REPORT', url: 'https://example.org/?q=ü' },
  ],
  cwes: ['CWE-787'],
  affected: [
    {
      ecosystem: 'Debian:12',
      package: 'glibc',
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.36-9+deb12u3' }] }],
      versions: [],
    },
    {
      ecosystem: 'PyPI',
      package: 'Zope.Interface',
      ranges: [
        { type: 'SEMVER', events: [{ introduced: '1.0' }, { lastAffected: '1.5' }, { introduced: '2' }, { limit: '2.5' }] },
        { type: 'ECOSYSTEM', events: [{ introduced: '0' }] },
      ],
      versions: ['0.1', '0.2é'],
      severity: [{ type: 'CVSS_V4', score: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N' }],
      vendorSeverity: 'unimportant',
      status: 'end-of-life',
      informational: 'unmaintained',
      module: 'nodejs:14',
    },
  ],
};

export const FULL_CVE: CveFacts = {
  id: 'CVE-2023-4911',
  scores: [{ version: '3.1', vector: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H', score: 7.8, source: 'cna' }],
  cwes: ['CWE-787', 'CWE-122'],
  published: '2023-10-03T17:25:08Z',
  modified: '2022-01-01T00:00:00Z',
  rejected: true,
  kev: { dateAdded: '2023-11-21', dueDate: '2023-12-12', ransomware: true },
  epss: { score: 0.74581, percentile: 0.98765, date: '2026-08-22' },
};

const textual = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((value) => !value.includes('\0'));
const version = fc.oneof(fc.stringMatching(/^\d{1,3}(\.\d{1,3}){0,2}$/), textual);
const cveId = fc.tuple(fc.integer({ min: 1999, max: 2030 }), fc.integer({ min: 1000, max: 1040 })).map(([y, n]) => `CVE-${y}-${n}`);
const when = fc.integer({ min: 0, max: 4102444799 }).map((s) => new Date(s * 1000).toISOString().replace('.000Z', 'Z'));
const severity = fc.record({ type: fc.constantFrom('CVSS_V2' as const, 'CVSS_V3' as const, 'CVSS_V4' as const), score: textual });
const event = fc.oneof(
  version.map((introduced) => ({ introduced })),
  version.map((fixed) => ({ fixed })),
  version.map((lastAffected) => ({ lastAffected })),
  version.map((limit) => ({ limit })),
);
const range = fc.record({
  type: fc.constantFrom('SEMVER' as const, 'ECOSYSTEM' as const),
  events: fc.array(event, { minLength: 1, maxLength: 4 }),
});

/** Few names, so that records share packages. */
const arbitraryAffected: fc.Arbitrary<AffectedPackage> = fc.record(
  {
    ecosystem: fc.constantFrom('npm', 'Go', 'Debian:12', 'Debian:11', 'AlmaLinux:9', 'NuGet'),
    package: fc.oneof(fc.constantFrom('a', 'b', 'a-b', 'B', 'é'), textual),
    ranges: fc.array(range, { maxLength: 3 }),
    versions: fc.uniqueArray(version, { maxLength: 3 }),
    severity: fc.array(severity, { minLength: 1, maxLength: 2 }),
    vendorSeverity: textual,
    status: fc.constantFrom('unfixed' as const, 'ignored' as const, 'end-of-life' as const, 'not-affected' as const),
    informational: textual,
    module: textual,
  },
  { requiredKeys: ['ecosystem', 'package', 'ranges', 'versions'] },
);

const arbitraryRecord: fc.Arbitrary<AdvisoryRecord> = fc.record(
  {
    id: fc.oneof(cveId, textual),
    cves: fc.uniqueArray(cveId, { maxLength: 3 }),
    aliases: fc.uniqueArray(textual, { maxLength: 3 }),
    severity: fc.array(severity, { maxLength: 2 }),
    vendorSeverity: textual,
    published: when,
    modified: when,
    links: fc.array(fc.record({ type: fc.constantFrom('ADVISORY', 'FIX', 'WEB'), url: fc.webUrl() }), { maxLength: 3 }),
    cwes: fc.array(fc.constantFrom('CWE-1', 'CWE-79'), { minLength: 1, maxLength: 2 }),
    affected: fc.array(arbitraryAffected, { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: ['id', 'cves', 'aliases', 'severity', 'links', 'affected'] },
);

export const arbitraryRecords = fc.uniqueArray(arbitraryRecord, { maxLength: 25, selector: ({ id }) => id.toUpperCase() });
