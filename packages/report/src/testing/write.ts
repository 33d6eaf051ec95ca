import type { ScanReport } from '@plimsoll/model';
import type { ReportFormat, WriteOptions } from '../formats/format.ts';

/** The whole document as one string. */
export function written(format: ReportFormat, report: ScanReport, options: WriteOptions = {}): string {
  let text = '';
  format.write(report, (chunk) => (text += chunk), options);
  return text;
}
