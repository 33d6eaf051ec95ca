import type { OsRelease } from '@plimsoll/model';
import { osvEcosystem, supportRelease } from './os-families.ts';
import { supportDates } from './os-support.ts';

/** Files that tell the operating system, in the order in which they are believed. */
export const OS_RELEASE_PATHS = [
  'etc/os-release',
  'usr/lib/os-release',
  'etc/alpine-release',
  'etc/oracle-release',
  'etc/almalinux-release',
  'etc/rocky-release',
  'etc/centos-release',
  'etc/fedora-release',
  'etc/redhat-release',
  'etc/system-release',
  'etc/photon-release',
  'etc/mariner-release',
  'etc/azurelinux-release',
  'etc/openEuler-release',
  'etc/mageia-release',
  'etc/SuSE-release',
  'etc/arch-release',
  'etc/lsb-release',
  'etc/debian_version',
] as const;

const MAX_VALUE_LENGTH = 256;

/** What the files say before anything is looked up. */
interface Identity {
  id: string;
  idLike: string[];
  name: string;
  version: string | undefined;
  versionId: string | undefined;
  codename: string | undefined;
  prettyName: string;
}

/**
 * What operating system an image holds. `os-release` decides where there is one; older releases are
 * recognised by the files they had before.
 * @param files texts by path in the image, for as many of `OS_RELEASE_PATHS` as exist
 * @returns undefined when none of them tells
 * @see https://www.freedesktop.org/software/systemd/man/latest/os-release.html
 */
export function parseOsRelease(files: ReadonlyMap<string, string>): OsRelease | undefined {
  const identity = fromOsRelease(files) ?? fromLegacyFiles(files);
  if (!identity) return undefined;
  if (identity.id === 'debian' && identity.versionId === undefined) completeDebian(identity, files.get('etc/debian_version'));
  const release: OsRelease = { id: identity.id, idLike: identity.idLike, prettyName: identity.prettyName };
  if (identity.versionId !== undefined) release.versionId = identity.versionId;
  if (identity.codename !== undefined) release.codename = identity.codename;
  const ecosystem = osvEcosystem(identity);
  if (ecosystem !== undefined) release.ecosystem = ecosystem;
  const key = supportRelease(identity);
  const dates = key && supportDates(key.id, key.release);
  if (dates) {
    release.endOfSupport = dates[0];
    if (dates[1] !== undefined) release.endOfExtendedSupport = dates[1];
  }
  return release;
}

function fromOsRelease(files: ReadonlyMap<string, string>): Identity | undefined {
  for (const path of ['etc/os-release', 'usr/lib/os-release']) {
    const values = parseAssignments(files.get(path) ?? '');
    const id = values.get('ID')?.toLowerCase();
    if (!id) continue;
    const name = values.get('NAME') ?? id;
    const version = values.get('VERSION');
    return {
      id,
      idLike: (values.get('ID_LIKE') ?? '').toLowerCase().split(/\s+/).filter(Boolean),
      name,
      version,
      versionId: values.get('VERSION_ID'),
      codename: values.get('VERSION_CODENAME') ?? values.get('UBUNTU_CODENAME'),
      prettyName: values.get('PRETTY_NAME') ?? (version === undefined ? name : `${name} ${version}`),
    };
  }
  return undefined;
}

/** Shell assignments, without expansion: `KEY=value`, the value bare or in single or double quotes. Empty values are left out. */
function parseAssignments(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const equals = line.indexOf('=');
    if (equals <= 0 || line.startsWith('#')) continue;
    let value = line.slice(equals + 1);
    const quote = value[0];
    if ((quote === '"' || quote === "'") && value.length >= 2 && value.endsWith(quote)) {
      value = value.slice(1, -1);
      if (quote === '"') value = value.replace(/\\(["$`\\])/g, '$1');
    }
    value = value.slice(0, MAX_VALUE_LENGTH).replace(/[\u0000-\u001f\u007f]/g, '').trim();
    if (value !== '') values.set(line.slice(0, equals), value);
  }
  return values;
}

/** Files of one line, such as `CentOS release 6.10 (Final)`, from before os-release came up in 2012. */
const ONE_LINE_FILES: readonly { path: (typeof OS_RELEASE_PATHS)[number]; id?: string; prefix?: string }[] = [
  { path: 'etc/alpine-release', id: 'alpine', prefix: 'Alpine Linux v' },
  { path: 'etc/oracle-release', id: 'ol' },
  { path: 'etc/almalinux-release', id: 'almalinux' },
  { path: 'etc/rocky-release', id: 'rocky' },
  { path: 'etc/centos-release', id: 'centos' },
  { path: 'etc/fedora-release', id: 'fedora' },
  { path: 'etc/redhat-release' },
  { path: 'etc/system-release' },
  { path: 'etc/photon-release', id: 'photon' },
  { path: 'etc/mariner-release', id: 'mariner' },
  { path: 'etc/azurelinux-release', id: 'azurelinux' },
  { path: 'etc/openEuler-release', id: 'openeuler' },
  { path: 'etc/mageia-release', id: 'mageia' },
  { path: 'etc/SuSE-release' },
];

/** Who is meant by a line that several distributions have in the same file. The first that fits counts. */
const NAMES: readonly [start: string, id: string][] = [
  ['Red Hat Enterprise Linux', 'rhel'],
  ['CentOS', 'centos'],
  ['AlmaLinux', 'almalinux'],
  ['Rocky Linux', 'rocky'],
  ['Fedora', 'fedora'],
  ['Oracle Linux', 'ol'],
  ['Amazon Linux', 'amzn'],
  ['SUSE Linux Enterprise Server', 'sles'],
  ['openSUSE', 'opensuse'],
];

function fromLegacyFiles(files: ReadonlyMap<string, string>): Identity | undefined {
  for (const { path, id: known, prefix = '' } of ONE_LINE_FILES) {
    const text = files.get(path);
    const line = text?.split('\n', 1)[0]!.trim().slice(0, MAX_VALUE_LENGTH);
    if (!text || !line) continue;
    const id = known ?? NAMES.find(([start]) => line.startsWith(start))?.[1];
    if (id === undefined) continue;
    const versionId = path === 'etc/SuSE-release' ? suseVersion(text) : /\d+(?:\.\d+)*/.exec(line)?.[0];
    return identity(id, prefix + line, versionId);
  }
  const lsb = parseAssignments(files.get('etc/lsb-release') ?? '');
  const distributor = lsb.get('DISTRIB_ID');
  if (distributor !== undefined) {
    const versionId = lsb.get('DISTRIB_RELEASE');
    const pretty = lsb.get('DISTRIB_DESCRIPTION') ?? `${distributor} ${versionId ?? ''}`.trim();
    return { ...identity(distributor.toLowerCase(), pretty, versionId), codename: lsb.get('DISTRIB_CODENAME') };
  }
  if (files.has('etc/arch-release')) return identity('arch', 'Arch Linux', undefined);
  const debian = files.get('etc/debian_version')?.trim().slice(0, MAX_VALUE_LENGTH);
  return debian ? identity('debian', `Debian GNU/Linux ${debian}`, undefined) : undefined;
}

function identity(id: string, prettyName: string, versionId: string | undefined): Identity {
  return { id, idLike: [], name: prettyName, version: undefined, versionId, codename: undefined, prettyName };
}

/** `VERSION = 11` and `PATCHLEVEL = 4` on lines of their own. */
function suseVersion(text: string): string | undefined {
  const version = /^VERSION = ([0-9.]+)$/m.exec(text)?.[1];
  const level = /^PATCHLEVEL = ([0-9]+)$/m.exec(text)?.[1];
  return version !== undefined && level !== undefined && level !== '0' ? `${version}.${level}` : version;
}

/**
 * Debian's testing and unstable have no `VERSION_ID`; both say `trixie/sid` in `debian_version`, which
 * is the release that is to come. A number there means a stable release without os-release.
 */
function completeDebian(debian: Identity, text: string | undefined): void {
  const line = text?.trim() ?? '';
  const number = /^\d+/.exec(line)?.[0];
  if (number !== undefined) debian.versionId = number;
  else debian.codename ??= /^[a-z]+/.exec(line)?.[0];
}
