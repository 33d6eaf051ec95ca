import type { PackageType, PurlParts, SourcePackage } from '@plimsoll/model';

/**
 * The name as the ecosystem spells it. The purl decides where it has a namespace of the name;
 * elsewhere the document's own spelling is kept when it is the same name (purls lower-case some).
 */
export function packageName(type: PackageType, purl: PurlParts, listed: string | undefined): string {
  const { namespace, name } = purl;
  switch (type) {
    case 'maven':
      return namespace ? `${namespace}:${name}` : name;
    case 'npm':
    case 'golang':
    case 'composer':
      return namespace ? `${namespace}/${name}` : name;
    default:
      return listed !== undefined && folded(listed) === folded(name) ? listed : name;
  }
}

function folded(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** The version as the model wants it: with the epoch that purls of rpm and deb keep apart, Go's with its `v`. */
export function packageVersion(type: PackageType, purl: PurlParts, listed: string | undefined): string {
  const version = listed || purl.version || '';
  switch (type) {
    case 'rpm':
    case 'deb': {
      if (/^0:/.test(version) && type === 'rpm') return version.slice(2);
      const epoch = purl.qualifiers?.['epoch'];
      if (/^\d+:/.test(version) || epoch === undefined || !/^[1-9]\d{0,9}$/.test(epoch)) return version;
      return `${epoch}:${version}`;
    }
    case 'golang':
      // Tools write v1.2.3, 1.2.3 and, for the standard library, go1.2.3.
      return version.replace(/^(?:go)?(?=\d)/, 'v');
    default:
      return version;
  }
}

/**
 * The source package by the `upstream` qualifier: `openssl`, `openssl@1.1.1` or, for rpm, the file
 * name of the source package, `bash-5.1.8-4.el9.src.rpm`. Without a version it is the binary's.
 */
export function sourceOf(type: PackageType, purl: PurlParts, version: string): SourcePackage | undefined {
  const upstream = purl.qualifiers?.['upstream'];
  if (!upstream || (type !== 'deb' && type !== 'rpm' && type !== 'apk')) return undefined;
  if (type === 'rpm') {
    const file = sourceOfRpmFile(upstream, version);
    if (file) return file;
  }
  const at = upstream.lastIndexOf('@');
  if (at <= 0) return { name: upstream, version };
  return { name: upstream.slice(0, at), version: upstream.slice(at + 1) || version };
}

/** Takes `name-version-release.src.rpm` apart; the epoch, which file names lack, is the binary's. */
export function sourceOfRpmFile(file: string, binaryVersion: string): SourcePackage | undefined {
  const nvr = /^(.+)\.(?:no)?src\.rpm$/.exec(file)?.[1];
  if (nvr === undefined) return undefined;
  const release = nvr.lastIndexOf('-');
  const version = release > 0 ? nvr.lastIndexOf('-', release - 1) : -1;
  if (version <= 0) return undefined;
  const epoch = /^\d+:/.exec(binaryVersion)?.[0] ?? '';
  return { name: nvr.slice(0, version), version: epoch + nvr.slice(version + 1) };
}
