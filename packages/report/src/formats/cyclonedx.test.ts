import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import spdxIds from 'spdx-license-ids/index.json' with { type: 'json' };
import { emptyReport, hostileReport, sampleReport, unmatchedReport } from '../testing/sample-report.ts';
import { written } from '../testing/write.ts';
import { cyclonedxFormat } from './cyclonedx.ts';

interface Bom {
  serialNumber: string;
  components: { 'bom-ref': string; name: string; group?: string; licenses?: unknown; evidence?: unknown }[];
  vulnerabilities?: {
    id: string;
    ratings: { method: string; severity: string; score?: number; source: { name: string } }[];
    affects: { ref: string; versions: unknown }[];
    advisories?: { url: string }[];
    properties?: unknown;
  }[];
  compositions: { aggregate: string }[];
}

/** CycloneDX's own schema, as its reference library ships it. */
function officialValidator(): (bom: unknown) => string[] {
  const library = createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json');
  const schema = (name: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(library, '../res/schema', name), 'utf8')) as Record<string, unknown>;
  const ajv = new Ajv({ strict: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  // ajv-formats has no internationalised references; URL addresses are what we write.
  ajv.addFormat('iri-reference', (text: string) => URL.canParse(text, 'http://x.example/') && !/[\s<>"{}|\\^`]/.test(text));
  ajv.addFormat('idn-email', true);
  // The BOM schema names its neighbours by their file names, next to its own address.
  for (const name of ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json']) {
    ajv.addSchema({ ...schema(name), $id: `http://cyclonedx.org/schema/${name}` });
  }
  const validate = ajv.compile(schema('bom-1.6.SNAPSHOT.schema.json'));
  return (bom) => (validate(bom) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`));
}

const errorsOf = officialValidator();
const bomOf = (report: ReturnType<typeof sampleReport>): Bom => JSON.parse(written(cyclonedxFormat, report)) as Bom;

describe('cyclonedx format', () => {
  it.each([
    ['sample', sampleReport()],
    ['empty', emptyReport()],
    ['unmatched', unmatchedReport()],
    ['hostile', hostileReport()],
  ])('writes the %s report as the official 1.6 schema wants it', (_name, report) => {
    expect(errorsOf(bomOf(report))).toEqual([]);
  });

  it('is caught by the validator when wrong', () => {
    expect(errorsOf({ ...bomOf(sampleReport()), components: [{ name: 'x' }] })).not.toEqual([]);
  });

  it('knows no SPDX licence id that the schema does not know', () => {
    const report = emptyReport();
    const p = sampleReport().packages[0]!;
    report.packages = spdxIds.map((id) => ({ ...p, licenses: [id], paths: [id] }));
    expect(errorsOf(bomOf(report))).toEqual([]);
  });

  it('names every package once and points each flaw at those it affects', () => {
    const bom = bomOf(sampleReport());
    const refs = bom.components.map((c) => c['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
    const lodash = bom.vulnerabilities!.find((v) => v.id === 'CVE-2019-10744')!;
    expect(lodash.affects.map((a) => a.ref)).toEqual([
      'pkg:npm/%40acme/lodash@4.17.10',
      'pkg:npm/%40acme/lodash@4.17.10::2',
    ]);
    expect(lodash.affects[0]!.versions).toEqual([
      { version: '4.17.10', status: 'affected' },
      { version: '4.17.12', status: 'unaffected' },
    ]);
  });

  it('gives all CVSS versions as ratings, the vendor rating and the own severity', () => {
    const report = sampleReport();
    const log4j = report.findings[0]!;
    log4j.vendorSeverity = 'Important';
    log4j.scores = [
      { version: '2.0', vector: 'AV:N/AC:M/Au:N/C:C/I:C/A:C', score: 9.3, source: 'nvd' },
      log4j.cvss!,
      { version: '4.0', vector: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H', score: 10, source: 'cna' },
    ];
    const vulnerability = bomOf(report).vulnerabilities!.find((v) => v.id === log4j.id)!;
    expect(vulnerability.ratings.map((r) => [r.source.name, r.method, r.severity])).toEqual([
      ['plimsoll', 'other', 'critical'],
      ['nvd', 'CVSSv2', 'high'],
      ['nvd', 'CVSSv31', 'critical'],
      ['cna', 'CVSSv4', 'critical'],
      ['maven', 'other', 'high'],
    ]);
    expect(vulnerability.properties).toContainEqual({ name: 'plimsoll:kev:dateAdded', value: '2021-12-10' });
  });

  it('says nothing about flaws when nothing was matched, and says when something may be missing', () => {
    expect(bomOf(unmatchedReport()).vulnerabilities).toBeUndefined();
    expect(bomOf(emptyReport()).vulnerabilities).toEqual([]);
    expect(bomOf(sampleReport()).compositions[0]!.aggregate).toBe('incomplete');
  });

  it('never writes an address that is not of the web', () => {
    expect(written(cyclonedxFormat, hostileReport())).not.toContain('javascript:');
  });

  it('is the same for the same report, and has another serial number for another scan', () => {
    expect(written(cyclonedxFormat, sampleReport())).toBe(written(cyclonedxFormat, sampleReport()));
    const later = { ...sampleReport(), scannedAt: '2026-08-24T00:00:00Z' };
    expect(bomOf(later).serialNumber).not.toBe(bomOf(sampleReport()).serialNumber);
  });
});
