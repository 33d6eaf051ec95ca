import { formatPurl, type CatalogedPackage } from '@plimsoll/model';

/** What Go calls a version that it does not know: the program was built in its own source tree. */
export const UNKNOWN_VERSION = '(devel)';

/**
 * The package of a Go module. Call it with what `isModulePath` and `isModuleVersion` accept.
 *
 * @param commit stands in the package URL where the version is unknown, as the purl type golang has it
 */
export function goPackage(path: string, version: string, commit?: string): CatalogedPackage {
  const slash = path.lastIndexOf('/');
  return {
    name: path,
    version,
    type: 'golang',
    purl: formatPurl({
      type: 'golang',
      namespace: slash > 0 ? path.slice(0, slash) : undefined,
      name: path.slice(slash + 1),
      version: version === UNKNOWN_VERSION ? commit : version,
    }),
  };
}

/** @see https://go.dev/ref/mod#go-mod-file-ident */
export function isModulePath(path: string): boolean {
  return path.length <= 1024 && /^[\w.~!+-]+(?:\/[\w.~!+-]+)*$/.test(path) && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(path);
}

const NUMBER = '(?:0|[1-9]\\d{0,17})';
const PRERELEASE = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)';
const MODULE_VERSION = new RegExp(
  `^v${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PRERELEASE}(?:\\.${PRERELEASE})*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);

/**
 * True for `(devel)` and for a semantic version with a leading `v`.
 * @see https://go.dev/ref/mod#versions
 */
export function isModuleVersion(version: string): boolean {
  return version === UNKNOWN_VERSION || (version.length <= 256 && MODULE_VERSION.test(version));
}

/**
 * The semantic version of a Go release, as Go's vulnerability database counts: `go1.22.3` is `v1.22.3`,
 * `go1.21` is `v1.21.0`, `go1.22rc1` is `v1.22.0-rc.1`. Suffixes of vendors' builds and experiments are
 * dropped (`go1.19.4b7`, `go1.21.0 X:boringcrypto`). Undefined for a toolchain between releases.
 */
export function semverOfGo(goVersion: string): string | undefined {
  const m = /^go([1-9]\d{0,3}\.\d{1,4})(?:\.(\d{1,4}))?(?:(alpha|beta|rc)(\d{1,3}))?(?![\d.])/.exec(goVersion);
  if (!m) return undefined;
  const version = `v${m[1]}.${m[2] ?? '0'}${m[3] ? `-${m[3]}.${m[4]}` : ''}`;
  return isModuleVersion(version) ? version : undefined;
}
