import { z } from 'zod';
import { scanReportSchema } from './scan-report.ts';

/** The JSON Schema (2020-12) of the scan report, as published in docs/schema/. */
export function generateScanReportSchema(): Record<string, unknown> {
  // `input` leaves additional keys allowed: a reader of 1.0 must accept what 1.1 adds.
  const { $schema, ...body } = z.toJSONSchema(scanReportSchema, { io: 'input' });
  return { $schema, $id: 'urn:plimsoll:schema:scan-report:1', title: 'Plimsoll scan report', ...body };
}
