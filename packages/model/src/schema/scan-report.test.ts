import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { SCAN_REPORT_SCHEMA_VERSION, type ScanReport } from '../finding.ts';
import { generateScanReportSchema, scanReportSchema } from './index.ts';

type Inferred = z.infer<typeof scanReportSchema>;
type Identical<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Flattens `Omit<…> & …` and interfaces, so that `Identical` compares shapes and not how they were written. */
type Shape<T> = T extends string | number | boolean | undefined | null
  ? T
  : T extends readonly (infer E)[]
    ? Shape<E>[]
    : { [K in keyof T]: Shape<T[K]> };

// Checked by `npm run types`: each line fails to compile when the schema and the types drift apart.
const sameShape: Identical<Shape<Inferred>, Shape<ScanReport>> = true;
const schemaGivesReport = (value: Inferred): ScanReport => value;
const reportFitsSchema = (value: ScanReport): Inferred => value;

const minimal: ScanReport = {
  schemaVersion: SCAN_REPORT_SCHEMA_VERSION,
  tool: { name: 'plimsoll', version: '0.1.0' },
  scannedAt: '2026-01-02T03:04:05.000Z',
  image: { reference: 'empty', kind: 'oci', tags: [], repoDigests: [], layers: [], history: [] },
  packages: [],
  findings: [],
  upgrades: [],
  secrets: [],
  posture: [],
  complete: true,
  warnings: [],
  coverage: [],
};

describe('scan report schema', () => {
  it('has the shape of the ScanReport type', () => {
    expect(sameShape).toBe(true);
    expect(schemaGivesReport(reportFitsSchema(minimal))).toBe(minimal);
  });

  it('accepts a report and says where a wrong one is wrong', () => {
    expect(scanReportSchema.parse(minimal)).toEqual(minimal);
    const wrong = { ...minimal, packages: [{ name: 'x' }] };
    const result = scanReportSchema.safeParse(wrong);
    expect(result.error?.issues.map((i) => i.path.join('.'))).toContain('packages.0.purl');
  });

  it('accepts the version that reports carry, and later minor versions with more keys', () => {
    const later = { ...minimal, schemaVersion: '1.7.0', somethingNew: 1 };
    expect(scanReportSchema.parse(later)).toEqual({ ...minimal, schemaVersion: '1.7.0' });
    expect(new Ajv2020().compile(generateScanReportSchema())(later)).toBe(true);
    expect(scanReportSchema.safeParse({ ...minimal, schemaVersion: '2.0.0' }).success).toBe(false);
  });

  it('refuses in the JSON Schema what it refuses here', () => {
    const validate = new Ajv2020().compile(generateScanReportSchema());
    expect(validate({ ...minimal, image: { ...minimal.image, kind: 'tape' } })).toBe(false);
    expect(validate({ ...minimal, complete: undefined })).toBe(false);
  });

  // `npx vitest run packages/model/src/schema -u` writes the file anew.
  it('is published in docs/schema as it is here', async () => {
    const text = `${JSON.stringify(generateScanReportSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../../../docs/schema/scan-report-1.schema.json');
  });
});
