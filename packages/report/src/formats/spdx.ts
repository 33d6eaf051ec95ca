import { createHash } from 'node:crypto';
import type { Finding, Package, ScanReport } from '@plimsoll/model';
import { SEVERITY_NAMES } from '@plimsoll/model';
import { groupBy, uniqueBy } from '../collections.ts';
import { imageFacts, osFacts } from './facts.ts';
import type { Output, ReportFormat } from './format.ts';
import { imageName, PackageRefs, reportUuid, rfc3339, webAddress } from './identity.ts';
import { writeJsonObject } from './json-writer.ts';
import { licenseKind } from './licenses.ts';

const DOCUMENT = 'SPDXRef-DOCUMENT';
const IMAGE = 'SPDXRef-Image';
const OS = 'SPDXRef-OperatingSystem';

/**
 * SPDX 2.3 JSON. Flaws are `SECURITY` references of the packages, as annex K of the specification
 * has it, and are there only when the packages were matched against a database.
 * @see https://spdx.github.io/spdx-spec/v2.3/
 */
export const spdxFormat: ReportFormat = {
  name: 'spdx',
  title: 'SPDX 2.3 JSON',
  mediaType: 'application/spdx+json',
  write(report: ScanReport, out: Output): void {
    const refs = new PackageRefs(report.packages, packageId);
    const writer = new SpdxWriter(report, refs);
    writeJsonObject(writer.document(), out);
  },
};

/** SPDX ids take letters, digits, dot and hyphen only, so a purl is named by its hash. */
function packageId(purl: string, earlier: number): string {
  const hash = createHash('sha256').update(purl).digest('hex').slice(0, 24);
  return `SPDXRef-Package-${hash}${earlier === 0 ? '' : `-${earlier + 1}`}`;
}

class SpdxWriter {
  readonly #report: ScanReport;
  readonly #refs: PackageRefs;
  readonly #created: string;
  readonly #tool: string;
  /** Licence words that are no SPDX expression, with the LicenseRef that stands for them. */
  readonly #licenseRefs = new Map<string, string>();

  constructor(report: ScanReport, refs: PackageRefs) {
    this.#report = report;
    this.#refs = refs;
    // SPDX dates have no fractions of a second (section 6.9).
    this.#created = (rfc3339(report.scannedAt) ?? '1970-01-01T00:00:00.000Z').replace(/\.\d+Z$/, 'Z');
    this.#tool = `Tool: ${report.tool.name}-${report.tool.version}`;
  }

  document(): Record<string, unknown> {
    const name = imageName(this.#report.image);
    const nameInAddress = name.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, 200);
    return {
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: DOCUMENT,
      name,
      documentNamespace: `https://spdx.org/spdxdocs/plimsoll-${nameInAddress}-${reportUuid(this.#report)}`,
      creationInfo: { created: this.#created, creators: [this.#tool] },
      packages: this.#packages(),
      relationships: this.#relationships(),
      // After the packages: writing them is what collects these.
      hasExtractedLicensingInfos: this.#extractedLicenses(),
    };
  }

  *#packages(): Iterable<unknown> {
    yield this.#imagePackage();
    if (this.#report.os) yield this.#osPackage(this.#report.os);
    const findings = groupBy(this.#report.database ? this.#report.findings : [], (f) => this.#refs.ofFinding(f));
    for (const p of this.#report.packages) yield this.#package(p, findings.get(this.#refs.of(p)) ?? []);
  }

  #imagePackage(): unknown {
    const { image } = this.#report;
    const version = image.digest ?? image.id;
    return {
      SPDXID: IMAGE,
      name: imageName(image),
      ...(version === undefined ? {} : { versionInfo: version }),
      ...this.#nothingAsserted('CONTAINER'),
      annotations: [this.#annotation('image', imageFacts(this.#report))],
    };
  }

  #osPackage(os: NonNullable<ScanReport['os']>): unknown {
    return {
      SPDXID: OS,
      name: os.id || 'unknown',
      ...(os.versionId === undefined ? {} : { versionInfo: os.versionId }),
      ...this.#nothingAsserted('OPERATING_SYSTEM'),
      summary: os.prettyName,
      annotations: [this.#annotation('os', osFacts(os))],
    };
  }

  #package(p: Package, findings: Finding[]): unknown {
    const isProgram = p.type === 'generic' || p.type === 'bitnami';
    const purl = { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: p.purl };
    return {
      SPDXID: this.#refs.of(p),
      name: p.name,
      versionInfo: p.version,
      ...this.#nothingAsserted(isProgram ? 'APPLICATION' : 'LIBRARY'),
      supplier: p.vendor === undefined ? 'NOASSERTION' : `Organization: ${p.vendor}`,
      licenseDeclared: this.#licenseExpression(p.licenses ?? []),
      ...(p.source ? { sourceInfo: `built from source package ${p.source.name} ${p.source.version}` } : {}),
      externalRefs: [purl, ...securityReferences(findings)],
      annotations: [this.#annotation('package', packageFacts(p))],
    };
  }

  /** Fields that SPDX wants said even where nothing is known. */
  #nothingAsserted(primaryPackagePurpose: string): Record<string, unknown> {
    return {
      downloadLocation: 'NOASSERTION',
      filesAnalyzed: false,
      licenseConcluded: 'NOASSERTION',
      licenseDeclared: 'NOASSERTION',
      copyrightText: 'NOASSERTION',
      primaryPackagePurpose,
    };
  }

  #annotation(kind: string, facts: unknown): unknown {
    return {
      annotationDate: this.#created,
      annotationType: 'OTHER',
      annotator: this.#tool,
      comment: `plimsoll:${kind} ${JSON.stringify(facts)}`,
    };
  }

  #licenseExpression(licenses: string[]): string {
    if (licenses.length === 0) return 'NOASSERTION';
    const parts = licenses.map((license) => {
      const kind = licenseKind(license);
      if (kind === 'id') return license;
      // A reference into some other document's licences means nothing in this one.
      if (kind === 'expression' && !/(?:License|Document)Ref-/.test(license)) {
        return licenses.length === 1 ? license : `(${license})`;
      }
      return this.#licenseRef(license);
    });
    return parts.join(' AND ');
  }

  #licenseRef(words: string): string {
    let ref = this.#licenseRefs.get(words);
    if (ref === undefined) {
      ref = `LicenseRef-${createHash('sha256').update(words).digest('hex').slice(0, 16)}`;
      this.#licenseRefs.set(words, ref);
    }
    return ref;
  }

  *#extractedLicenses(): Iterable<unknown> {
    for (const [words, ref] of this.#licenseRefs) {
      yield { licenseId: ref, name: words.slice(0, 200) || 'NOASSERTION', extractedText: words || 'NOASSERTION' };
    }
  }

  *#relationships(): Iterable<unknown> {
    const relate = (from: string, relationshipType: string, to: string): unknown => ({
      spdxElementId: from,
      relationshipType,
      relatedSpdxElement: to,
    });
    yield relate(DOCUMENT, 'DESCRIBES', IMAGE);
    if (this.#report.os) yield relate(IMAGE, 'CONTAINS', OS);
    for (const ref of this.#refs.all()) yield relate(IMAGE, 'CONTAINS', ref);
  }
}

/** What has no field in SPDX, or loses its exact spelling there. */
function packageFacts(p: Package): unknown {
  const { cataloger, layer, paths, arch, source, licenses, modularity, vendor, ownedBy } = p;
  return { cataloger, layer, paths, arch, source, licenses, modularity, vendor, ownedBy };
}

/** `advisory` references by annex F.2; the comment says which flaw it is and what fixes it. */
function securityReferences(findings: Finding[]): unknown[] {
  const all = findings.flatMap((finding) => {
    const fix = finding.fixedVersion === undefined ? `no fix (${finding.status})` : `fixed in ${finding.fixedVersion}`;
    const comment = `${finding.id}, severity ${finding.severity} (${SEVERITY_NAMES[finding.severity]}), ${fix}`;
    const addresses = finding.evidence.flatMap((e) => webAddress(e.url) ?? []);
    if (addresses.length === 0) addresses.push(`https://osv.dev/vulnerability/${encodeURIComponent(finding.id)}`);
    return addresses.map((url) => ({
      referenceCategory: 'SECURITY',
      referenceType: 'advisory',
      referenceLocator: url,
      comment,
    }));
  });
  return uniqueBy(all, (reference) => `${reference.referenceLocator}\n${reference.comment}`);
}
