import type { ScanReport } from '@plimsoll/model';
import { writeFindings } from '../table/findings.ts';
import { worstFirst } from '../table/groups.ts';
import { writeHeader } from '../table/header.ts';
import { Page } from '../table/page.ts';
import { writeBase, writeCoverage, writePosture, writeSecrets, writeUpgrades, writeWarnings } from '../table/summary.ts';
import { printable } from '../text/printable.ts';
import type { Output, ReportFormat, WriteOptions } from './format.ts';

/** The report for a person at a terminal, 60 columns or wider: worst first, grouped by what fixes it. */
export const tableFormat: ReportFormat = {
  name: 'table',
  title: 'Table for a terminal',
  mediaType: 'text/plain; charset=utf-8',
  write(report: ScanReport, out: Output, options: WriteOptions): void {
    const page = new Page(out, options);
    writeHeader(report, page);
    writeFindings(report, page);
    writeUpgrades(report, page);
    writeBase(report, page);
    writeSecrets(report, page);
    writePosture(report, page);
    writeCoverage(report, page);
    writeWarnings(report, page);
    writeHint(report, page);
  },
};

/** How to ask further, ready to paste: the reference is what the person typed, the id is a feed's. */
function writeHint(report: ScanReport, page: Page): void {
  const worst = [...report.findings].sort(worstFirst).find((finding) => /^[\w.:-]+$/.test(finding.id));
  if (!worst) return;
  const reference = printable(report.image.reference);
  const quoted = /^[\w./:@=+-]+$/.test(reference) ? reference : `'${reference.replaceAll("'", `'\\''`)}'`;
  page.heading('Why, and what to do');
  page.command(['plimsoll', 'explain', quoted, worst.id], 2);
}
