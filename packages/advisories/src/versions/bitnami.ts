import { compareDigits, remembered } from './digits.ts';
import type { VersionScheme } from './scheme.ts';
import { compareSemver, isNumeric, parseSemver, type SemverLike } from './semver.ts';

/**
 * Bitnami's component versions: semver, but an all-numeric suffix is a revision of Bitnami's build
 * and follows the release, `1.24.0 < 1.24.0-1 < 1.24.0-2`.
 * @see https://github.com/bitnami/go-version
 */
export const bitnami: VersionScheme = {
  name: 'bitnami',
  ecosystems: ['Bitnami'],
  compare(a, b) {
    if (a === b) return 0;
    const x = parseBitnami(a);
    const y = parseBitnami(b);
    return compareSemver(x, y) || compareDigits(x.revision, y.revision);
  },
};

const parseBitnami = remembered((version: string): SemverLike & { revision: string } => {
  const parsed = parseSemver(version);
  const [only] = parsed.prerelease;
  return parsed.prerelease.length === 1 && isNumeric(only!)
    ? { numbers: parsed.numbers, prerelease: [], revision: only! }
    : { ...parsed, revision: '0' };
});
