import type { Finding, Package, Severity, Upgrade } from '@plimsoll/model';
import { schemeFor } from '../versions/index.ts';
import { isOsPackage } from './subject.ts';

/**
 * What one finding of a severity counts when upgrades are compared. Each step counts five times the
 * one below, so that many harmless findings do not outweigh an urgent one.
 */
const WEIGHT: Record<Severity, number> = { 5: 625, 4: 125, 3: 25, 2: 5, 1: 1 };

/**
 * The upgrades that remove findings, the one that removes most risk first. Binary packages of one
 * source upgrade together; a language package is upgraded for each version installed. The target is
 * the smallest version that removes every finding of the group that has a fix. Risk counts each flaw
 * once; `removes` counts findings, one for each binary package.
 */
export function planUpgrades(findings: readonly Finding[], packages: readonly Package[]): Upgrade[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.fixedVersion === undefined) continue;
    const key = groupKey(finding.package);
    const group = groups.get(key);
    if (group) group.push(finding);
    else groups.set(key, [finding]);
  }
  const installed = new Map<string, Package[]>();
  for (const pkg of packages) {
    const key = groupKey(pkg);
    if (!groups.has(key)) continue;
    const list = installed.get(key);
    if (list) list.push(pkg);
    else installed.set(key, [pkg]);
  }
  return [...groups]
    .map(([key, group]) => ({ upgrade: upgradeOf(group, installed.get(key) ?? []), risk: riskOf(group) }))
    .sort((a, b) => b.risk - a.risk || (a.upgrade.name < b.upgrade.name ? -1 : a.upgrade.name > b.upgrade.name ? 1 : 0))
    .map(({ upgrade }) => upgrade);
}

type Grouped = Pick<Package, 'type' | 'name' | 'version' | 'source'>;

function groupKey(pkg: Grouped): string {
  if (!isOsPackage(pkg)) return JSON.stringify([pkg.type, pkg.name, pkg.version]);
  return JSON.stringify([pkg.type, pkg.source?.name || pkg.name, pkg.source?.version || pkg.version]);
}

function riskOf(group: readonly Finding[]): number {
  return [...distinct(group).values()].reduce((sum, severity) => sum + WEIGHT[severity], 0);
}

/** Each flaw once, however many binaries of the source have it. */
function distinct(group: readonly Finding[]): Map<string, Severity> {
  const flaws = new Map<string, Severity>();
  for (const { id, severity } of group) flaws.set(id, Math.max(severity, flaws.get(id) ?? 1) as Severity);
  return flaws;
}

function upgradeOf(group: readonly Finding[], installed: readonly Package[]): Upgrade {
  const first = group[0]!;
  const { type } = first.package;
  const to = greatestFix(group);
  const flaws = distinct(group);
  const removes: Record<Severity, number> = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 };
  for (const { severity } of group) removes[severity]++;
  const touched = installed.length > 0 ? installed : group.map((finding) => finding.package);
  const packages = new Map(touched.map(({ name, version }) => [`${name}\0${version}`, { name, version, to }]));
  return {
    name: isOsPackage(first.package) ? first.package.source?.name || first.package.name : first.package.name,
    type,
    packages: [...packages.values()],
    to,
    removes,
    findings: [...flaws.keys()].sort(),
    layer: first.layer.index,
    ...(first.layer.fromBase === undefined ? {} : { fromBase: first.layer.fromBase }),
  };
}

function greatestFix(group: readonly Finding[]): string {
  return group
    .map((finding) => ({ fix: finding.fixedVersion!, ecosystem: finding.evidence[0]?.ecosystem ?? '' }))
    .reduce((a, b) => ((schemeFor(a.ecosystem)?.compare(b.fix, a.fix) ?? 0) > 0 ? b : a)).fix;
}
