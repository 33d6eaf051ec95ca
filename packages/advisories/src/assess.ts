import {
  SCAN_REPORT_SCHEMA_VERSION,
  type AdvisoryDatabase,
  type Finding,
  type Sbom,
  type ScanReport,
} from '@plimsoll/model';
import type { IdMap } from './matching/id-map.ts';
import { match } from './matching/match.ts';
import { planUpgrades } from './matching/upgrades.ts';

export interface AssessOptions {
  /** The release of Plimsoll that reports. */
  version: string;
  now?: Date;
  ids?: IdMap | undefined;
}

/** Judges an SBOM by the advisories at hand: the whole answer to a scan. Pure but for reading the database. */
export function assess(sbom: Sbom, database: AdvisoryDatabase, options: AssessOptions): ScanReport {
  const now = options.now ?? new Date();
  const { findings, coverage } = match(sbom, database, { now, ...(options.ids ? { ids: options.ids } : {}) });
  return {
    schemaVersion: SCAN_REPORT_SCHEMA_VERSION,
    tool: { name: 'plimsoll', version: options.version },
    scannedAt: now.toISOString(),
    image: sbom.image,
    ...(sbom.os ? { os: sbom.os } : {}),
    packages: sbom.packages,
    findings: findings.sort(worstFirst),
    upgrades: planUpgrades(findings, sbom.packages),
    secrets: sbom.secrets,
    posture: sbom.posture,
    ...(sbom.image.base ? { base: sbom.image.base } : {}),
    complete: !sbom.warnings.some((warning) => warning.incomplete),
    warnings: sbom.warnings,
    coverage,
    database: {
      built: database.info.built,
      feeds: database.info.feeds.map(({ name, records, asOf }) => ({ name, records, ...(asOf ? { asOf } : {}) })),
    },
  };
}

/** By severity, known exploitation, EPSS, CVSS; then by name, so that the same image gives the same order. */
function worstFirst(a: Finding, b: Finding): number {
  return (
    b.severity - a.severity ||
    Number(b.kev !== undefined) - Number(a.kev !== undefined) ||
    (b.epss?.score ?? 0) - (a.epss?.score ?? 0) ||
    (b.cvss?.score ?? 0) - (a.cvss?.score ?? 0) ||
    compare(a.id, b.id) ||
    compare(a.package.name, b.package.name) ||
    compare(a.package.version, b.package.version)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
