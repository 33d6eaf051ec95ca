import { remembered } from './digits.ts';
import type { VersionScheme } from './scheme.ts';
import { compareSemver, parseSemver } from './semver.ts';

/**
 * NuGet: up to four numeric parts; labels compare without regard to case.
 * @see https://learn.microsoft.com/nuget/concepts/package-versioning
 */
export const nuget: VersionScheme = {
  name: 'nuget',
  ecosystems: ['NuGet'],
  compare: (a, b) => (a === b ? 0 : compareSemver(parseNuget(a), parseNuget(b))),
};

const parseNuget = remembered((version: string) => parseSemver(version.toLowerCase()));
