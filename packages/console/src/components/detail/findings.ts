import type { FindingView, UpgradeView } from '@plimsoll/model/api';
import { LEVELS } from '../../severity.ts';
import type { SeverityLevel } from '../../severity.ts';

/** Filters of a list of findings, as the URL has them: text each; empty is no filter. */
export const FINDING_FILTERS = { find: '', severity: '', fix: '', exploited: '', layer: '', from: '', upgrade: '' };
export type FindingFilters = typeof FINDING_FILTERS;

/** `5,4` → the levels; what is no level is passed over. */
export function levelsOf(text: string): Set<SeverityLevel> {
  const wanted = new Set(text.split(','));
  return new Set(LEVELS.filter((level) => wanted.has(String(level))));
}

/** The text with a level taken in or out; worst first, whatever the order of clicks. */
export function toggleLevel(text: string, level: SeverityLevel): string {
  const levels = levelsOf(text);
  if (!levels.delete(level)) levels.add(level);
  return LEVELS.filter((each) => levels.has(each)).join(',');
}

/** Names one upgrade of a list in the URL. */
export function upgradeKey(upgrade: Pick<UpgradeView, 'type' | 'name' | 'layer'>): string {
  return `${upgrade.type}/${upgrade.name}/${upgrade.layer}`;
}

/**
 * Findings that pass all filters. Each word of `find` has to be in an id, the package or a path. `upgrade` is the one that the
 * filter names, where there is such a one: it leaves what that upgrade removes.
 */
export function filterFindings(findings: readonly FindingView[], filters: FindingFilters, upgrade?: UpgradeView): FindingView[] {
  const removed = upgrade && { ids: new Set(upgrade.findings), versions: new Set(upgrade.from) };
  const words = filters.find.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const levels: ReadonlySet<number> = levelsOf(filters.severity);
  return findings.filter((finding) => {
    if (levels.size > 0 && !levels.has(finding.severity)) return false;
    if (filters.fix === 'yes' && finding.fixedVersion === null) return false;
    if (filters.fix === 'no' && finding.fixedVersion !== null) return false;
    if (filters.exploited === 'yes' && finding.kev === null) return false;
    if (filters.layer !== '' && String(finding.layer) !== filters.layer) return false;
    if (filters.from === 'base' && finding.fromBase !== true) return false;
    if (filters.from === 'own' && finding.fromBase === true) return false;
    if (removed && !(finding.type === upgrade.type && removed.ids.has(finding.id) && removed.versions.has(finding.version))) return false;
    if (words.length === 0) return true;
    const text = [finding.id, ...finding.aliases, finding.package, finding.version, finding.type, ...finding.paths].join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** What to look at first: severity, then what is exploited, then what is likely to be. */
export function byUrgency(a: FindingView, b: FindingView): number {
  return b.severity - a.severity || Number(b.kev !== null) - Number(a.kev !== null) || (b.epss ?? -1) - (a.epss ?? -1) || (b.cvss ?? -1) - (a.cvss ?? -1) || a.id.localeCompare(b.id);
}

/** Tells the findings of one list apart: the same flaw may be in several packages. */
export function findingKey(finding: Pick<FindingView, 'id' | 'purl'>): string {
  return `${finding.id} ${finding.purl}`;
}

export function countBySeverity(findings: readonly FindingView[]): Record<SeverityLevel, number> {
  const counts = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 };
  for (const { severity } of findings) if (severity in counts) counts[severity as SeverityLevel]++;
  return counts;
}

const WITHOUT_FIX = new Map([
  ['unfixed', 'no fix yet'],
  ['ignored', 'will not be fixed'],
  ['end-of-life', 'end of support'],
]);

/** What stands where a fixed version would: why there is none. */
export function withoutFix(status: string): string {
  return WITHOUT_FIX.get(status) ?? 'no fix known';
}
