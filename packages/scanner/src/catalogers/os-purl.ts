import { formatPurl, type CatalogedPackage, type OsRelease, type PackageType, type SourcePackage } from '@plimsoll/model';

/**
 * purl namespaces that differ from os-release's `ID`. The vendor names are those of the purl
 * specification's examples and of the purls in OSV records.
 */
const NAMESPACES = new Map([
  ['rhel', 'redhat'],
  ['opensuse-leap', 'opensuse'],
  ['opensuse-tumbleweed', 'opensuse'],
  ['opensuse-microos', 'opensuse'],
  ['opensuse-leap-micro', 'opensuse'],
  ['sles', 'suse'],
  ['sles_sap', 'suse'],
  ['sle-micro', 'suse'],
  ['sl-micro', 'suse'],
  ['sled', 'suse'],
]);

type PurlSubject = Pick<CatalogedPackage, 'name' | 'version' | 'type' | 'purl' | 'arch' | 'source' | 'modularity'>;

/**
 * The package URL of an OS package, with the distribution as namespace and as `distro` qualifier.
 * Without a known distribution both are left out. The rpm epoch is a qualifier, as the purl
 * specification wants it; `upstream` (`name`, or `name@version` where the version differs too) tells
 * the source package and `rpmmod` the module stream.
 */
export function osPurl(pkg: PurlSubject, os: OsRelease | undefined): string {
  let version = pkg.version;
  const qualifiers: [key: string, value: string][] = [];
  if (pkg.arch) qualifiers.push(['arch', pkg.arch]);
  if (os) {
    const release = os.versionId ?? os.codename;
    qualifiers.push(['distro', release ? `${os.id}-${release}` : os.id]);
  }
  if (pkg.type === 'rpm') {
    const colon = version.indexOf(':');
    if (colon > 0) {
      qualifiers.push(['epoch', version.slice(0, colon)]);
      version = version.slice(colon + 1);
    }
    if (pkg.modularity) qualifiers.push(['rpmmod', pkg.modularity]);
  }
  const upstream = pkg.source && upstreamOf(pkg.source, pkg.name, pkg.version);
  if (upstream) qualifiers.push(['upstream', upstream]);
  const namespace = os && (NAMESPACES.get(os.id) ?? os.id);
  return write(pkg.type, namespace, pkg.name, version, qualifiers) ?? pkg.purl;
}

function upstreamOf(source: SourcePackage, name: string, version: string): string | undefined {
  if (source.version !== version) return `${source.name}@${source.version}`;
  return source.name === name ? undefined : source.name;
}

/**
 * Canonical form. Names and versions of OS packages are nearly always plain ASCII, which is written
 * here directly: an image has hundreds of them, and the general writer takes 20 µs for each.
 * Undefined for text that no purl can hold.
 */
function write(
  type: PackageType,
  namespace: string | undefined,
  name: string,
  version: string,
  qualifiers: [string, string][],
): string | undefined {
  // purl-spec: names of these two types are lower case, those of rpm keep their case.
  if (type !== 'rpm') name = name.toLowerCase();
  let plain = isPlain(name) && isPlain(version) && (namespace === undefined || isLowerWord(namespace));
  let query = '';
  // Qualifiers were pushed in the order of their keys, which is the canonical one.
  for (const [key, value] of qualifiers) {
    if (!isPlain(value)) plain = false;
    query += `${query === '' ? '?' : '&'}${key}=${value.replace(/[+~:@]/g, escape)}`;
  }
  if (plain) {
    const scope = namespace === undefined ? '' : `${namespace}/`;
    return `pkg:${type}/${scope}${name.replace(/[+:@]/g, escape)}@${version.replace(/[+@]/g, escape)}${query}`;
  }
  try {
    return formatPurl({ type, namespace, name, version, qualifiers: Object.fromEntries(qualifiers) });
  } catch {
    return undefined;
  }
}

function isPlain(text: string): boolean {
  return /^[A-Za-z0-9._+~:@-]+$/.test(text);
}

function isLowerWord(text: string): boolean {
  return /^[a-z0-9._-]+$/.test(text);
}

function escape(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}
