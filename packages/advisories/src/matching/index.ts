export { scoreOf, type BaseScore } from './cvss.ts';
export { parseIdMap, type IdMap } from './id-map.ts';
export { match, type MatchOptions, type MatchResult } from './match.ts';
export { matchVersion, type AffectedVersions, type RangeMatch } from './range.ts';
export { planUpgrades } from './upgrades.ts';
