import type { Finding, ScanReport } from '@plimsoll/model';
import type { SbomView, SeverityCounts } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import type { Services } from '../../context.ts';
import { plain } from '../../ingest/values.ts';
import { reportOf } from '../report.ts';

/** What one SBOM says, as the pages of images and hosts show it; null when it is gone. */
export async function sbomView(services: Pick<Services, 'db' | 'advisories' | 'config'>, sbomId: number): Promise<SbomView | null> {
  const report = await reportOf(services, sbomId);
  if (!report) return null;
  const rows = await services.db.query<{ name: string; purl: string; first_seen: Date }>(sql`
    select v.name, p.purl, f.first_seen from findings f join vulnerabilities v on v.id = f.vulnerability_id join packages p on p.id = f.package_id
    where f.sbom_id = ${sbomId} and f.fixed_at is null`);
  const firstSeen = new Map(rows.map(({ name, purl, first_seen }) => [`${name}\0${purl}`, first_seen.toISOString()]));
  return viewOf(report, (finding) => firstSeen.get(`${finding.id}\0${plain(finding.package.purl)}`) ?? null);
}

export function viewOf(report: ScanReport, firstSeen: (finding: Finding) => string | null): SbomView {
  const byPackage = new Map<string, SeverityCounts>();
  const byLayer = new Map<number, SeverityCounts>();
  const findings = onceEach(report.findings);
  for (const finding of findings) {
    count(byPackage, finding.package.purl, finding);
    count(byLayer, finding.layer.index, finding);
  }
  const layerPackages = new Map<number, number>();
  for (const { layer } of report.packages) layerPackages.set(layer, (layerPackages.get(layer) ?? 0) + 1);
  const exploited = new Set(findings.filter(({ kev }) => kev).map(({ id }) => id));
  return {
    findings: findings.map((finding) => ({
      id: finding.id,
      aliases: finding.aliases,
      severity: finding.severity,
      severityReason: finding.severityReason,
      cvss: finding.cvss?.score ?? null,
      epss: finding.epss?.score ?? null,
      kev: finding.kev?.dateAdded ?? null,
      package: finding.package.name,
      version: finding.package.version,
      type: finding.package.type,
      purl: finding.package.purl,
      paths: finding.package.paths,
      fixedVersion: finding.fixedVersion ?? null,
      status: finding.status,
      advisories: finding.evidence.map(({ advisory, url, range }) => ({ id: advisory, url: url ?? null, range })),
      layer: finding.layer.index,
      fromBase: finding.layer.fromBase ?? null,
      links: finding.links,
      firstSeen: firstSeen(finding),
    })),
    packages: report.packages.map((pkg) => ({
      name: pkg.name,
      version: pkg.version,
      type: pkg.type,
      purl: pkg.purl,
      source: pkg.source?.name ?? null,
      licenses: pkg.licenses ?? [],
      paths: pkg.paths,
      layer: pkg.layer,
      vulnerabilities: byPackage.get(pkg.purl) ?? none(),
    })),
    layers: report.image.layers.map((layer) => ({
      index: layer.index,
      diffId: layer.diffId ?? null,
      digest: layer.digest ?? null,
      size: layer.size ?? null,
      createdBy: layer.createdBy ?? null,
      fromBase: layer.fromBase ?? null,
      packages: layerPackages.get(layer.index) ?? 0,
      vulnerabilities: byLayer.get(layer.index) ?? none(),
    })),
    upgrades: report.upgrades.map(({ name, type, packages, to, removes, findings, layer, fromBase }) => ({
      name,
      type,
      from: [...new Set(packages.map(({ version }) => version))],
      to,
      removes: {
        ...removes,
        fixable: removes[1] + removes[2] + removes[3] + removes[4] + removes[5],
        kev: findings.filter((id) => exploited.has(id)).length,
      },
      findings,
      layer,
      fromBase: fromBase ?? null,
    })),
    posture: report.posture.map(({ rule, title, severity, subject, advice }) => ({ rule, title, severity, subject: subject ?? null, advice })),
    secrets: report.secrets.map(({ rule, title, severity, path, line, masked, layer }) => ({ rule, title, severity, path, line, masked, layer })),
    base: report.base
      ? { reference: report.base.reference ?? null, digest: report.base.digest ?? null, foundBy: report.base.foundBy, layers: report.base.layers }
      : null,
    endOfSupport: report.os?.endOfExtendedSupport ?? report.os?.endOfSupport ?? null,
  };
}

/**
 * A package that lies in several folders or layers has each of its vulnerabilities once, with all its paths: as the
 * counts beside it have it, and the rows that are searched.
 */
function onceEach(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.id}\0${finding.package.purl}`;
    const known = merged.get(key);
    if (!known) {
      merged.set(key, finding);
      continue;
    }
    const [worst, lowest] = [finding.severity > known.severity ? finding : known, finding.layer.index < known.layer.index ? finding : known];
    merged.set(key, { ...worst, layer: lowest.layer, package: { ...worst.package, paths: [...new Set([...known.package.paths, ...finding.package.paths])] } });
  }
  return [...merged.values()];
}

export function none(): SeverityCounts {
  return { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, fixable: 0, kev: 0 };
}

function count<K>(counts: Map<K, SeverityCounts>, key: K, finding: Finding): void {
  let entry = counts.get(key);
  if (!entry) counts.set(key, (entry = none()));
  entry[finding.severity]++;
  if (finding.fixedVersion !== undefined) entry.fixable++;
  if (finding.kev) entry.kev++;
}
