import type { AffectedRange } from '@plimsoll/model';
import { schemeFor, type VersionScheme } from '../versions/index.ts';

/**
 * The listed versions that the ranges do not already name. OSV says a version is affected when it is
 * listed or in a range, so nothing is lost; PyPI and Debian list every single version beside the
 * range that covers them, which is most of those feeds' bytes.
 */
export function uncoveredVersions(ecosystem: string, ranges: readonly AffectedRange[], versions: string[]): string[] {
  if (versions.length === 0 || ranges.length === 0) return versions;
  const scheme = schemeFor(ecosystem);
  if (!scheme) return versions;
  return versions.filter((version) => !ranges.some((range) => covers(scheme, range, version)));
}

/**
 * Whether a range holds the version, strictly: between an `introduced` and the next bound above it.
 * Ranges with a `limit` are left to the matcher, and count as holding nothing.
 * @see https://ossf.github.io/osv-schema/#evaluation
 */
function covers(scheme: VersionScheme, range: AffectedRange, version: string): boolean {
  let affected = false;
  let newest: string | undefined;
  // The state is what the highest event at or below the version says, whatever the events' order.
  for (const event of range.events) {
    const at = event.introduced ?? event.fixed ?? event.lastAffected;
    if (at === undefined) return false;
    const order = event.introduced === '0' ? 1 : scheme.compare(version, at);
    const reached = event.lastAffected === undefined ? order >= 0 : order > 0;
    if (!reached) continue;
    const later = newest === undefined || newest === '0' || (at !== '0' && scheme.compare(at, newest) >= 0);
    if (!later) continue;
    newest = at;
    affected = event.introduced !== undefined;
  }
  return affected;
}
