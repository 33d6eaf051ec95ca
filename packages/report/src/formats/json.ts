import type { ScanReport } from '@plimsoll/model';
import type { Output, ReportFormat } from './format.ts';
import { writeJsonObject } from './json-writer.ts';

/** The report as it is; docs/report-json.md documents it. */
export const jsonFormat: ReportFormat = {
  name: 'json',
  title: 'Plimsoll JSON',
  mediaType: 'application/json',
  write(report: ScanReport, out: Output): void {
    writeJsonObject({ ...report }, out);
  },
};
