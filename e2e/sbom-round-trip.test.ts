import { join } from 'node:path';
import { SCAN_REPORT_SCHEMA_VERSION, type Sbom, type ScanReport } from '@plimsoll/model';
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

describe.each(FORMATS)('an SBOM written as %s', (format) => {
  it('reads back as what was written, whatever the packages are', async () => {
    const report = sampleReport();
    report.image.base = report.base!;
    expect(substance(await writtenAndRead(report, format))).toEqual(substance(report));
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
