/**
 * Package types, named as purl names them.
 * @see https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst
 */
export const PACKAGE_TYPES = [
  'deb',
  'apk',
  'rpm',
  'npm',
  'pypi',
  'gem',
  'maven',
  'golang',
  'cargo',
  'composer',
  'nuget',
  'bitnami',
  'generic',
] as const;

export type PackageType = (typeof PACKAGE_TYPES)[number];

/** Types installed by the distribution's own package manager. */
export const OS_PACKAGE_TYPES: readonly PackageType[] = ['deb', 'apk', 'rpm'];

/** OSV's ecosystems of language packages and programs; those of OS packages follow from the release. */
export const LANGUAGE_ECOSYSTEMS: Partial<Record<PackageType, string>> = {
  npm: 'npm',
  pypi: 'PyPI',
  gem: 'RubyGems',
  maven: 'Maven',
  golang: 'Go',
  cargo: 'crates.io',
  composer: 'Packagist',
  nuget: 'NuGet',
  bitnami: 'Bitnami',
  // Bitnami's feed is the one that names upstream programs with upstream versions.
  generic: 'Bitnami',
};

/** The source package a binary package was built from; distributions publish advisories for these. */
export interface SourcePackage {
  name: string;
  version: string;
}

/** A package as one file of one layer tells of it, before layers are merged. */
export interface CatalogedPackage {
  /** As the ecosystem spells it: `@scope/name` for npm, `group:artifact` for Maven, the module path for Go. */
  name: string;
  /**
   * As the ecosystem spells it. deb: `[epoch:]upstream[-revision]`; rpm: `[epoch:]version-release`
   * (the epoch only where it is not 0); golang: with its leading `v`; the standard library is `stdlib`, `v1.22.3`.
   */
  version: string;
  type: PackageType;
  /** Without distro qualifiers where the cataloguer cannot know them; the merge adds `distro=` to OS packages. */
  purl: string;
  arch?: string;
  source?: SourcePackage;
  /** SPDX ids or expressions where the metadata gives them, otherwise its words. */
  licenses?: string[];
  /** The RPM module stream label: `name:stream:version:context`. */
  modularity?: string;
  /** RPM vendor, dpkg maintainer, and the like: whose build this is. */
  vendor?: string;
  /** Further evidence paths within the same layer, beside the file the catalogue entry hangs on. */
  extraPaths?: string[];
  /** Path of the containing archive chain for packages found inside archives: `lib/app.jar!/BOOT-INF/lib/x.jar`. */
  nestedPath?: string;
}

/** A package of an image, after its layers were merged. */
export interface Package extends Omit<CatalogedPackage, 'extraPaths' | 'nestedPath'> {
  /** Name of the cataloguer that found it. */
  cataloger: string;
  /** Evidence files, without a leading slash. The first one is the one to show. */
  paths: string[];
  /** Index into `image.layers` of the layer that brought this version. */
  layer: number;
  /** Name of the OS package that installed the evidence file, when it was installed by one. */
  ownedBy?: string;
}
