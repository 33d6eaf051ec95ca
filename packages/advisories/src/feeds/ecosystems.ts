/**
 * The OSV ecosystems that are fetched unless others are asked for: the distributions and languages
 * whose packages Plimsoll catalogues.
 * @see https://osv-vulnerabilities.storage.googleapis.com/ecosystems.txt
 */
export const DEFAULT_ECOSYSTEMS: readonly string[] = [
  'AlmaLinux',
  'Alpaquita',
  'Alpine',
  'Azure Linux',
  'BellSoft Hardened Containers',
  'Bitnami',
  'Chainguard',
  'Debian',
  'Echo',
  'Go',
  'Mageia',
  'Maven',
  'MinimOS',
  'NuGet',
  'Packagist',
  'PyPI',
  'Red Hat',
  'Rocky Linux',
  'RubyGems',
  'SUSE',
  'Ubuntu',
  'Wolfi',
  'crates.io',
  'npm',
  'openEuler',
  'openSUSE',
];
