import type { AffectedRange } from '@plimsoll/model';
import { isAffected } from '../matching/range.ts';
import { schemeFor } from '../versions/index.ts';

/**
 * The listed versions that the ranges do not already name. OSV says a version is affected when it is
 * listed or in a range, so nothing is lost; PyPI and Debian list every single version beside the
 * range that covers them, which is most of those feeds' bytes.
 */
export function uncoveredVersions(ecosystem: string, ranges: readonly AffectedRange[], versions: string[]): string[] {
  const scheme = schemeFor(ecosystem);
  if (!scheme || ranges.length === 0) return versions;
  return versions.filter((version) => !isAffected({ ranges, versions: [] }, version, scheme));
}
