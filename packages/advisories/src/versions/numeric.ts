import { compareDigits, compareText, remembered } from './digits.ts';
import type { VersionScheme } from './scheme.ts';
import { isNumeric } from './semver.ts';

/**
 * Lists of numbers with any separators: CRAN (`1.2-3`), Hackage, Bioconductor. Letters, which these
 * registries do not allow, are compared as pre-release words.
 */
export const numeric: VersionScheme = {
  name: 'numeric',
  ecosystems: ['CRAN', 'Hackage', 'GHC', 'Bioconductor'],
  compare: (a, b) => (a === b ? 0 : compareNumeric(parseNumeric(a), parseNumeric(b))),
};

const parseNumeric = remembered((version: string) => version.split(/[^0-9A-Za-z]+/).filter((part) => part !== ''));

/** A missing part sorts first (R's `numeric_version`: 1.2 < 1.2.0); words sort before numbers. */
function compareNumeric(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    const xWord = !isNumeric(x);
    const yWord = !isNumeric(y);
    if (xWord !== yWord) return xWord ? -1 : 1;
    const difference = xWord ? compareText(x, y) : compareDigits(x, y);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
