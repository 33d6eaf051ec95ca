import type { Finding, ScanReport, Severity, Upgrade } from '@plimsoll/model';
import { groupBy, unique } from '../collections.ts';

/** Findings that one upgrade removes, or of one source package that none removes. */
export interface FindingGroup {
  /** Source package for OS packages, otherwise the package. */
  name: string;
  installed: string[];
  /** Version that removes all; absent when nothing does. */
  to?: string;
  layer: number;
  fromBase: boolean | undefined;
  findings: Finding[];
}

/** Groups a report's findings by what fixes them, worst group first, worst finding first in each. */
export function findingGroups(report: ScanReport): FindingGroup[] {
  const upgrades = upgradeIndex(report.upgrades);
  const byFix = groupBy(report.findings, (finding) => upgrades(finding) ?? looseKey(finding));
  const groups = [...byFix].map(([fix, findings]): FindingGroup => {
    findings.sort(worstFirst);
    const first = findings[0]!;
    const to = typeof fix === 'string' ? first.fixedVersion : fix.to;
    return {
      name: typeof fix === 'string' ? sourceName(first) : fix.name,
      installed: unique(findings.map((f) => f.package.version)),
      ...(to === undefined ? {} : { to }),
      layer: first.layer.index,
      fromBase: first.layer.fromBase,
      findings,
    };
  });
  return groups.sort(
    (a, b) =>
      worstFirst(a.findings[0]!, b.findings[0]!, false) ||
      Number(b.to !== undefined) - Number(a.to !== undefined) ||
      b.findings.length - a.findings.length ||
      compareText(a.name, b.name),
  );
}

/** Severity, then known exploitation, then its probability, then the id. */
export function worstFirst(a: Finding, b: Finding, byId = true): number {
  return (
    b.severity - a.severity ||
    Number(b.kev !== undefined) - Number(a.kev !== undefined) ||
    (b.epss?.score ?? 0) - (a.epss?.score ?? 0) ||
    (byId ? compareText(a.id, b.id) || compareText(a.package.name, b.package.name) : 0)
  );
}

/** By code units: the same order on every machine. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function sourceName(finding: Finding): string {
  return finding.package.source?.name ?? finding.package.name;
}

/** Finds the upgrade that removes a finding; of several, the one of the finding's own layer. */
function upgradeIndex(upgrades: readonly Upgrade[]): (finding: Finding) => Upgrade | undefined {
  const byPackage = new Map<string, { upgrade: Upgrade; ids: Set<string> }[]>();
  for (const upgrade of upgrades) {
    const entry = { upgrade, ids: new Set(upgrade.findings) };
    for (const p of upgrade.packages) {
      const key = packageKey(upgrade.type, p.name, p.version);
      const entries = byPackage.get(key);
      if (entries) entries.push(entry);
      else byPackage.set(key, [entry]);
    }
  }
  return (finding) => {
    const { type, name, version } = finding.package;
    const candidates = (byPackage.get(packageKey(type, name, version)) ?? []).filter((e) => e.ids.has(finding.id));
    return (candidates.find((e) => e.upgrade.layer === finding.layer.index) ?? candidates[0])?.upgrade;
  };
}

function packageKey(type: string, name: string, version: string): string {
  return `${type}\n${name}\n${version}`;
}

function looseKey(finding: Finding): string {
  const { type, version } = finding.package;
  return JSON.stringify([type, sourceName(finding), version, finding.status, finding.fixedVersion, finding.layer.index]);
}

/** The same flaw in several packages of the group, shown as one row. */
export interface FindingRow {
  finding: Finding;
  packages: string[];
}

export function groupRows(group: FindingGroup): FindingRow[] {
  const byFlaw = groupBy(group.findings, (f) => JSON.stringify([f.id, f.package.version, f.fixedVersion, f.status]));
  return [...byFlaw.values()].map((findings) => ({
    finding: findings[0]!,
    packages: unique(findings.map((f) => f.package.name)),
  }));
}

/**
 * Severities of the flaws that an upgrade removes, each flaw once however many packages have it: the
 * report's own counts are of findings, which a source with many packages multiplies.
 */
export function removedFlaws(report: ScanReport, upgrade: Upgrade): Severity[] {
  const ids = new Set(upgrade.findings);
  const worst = new Map<string, Severity>();
  for (const { id, severity } of report.findings) {
    if (ids.has(id) && severity > (worst.get(id) ?? 0)) worst.set(id, severity);
  }
  return [...worst.values()];
}
