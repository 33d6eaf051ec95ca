import type { UpgradeView } from '@plimsoll/model/api';
import { quoted } from '@plimsoll/query/syntax';
import { upgradeKey } from './findings.ts';

export { quoteValue } from '@plimsoll/query/syntax';

/** A value that has to be matched whole, as a query has it. */
export function exactly(value: string): string {
  return quoted(value, '`');
}

/** Links to the findings that an upgrade removes, among those that `vulnerabilities` shows: a path with a query already. */
export function upgradeLink(vulnerabilities: string): (upgrade: UpgradeView) => string {
  return (upgrade) => `${vulnerabilities}&upgrade=${encodeURIComponent(upgradeKey(upgrade))}`;
}
