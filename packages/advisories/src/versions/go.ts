import { remembered } from './digits.ts';
import type { VersionScheme } from './scheme.ts';
import { compareSemver, parseSemver, type SemverLike } from './semver.ts';

/**
 * Go module versions: semver with a leading `v`; pseudo-versions are pre-releases and
 * `+incompatible` is build metadata, so both fall out of the rules. The standard library and the
 * toolchain also come as Go names its releases: `go1.22rc1`, which is `1.22.0-rc.1`.
 * @see https://go.dev/ref/mod#versions and https://go.dev/doc/toolchain#version
 */
export const go: VersionScheme = {
  name: 'go',
  ecosystems: ['Go'],
  compare: (a, b) => (a === b ? 0 : compareSemver(parseGo(a), parseGo(b))),
};

const parseGo = remembered((version: string): SemverLike => {
  // `go1.22.3 X:boringcrypto` names experiments after a space.
  const text = version.trim().replace(/ .*$/, '').replace(/^go(?=\d)/, '');
  const parsed = parseSemver(text);
  const release = /^(alpha|beta|rc)(\d+)$/.exec(parsed.prerelease[0] ?? '');
  return release && parsed.prerelease.length === 1
    ? { numbers: parsed.numbers, prerelease: [release[1]!, release[2]!] }
    : parsed;
});
