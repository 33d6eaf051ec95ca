import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { emptyReport, hostileReport, sampleReport, unmatchedReport } from '../testing/sample-report.ts';
import { written } from '../testing/write.ts';
import { spdxFormat } from './spdx.ts';

const text = { type: 'string', minLength: 1 };
const elementId = { type: 'string', pattern: '^SPDXRef-[A-Za-z0-9.-]+$' };
const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' };
const tool = { type: 'string', pattern: '^Tool: \\S+-\\S+$' };
const noAssertion = { const: 'NOASSERTION' };

function closed(properties: Record<string, unknown>, required = Object.keys(properties)): Record<string, unknown> {
  return { type: 'object', properties, required, additionalProperties: false };
}

/**
 * What SPDX 2.3 demands of the elements that we write, closed against any other.
 * The numbers are sections of the specification.
 */
const SPDX_2_3 = closed({
  spdxVersion: { const: 'SPDX-2.3' }, // 6.1
  dataLicense: { const: 'CC0-1.0' }, // 6.2
  SPDXID: { const: 'SPDXRef-DOCUMENT' }, // 6.3
  name: text, // 6.4
  documentNamespace: { type: 'string', pattern: '^https://[^#\\s]+$' }, // 6.5: absolute, without fragment
  creationInfo: closed({ created: time, creators: { type: 'array', minItems: 1, items: tool } }), // 6.8, 6.9
  packages: {
    type: 'array',
    items: closed(
      {
        SPDXID: elementId, // 7.2
        name: text, // 7.1
        versionInfo: { type: 'string' }, // 7.3
        supplier: { type: 'string', pattern: '^(?:NOASSERTION$|(?:Organization|Person): .)' }, // 7.5
        downloadLocation: noAssertion, // 7.7
        filesAnalyzed: { const: false }, // 7.8
        sourceInfo: text, // 7.12
        licenseConcluded: noAssertion, // 7.13
        licenseDeclared: text, // 7.15
        copyrightText: noAssertion, // 7.17
        summary: text, // 7.18
        primaryPackagePurpose: { enum: ['CONTAINER', 'OPERATING_SYSTEM', 'APPLICATION', 'LIBRARY'] }, // 7.24
        externalRefs: {
          // 7.21 and annex F
          type: 'array',
          items: {
            oneOf: [
              closed({
                referenceCategory: { const: 'PACKAGE-MANAGER' },
                referenceType: { const: 'purl' },
                referenceLocator: { type: 'string', pattern: '^pkg:' },
              }),
              closed({
                referenceCategory: { const: 'SECURITY' },
                referenceType: { const: 'advisory' },
                referenceLocator: { type: 'string', pattern: '^https?://\\S+$' },
                comment: text,
              }),
            ],
          },
        },
        annotations: {
          type: 'array',
          items: closed({
            annotator: tool, // 12.1
            annotationDate: time, // 12.2
            annotationType: { const: 'OTHER' }, // 12.3
            comment: text, // 12.5
          }),
        },
      },
      ['SPDXID', 'name', 'downloadLocation'],
    ),
  },
  relationships: {
    // 11.1
    type: 'array',
    items: closed({
      spdxElementId: elementId,
      relationshipType: { enum: ['DESCRIBES', 'CONTAINS'] },
      relatedSpdxElement: elementId,
    }),
  },
  hasExtractedLicensingInfos: {
    // 10.1 to 10.3
    type: 'array',
    items: closed({
      licenseId: { type: 'string', pattern: '^LicenseRef-[A-Za-z0-9.-]+$' },
      name: text,
      extractedText: text,
    }),
  },
});

interface Document {
  documentNamespace: string;
  packages: {
    SPDXID: string;
    name: string;
    licenseDeclared: string;
    externalRefs?: { referenceCategory: string; referenceLocator: string; comment?: string }[];
  }[];
  relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[];
  hasExtractedLicensingInfos: { licenseId: string; extractedText: string }[];
}

const validate = new Ajv({ allErrors: true }).compile(SPDX_2_3);
const errorsOf = (value: unknown): string[] =>
  validate(value) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
const documentOf = (report: ReturnType<typeof sampleReport>): Document =>
  JSON.parse(written(spdxFormat, report)) as Document;

describe('spdx format', () => {
  it.each([
    ['sample', sampleReport()],
    ['empty', emptyReport()],
    ['unmatched', unmatchedReport()],
    ['hostile', hostileReport()],
  ])('writes the %s report as the specification wants it', (_name, report) => {
    const document = documentOf(report);
    expect(errorsOf(document)).toEqual([]);
    const ids = new Set(['SPDXRef-DOCUMENT', ...document.packages.map((p) => p.SPDXID)]);
    expect(ids.size).toBe(document.packages.length + 1);
    for (const r of document.relationships) {
      expect(ids).toContain(r.spdxElementId);
      expect(ids).toContain(r.relatedSpdxElement);
    }
    const refs = new Set(document.hasExtractedLicensingInfos.map((l) => l.licenseId));
    const used = document.packages.flatMap((p) => p.licenseDeclared.match(/LicenseRef-[A-Za-z0-9.-]+/g) ?? []);
    expect(new Set(used)).toEqual(refs);
  });

  it('describes the image, which contains the operating system and every package', () => {
    const document = documentOf(sampleReport());
    expect(document.relationships[0]).toEqual({
      spdxElementId: 'SPDXRef-DOCUMENT',
      relationshipType: 'DESCRIBES',
      relatedSpdxElement: 'SPDXRef-Image',
    });
    const contained = document.relationships.filter((r) => r.relationshipType === 'CONTAINS');
    expect(contained).toHaveLength(sampleReport().packages.length + 1);
  });

  it('declares ids and expressions as they are, and words by a reference to their text', () => {
    const document = documentOf(sampleReport());
    const byName = (name: string): string[] =>
      document.packages.filter((p) => p.name === name).map((p) => p.licenseDeclared);
    expect(byName('busybox')).toEqual(['GPL-2.0-only']);
    expect(byName('PyYAML')).toEqual(['NOASSERTION']);
    const [expression, words] = byName('@acme/lodash');
    expect(expression).toBe('MIT OR Apache-2.0');
    const text = document.hasExtractedLicensingInfos.find((l) => l.licenseId === words)!.extractedText;
    expect(text).toBe('see LICENSE');
  });

  it('references the advisories of each flaw, with what fixes it', () => {
    const ssl = documentOf(sampleReport()).packages.find((p) => p.name === 'libssl1.1')!;
    expect(ssl.externalRefs!.filter((r) => r.referenceCategory === 'SECURITY')).toContainEqual({
      referenceCategory: 'SECURITY',
      referenceType: 'advisory',
      referenceLocator: 'https://security.alpinelinux.org/vuln/CVE-2019-1549',
      comment: 'CVE-2019-1549, severity 3 (serious), fixed in 1.1.1d-r0',
    });
  });

  it('says nothing about flaws when nothing was matched', () => {
    expect(written(spdxFormat, unmatchedReport())).not.toContain('SECURITY');
  });

  it('is the same for the same report', () => {
    expect(written(spdxFormat, sampleReport())).toBe(written(spdxFormat, sampleReport()));
  });
});
