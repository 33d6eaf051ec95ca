import { stripVTControlCharacters } from 'node:util';
import type { Finding, ScanReport } from '@plimsoll/model';
import { describe, expect, it } from 'vitest';
import { emptyReport, hostileReport, sampleReport, unmatchedReport } from '../testing/sample-report.ts';
import { written } from '../testing/write.ts';
import { textWidth } from '../text/printable.ts';
import { tableFormat } from './table.ts';

const REPORTS: Record<string, () => ScanReport> = {
  sample: sampleReport,
  empty: emptyReport,
  unmatched: unmatchedReport,
  hostile: hostileReport,
};
const WIDTHS = [60, 80, 120, 200];

/** As many groups of findings as asked for, each of its own package, with rows of their own. */
function longReport(groups: number, rows: number): ScanReport {
  const report = sampleReport();
  const template = report.findings[1]!;
  report.upgrades = [];
  report.findings = Array.from({ length: groups * rows }, (_, i): Finding => {
    const name = `package-${String(i % groups).padStart(3, '0')}`;
    const id = `CVE-2020-${10_000 + i}`;
    return { ...template, id, package: { ...template.package, name, source: { name, version: '1' } } };
  });
  return report;
}

describe('table format', () => {
  for (const [name, report] of Object.entries(REPORTS)) {
    it.each(WIDTHS)(`shows the ${name} report within %i columns`, async (columns) => {
      const text = written(tableFormat, report(), { columns });
      for (const line of text.split('\n')) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
      await expect(text).toMatchFileSnapshot(`__snapshots__/table-${name}-${columns}.txt`);
    });
  }

  it('adds nothing but colours when colours are on', () => {
    const colored = written(tableFormat, sampleReport(), { color: true });
    expect(colored).toContain('\u001b[1;31m5 urgent');
    const trimmed = stripVTControlCharacters(colored).replace(/ +$/gm, '');
    expect(trimmed).toBe(written(tableFormat, sampleReport(), { color: false }));
  });

  it('lets nothing through that a terminal would act on', () => {
    const text = written(tableFormat, hostileReport());
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
    expect(text).not.toMatch(/^fake line/m);
  });

  it('takes widths below 60 for 60, and what is no width for the default', () => {
    expect(written(tableFormat, sampleReport(), { columns: 20 })).toBe(written(tableFormat, sampleReport(), { columns: 60 }));
    expect(written(tableFormat, sampleReport(), { columns: Number.NaN })).toBe(written(tableFormat, sampleReport()));
  });

  it('groups by what fixes, worst first, and leaves out no finding', () => {
    const lines = written(tableFormat, sampleReport(), { columns: 120 }).split('\n');
    const titles = lines.filter((line) => / → .* fixes \d+|: no fix yet/.test(line)).map((line) => line.split(' ')[0]);
    expect(titles).toEqual(['org.apache.logging.log4j:log4j-core', '@acme/lodash', 'openssl', 'nginx', 'musl']);
    for (const { id } of sampleReport().findings) expect(lines.some((line) => line.includes(` ${id} `))).toBe(true);
  });

  it('shows the first 25 groups and 8 rows of each, says how many more there are, and shows all when asked', () => {
    const report = longReport(40, 10);
    const short = written(tableFormat, report);
    expect(short.match(/^package-\d+ .*no fix yet/gm)).toHaveLength(25);
    expect(short).toContain('… and 2 more of this group');
    expect(short).toContain('… and 150 more: --format json, or --all');
    const all = written(tableFormat, report, { all: true });
    expect(all).not.toContain('…');
    expect(all.match(/CVE-2020-1\d{4} /g)).toHaveLength(400);
  });

  it('never calls clean what was not judged', () => {
    const report = { ...emptyReport(), packages: sampleReport().packages };
    report.coverage = [{ reason: 'no feed for Alpine:v3.11 is loaded', packages: 5 }];
    const text = written(tableFormat, report);
    expect(text).toContain('none; not all packages could be fully judged, see below');
    expect(text).toContain('5 packages: no feed for Alpine:v3.11 is loaded');
    expect(written(tableFormat, unmatchedReport())).toContain('none: packages are listed, not judged');
    expect(written(tableFormat, unmatchedReport())).not.toMatch(/^ {2}findings/m);
  });

  it('says how long the release is supported', () => {
    const withSupport = (endOfSupport: string, endOfExtendedSupport?: string): string => {
      const report = sampleReport();
      report.os = { ...report.os!, endOfSupport, ...(endOfExtendedSupport === undefined ? {} : { endOfExtendedSupport }) };
      return written(tableFormat, report);
    };
    expect(withSupport('2026-08-22')).toContain('out of support since 2026-08-22');
    expect(withSupport('2026-08-24')).toContain('support ends 2026-08-24');
    expect(withSupport('2029-01-01')).not.toContain('support');
    expect(withSupport('2024-01-01', '2027-01-01')).toContain('standard support ended 2024-01-01');
    expect(withSupport('2024-01-01', '2025-01-01')).toContain('out of support since 2025-01-01');
  });

  it('quotes what a shell would act on in the command it proposes', () => {
    const report = sampleReport();
    report.image.reference = "my image's.tar";
    expect(written(tableFormat, report)).toContain(`plimsoll explain 'my image'\\''s.tar' CVE-2021-44228`);
    for (const f of report.findings) f.id = '$(reboot)';
    expect(written(tableFormat, report)).not.toContain('plimsoll explain');
  });
});
