import { match, planUpgrades } from '@plimsoll/advisories';
import type { AdvisoryDatabase, CoverageGap, CvssScore, Finding, Sbom, Severity } from '@plimsoll/model';
import type { SeverityCounts } from '@plimsoll/model/api';
import { plain } from '../ingest/values.ts';

/** One finding as its row has it: one for each flaw and package, however often the package is there. */
export interface JudgedFinding {
  /** Name of the vulnerability: `CVE-…`, or the advisory's id. */
  id: string;
  purl: string;
  package: string;
  severity: Severity;
  status: string;
  fixedVersion: string | null;
  layer: number;
  kev: boolean;
  /** The advisories that name it, and how they name the package. */
  evidence: { advisory: string; ecosystem: string; package: string }[];
}

/** What a row of `vulnerabilities` says, but for what it has been given before. */
export interface VulnerabilityFacts {
  name: string;
  aliases: string[];
  severity: Severity;
  cvss: number | null;
  epss: number | null;
  epssPercentile: number | null;
  kevAdded: string | null;
  ransomware: boolean;
  cwes: string[];
  published: string | null;
  modified: string | null;
}

/** An upgrade as `sboms.upgrades` keeps it. */
export interface StoredUpgrade {
  name: string;
  type: string;
  from: string[];
  to: string;
  removes: SeverityCounts;
}

export interface JudgedPackage {
  type: string;
  name: string;
  version: string;
  purl: string;
}

/** What an advisory database says of an SBOM, as it is kept. Plain data: it comes from worker threads. */
export interface Judged {
  findings: JudgedFinding[];
  vulnerabilities: VulnerabilityFacts[];
  upgrades: StoredUpgrade[];
  gaps: CoverageGap[];
  judged: number;
  packages: JudgedPackage[];
}

export function judgeSbom(sbom: Sbom, database: AdvisoryDatabase, now: Date): Judged {
  const { findings, coverage, judged } = match(sbom, database, { now });
  const vulnerabilities = new Map<string, VulnerabilityFacts>();
  const rows = new Map<string, JudgedFinding>();
  for (const finding of findings) {
    addFacts(vulnerabilities, finding, database);
    addRow(rows, finding);
  }
  const exploited = new Set(findings.filter(({ kev }) => kev).map(({ id }) => id));
  return {
    findings: [...rows.values()],
    vulnerabilities: [...vulnerabilities.values()],
    upgrades: planUpgrades(findings, sbom.packages).map(({ name, type, packages, to, removes, findings: ids }) => ({
      name: plain(name),
      type,
      from: [...new Set(packages.map(({ version }) => plain(version)))],
      to,
      removes: {
        ...removes,
        fixable: removes[1] + removes[2] + removes[3] + removes[4] + removes[5],
        kev: ids.filter((id) => exploited.has(id)).length,
      },
    })),
    gaps: coverage.map((gap) => ({ ...gap, reason: plain(gap.reason) })),
    judged,
    packages: sbom.packages.map(({ type, name, version, purl }) => ({ type, name: plain(name), version: plain(version), purl: plain(purl) })),
  };
}

function addRow(rows: Map<string, JudgedFinding>, finding: Finding): void {
  const purl = plain(finding.package.purl);
  const key = `${finding.id}\0${purl}`;
  const row = rows.get(key);
  if (row) {
    // The same package twice, in two layers or folders: one row, with the worst that is said of it.
    if (finding.severity > row.severity) row.severity = finding.severity;
    row.layer = Math.min(row.layer, finding.layer.index);
    return;
  }
  rows.set(key, {
    id: finding.id,
    purl,
    package: plain(finding.package.name),
    severity: finding.severity,
    status: finding.status,
    fixedVersion: finding.fixedVersion ?? null,
    layer: Math.min(finding.layer.index, 32_767),
    kev: finding.kev !== undefined,
    evidence: finding.evidence.map(({ advisory, ecosystem, package: named }) => ({ advisory, ecosystem, package: named })),
  });
}

function addFacts(all: Map<string, VulnerabilityFacts>, finding: Finding, database: AdvisoryDatabase): void {
  const known = all.get(finding.id);
  if (known) {
    if (finding.severity > known.severity) known.severity = finding.severity;
    known.aliases = union(known.aliases, finding.aliases);
    return;
  }
  // A CVE's own facts where there are some: so that all images give the same.
  const cve = database.cve(finding.id);
  const score = greatest(cve?.scores ?? []) ?? finding.cvss;
  all.set(finding.id, {
    name: finding.id,
    aliases: [...finding.aliases].sort(),
    severity: finding.severity,
    cvss: score?.score ?? null,
    epss: cve?.epss?.score ?? null,
    epssPercentile: cve?.epss?.percentile ?? null,
    kevAdded: cve?.kev?.dateAdded ?? null,
    ransomware: cve?.kev?.ransomware ?? false,
    cwes: [...(cve && cve.cwes.length > 0 ? cve.cwes : finding.cwes)].sort(),
    published: cve?.published ?? finding.published ?? null,
    modified: cve?.modified ?? finding.modified ?? null,
  });
}

/** The score by the newest version of CVSS, the highest where several scored by it. */
export function greatest(scores: readonly CvssScore[]): CvssScore | undefined {
  return scores.reduce<CvssScore | undefined>(
    (best, score) => (best === undefined || score.version > best.version || (score.version === best.version && score.score > best.score) ? score : best),
    undefined,
  );
}

export function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}

/** How many findings of each severity, and how many of all can be fixed or are exploited. */
export function countFindings(findings: readonly JudgedFinding[]): SeverityCounts {
  const counts: SeverityCounts = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, fixable: 0, kev: 0 };
  for (const { severity, fixedVersion, kev } of findings) {
    counts[severity as 1 | 2 | 3 | 4 | 5]++;
    if (fixedVersion !== null) counts.fixable++;
    if (kev) counts.kev++;
  }
  return counts;
}
