import type { AdvisoryLink, AdvisoryStatus, CvssScore, EpssScore, KevEntry } from './advisory.ts';
import type { BaseImage, Image, OsRelease } from './image.ts';
import type { Package, PackageType, SourcePackage } from './package.ts';
import type { PostureIssue, Secret, Warning } from './sbom.ts';

/** 5 urgent, 4 critical, 3 serious, 2 medium, 1 minimal. */
export type Severity = 1 | 2 | 3 | 4 | 5;

export const SEVERITY_NAMES: Record<Severity, string> = {
  5: 'urgent',
  4: 'critical',
  3: 'serious',
  2: 'medium',
  1: 'minimal',
};

/** One vulnerability in one installed package. */
export interface Finding {
  /** The CVE where there is one, otherwise the advisory's id. */
  id: string;
  /** Every other id of the same flaw: GHSA, DSA, GO, … sorted. */
  aliases: string[];
  /** Ids from the customer's own id map. */
  qids?: string[];
  severity: Severity;
  /** The rule that gave the severity, for people: `CVSS 9.8 (nvd), in KEV since 2022-03-25`. */
  severityReason: string;
  vendorSeverity?: string;
  /** The score the severity was taken from. */
  cvss?: CvssScore;
  /** Every base score known of the flaw, all CVSS versions, `cvss` among them. */
  scores?: CvssScore[];
  cwes: string[];
  kev?: KevEntry;
  epss?: EpssScore;
  package: FindingPackage;
  /** Smallest version that has the fix and is newer than the installed one; absent when there is none. */
  fixedVersion?: string;
  status: 'fixed' | AdvisoryStatus;
  /** Why it is reported. */
  evidence: Evidence[];
  /** Where the package came in. */
  layer: FindingLayer;
  published?: string;
  modified?: string;
  links: AdvisoryLink[];
}

export interface FindingPackage {
  name: string;
  version: string;
  type: PackageType;
  purl: string;
  source?: SourcePackage;
  paths: string[];
  ownedBy?: string;
}

export interface Evidence {
  /** Advisory id in its feed. */
  advisory: string;
  ecosystem: string;
  /** Name the advisory uses, which may be the source package's. */
  package: string;
  /** The version that was compared (source package's where the advisory names it). */
  version: string;
  /** The matched range for people: `>= 1.1.1, < 1.1.1d-r0`. */
  range: string;
  fixedVersion?: string;
  url?: string;
}

export interface FindingLayer {
  index: number;
  diffId?: string;
  digest?: string;
  createdBy?: string;
  fromBase?: boolean;
}

/** Packages that no loaded feed could judge, and why: "not covered" is never shown as clean. */
export interface CoverageGap {
  reason: string;
  packages: number;
  ecosystem?: string;
}

/** One upgrade and what it removes. */
export interface Upgrade {
  /** Source package name for OS packages, otherwise the package name. */
  name: string;
  type: PackageType;
  /** Installed packages it touches: binary packages of one source upgrade together. */
  packages: { name: string; version: string; to: string }[];
  /** Version to reach. */
  to: string;
  /** How many findings go away, by severity 1–5. */
  removes: Record<Severity, number>;
  findings: string[];
  layer: number;
  fromBase?: boolean;
}

/** Version of the JSON document that a `ScanReport` is. docs/report-json.md says when it changes. */
export const SCAN_REPORT_SCHEMA_VERSION = '1.0.0';

/** The result of `plimsoll scan`: what `--format json` prints. */
export interface ScanReport {
  /** Semantic version of this document's schema: minor additions only within a major. */
  schemaVersion: string;
  tool: { name: 'plimsoll'; version: string };
  scannedAt: string;
  image: Image;
  os?: OsRelease;
  packages: Package[];
  findings: Finding[];
  upgrades: Upgrade[];
  secrets: Secret[];
  posture: PostureIssue[];
  base?: BaseImage;
  /** How many findings of the base image were left out, when that was asked for. */
  hiddenBaseFindings?: number;
  /** False when something could not be read; `warnings` says what. */
  complete: boolean;
  warnings: Warning[];
  coverage: CoverageGap[];
  database?: { built: string; feeds: { name: string; records: number; asOf?: string }[] };
}
