import { join } from 'node:path';
import { match } from '@plimsoll/advisories';
import { SCAN_REPORT_SCHEMA_VERSION, type Advisory, type AdvisoryDatabase, type Sbom, type ScanReport } from '@plimsoll/model';
import { formatNamed } from '@plimsoll/report';
import { scanImage } from '@plimsoll/scanner';
import { describe, expect, it } from 'vitest';
import { sampleReport } from '../packages/report/src/testing/sample-report.ts';
import { readSbom } from '../packages/scanner/src/sources/sbom-reader.ts';
import { haveAll, SHARED, titled } from './support/needs.ts';

const FORMATS = ['cyclonedx', 'spdx'];

function reportOf(sbom: Sbom): ScanReport {
  const base = sbom.image.base;
  return {
    schemaVersion: SCAN_REPORT_SCHEMA_VERSION,
    tool: { name: 'plimsoll', version: '0.1.0' },
    scannedAt: '2026-08-23T10:11:12.345Z',
    image: sbom.image,
    ...(sbom.os ? { os: sbom.os } : {}),
    packages: sbom.packages,
    findings: [],
    upgrades: [],
    secrets: sbom.secrets,
    posture: sbom.posture,
    ...(base ? { base } : {}),
    complete: !sbom.warnings.some((w) => w.incomplete),
    warnings: sbom.warnings,
    coverage: [],
  };
}

async function writtenAndRead(report: ScanReport, format: string): Promise<Sbom> {
  let text = '';
  (await formatNamed(format)!.load()).write(report, (chunk) => (text += chunk), {});
  return readSbom(Buffer.from(text), report.image.reference);
}

/** What matching and its answers are made of: findings are a function of these and of the database. */
function substance(report: Pick<ScanReport, 'image' | 'os' | 'packages' | 'warnings'>): unknown {
  const { os, image } = report;
  return {
    packages: report.packages,
    os: os && { id: os.id, idLike: os.idLike, versionId: os.versionId, codename: os.codename, prettyName: os.prettyName, ecosystem: os.ecosystem },
    layers: image.layers.map(({ historyStep: _historyStep, ...layer }) => layer),
    identity: [image.id, image.digest, image.tags, image.repoDigests, image.platform, image.created, image.size],
    base: image.base,
    warnings: report.warnings,
  };
}

function advisory(ecosystem: string, name: string, fixed: string): Advisory {
  return {
    id: `TEST-${ecosystem}-${name}`,
    cves: [],
    aliases: [],
    ecosystem,
    package: name,
    ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
    versions: [],
    severity: [],
    links: [],
  };
}

/** A database that has these advisories and nothing else. */
function databaseOf(advisories: Advisory[]): AdvisoryDatabase {
  const ecosystems = [...new Set(advisories.map((a) => a.ecosystem))];
  return {
    info: { format: 1, built: '2026-08-22T00:00:00Z', feeds: [], ecosystems, advisories: advisories.length, cves: 0 },
    advisoriesFor: (ecosystem, name) => advisories.filter((a) => a.ecosystem === ecosystem && a.package === name),
    cve: () => undefined,
    byId: (id) => advisories.filter((a) => a.id === id),
    close: () => undefined,
  };
}

describe.each(FORMATS)('an SBOM written as %s', (format) => {
  it('reads back as what was written, whatever the packages are', async () => {
    const report = sampleReport();
    report.image.base = report.base!;
    expect(substance(await writtenAndRead(report, format))).toEqual(substance(report));
  });

  it('gives the same findings as the image', async () => {
    const { findings: _findings, ...report } = sampleReport();
    const database = databaseOf([
      advisory('Alpine:v3.11', 'openssl', '1.1.1d-r0'),
      advisory('Alpine:v3.11', 'musl', '1.1.24-r3'),
      advisory('npm', '@acme/lodash', '4.17.12'),
      advisory('Maven', 'org.apache.logging.log4j:log4j-core', '2.15.0'),
    ]);
    const now = new Date(report.scannedAt);
    const direct = match(report, database, { now });
    const read = match(await writtenAndRead(sampleReport(), format), database, { now });
    expect(direct.findings.map((f) => f.package.name)).toEqual([
      'libcrypto1.1',
      'libssl1.1',
      'musl',
      '@acme/lodash',
      '@acme/lodash',
      'org.apache.logging.log4j:log4j-core',
    ]);
    expect(read).toEqual(direct);
  });

  it('stays the same when written and read again', async () => {
    const once = await writtenAndRead(sampleReport(), format);
    const twice = await writtenAndRead(reportOf(once), format === 'spdx' ? 'cyclonedx' : 'spdx');
    expect(substance(twice)).toEqual(substance(once));
  });

  it.skipIf(!haveAll('shared'))(titled('of a real image reads back as what was scanned', 'shared'), async () => {
    const sbom = await scanImage(join(SHARED, 'images/alpine-3.11.tar.gz'));
    expect(sbom.packages.length).toBeGreaterThan(10);
    expect(substance(await writtenAndRead(reportOf(sbom), format))).toEqual(substance(sbom));
  });
});
