import { apk } from './apk.ts';
import { bitnami } from './bitnami.ts';
import { composer } from './composer.ts';
import { dpkg } from './dpkg.ts';
import { go } from './go.ts';
import { maven } from './maven.ts';
import { nuget } from './nuget.ts';
import { numeric } from './numeric.ts';
import { pep440 } from './pep440.ts';
import { rpm } from './rpm.ts';
import { rubygems } from './rubygems.ts';
import type { VersionScheme } from './scheme.ts';
import { semver } from './semver.ts';

export type { VersionScheme } from './scheme.ts';

export const SCHEMES: readonly VersionScheme[] = [
  dpkg,
  rpm,
  apk,
  semver,
  pep440,
  maven,
  rubygems,
  go,
  nuget,
  composer,
  bitnami,
  numeric,
];

const BY_ECOSYSTEM = new Map(SCHEMES.flatMap((scheme) => scheme.ecosystems.map((name) => [name, scheme] as const)));

/** The scheme of an OSV ecosystem; its release (`Debian:12`, `Ubuntu:22.04:LTS`) does not matter. */
export function schemeFor(ecosystem: string): VersionScheme | undefined {
  const colon = ecosystem.indexOf(':');
  return BY_ECOSYSTEM.get(colon < 0 ? ecosystem : ecosystem.slice(0, colon));
}
