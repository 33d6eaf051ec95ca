import type { OsRelease, PackageType, PurlParts } from '@plimsoll/model';
import { parseOsRelease } from '../../os-release.ts';

/** An operating system in the words of a document. */
export interface DistroWords {
  id: string;
  versionId?: string | undefined;
  prettyName?: string | undefined;
  codename?: string | undefined;
  idLike?: string[];
}

/** Names that other tools and purl namespaces use for what os-release's `ID` calls otherwise. */
const ALIASES = new Map([
  ['redhat', 'rhel'],
  ['red hat enterprise linux', 'rhel'],
  ['amazon', 'amzn'],
  ['amazonlinux', 'amzn'],
  ['oracle', 'ol'],
  ['oraclelinux', 'ol'],
  ['alma', 'almalinux'],
  ['rockylinux', 'rocky'],
  ['cbl-mariner', 'mariner'],
  ['suse', 'sles'],
  ['suse linux enterprise server', 'sles'],
  ['opensuse.leap', 'opensuse-leap'],
  ['opensuse.tumbleweed', 'opensuse-tumbleweed'],
]);

/**
 * The release as if its os-release had said the words, so that ecosystem and support dates come from
 * one place. Undefined when the id is no such word.
 */
export function osFromWords(words: DistroWords): OsRelease | undefined {
  const id = osId(words.id);
  // Trivy writes `none` for an image whose system it does not know.
  if (id === 'none' || !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(id)) return undefined;
  const lines = [`ID=${id}`];
  const version = osVersion(id, words.versionId);
  if (version !== undefined) lines.push(`VERSION_ID="${version}"`);
  const codename = /^[a-z0-9._-]{1,64}$/i.exec(words.codename ?? '')?.[0];
  if (codename !== undefined) lines.push(`VERSION_CODENAME=${codename}`);
  const idLike = (words.idLike ?? []).filter((like) => /^[a-z0-9._-]{1,64}$/.test(like)).slice(0, 16);
  if (idLike.length > 0) lines.push(`ID_LIKE="${idLike.join(' ')}"`);
  const prettyName = words.prettyName ?? (version === undefined ? id : `${id} ${version}`);
  lines.push(`PRETTY_NAME="${prettyName.replace(/[^\w .()/:+-]/g, '')}"`);
  const parsed = parseOsRelease(new Map([['etc/os-release', `${lines.join('\n')}\n`]]));
  return parsed && { ...parsed, prettyName };
}

function osId(name: string): string {
  const lower = name.trim().toLowerCase();
  return ALIASES.get(lower) ?? lower;
}

function osVersion(id: string, version: string | undefined): string | undefined {
  const text = /^[A-Za-z0-9._-]{1,64}$/.exec(version ?? '')?.[0];
  // Debian's os-release names the release alone; some tools give its point release.
  return id === 'debian' ? text?.replace(/^(\d+)\..*$/, '$1') : text;
}

/**
 * The distribution of an OS package by its purl: `distro=debian-12`, or a bare version (`3.18.4`) or
 * name with the namespace telling the rest.
 */
export function distroOf(type: PackageType, purl: PurlParts): DistroWords | undefined {
  if (type !== 'deb' && type !== 'apk' && type !== 'rpm') return undefined;
  const distro = purl.qualifiers?.['distro'];
  const namespace = purl.namespace;
  if (distro === undefined) return namespace === undefined ? undefined : { id: namespace };
  if (/^\d/.test(distro)) return namespace === undefined ? undefined : { id: namespace, versionId: distro };
  const withVersion = /^(.+?)-(\d[A-Za-z0-9._]*)$/.exec(distro);
  if (withVersion) return { id: withVersion[1]!, versionId: withVersion[2]! };
  // Releases without a number are told by codename: `debian-trixie`, where the namespace is the id.
  if (namespace !== undefined && distro.startsWith(`${namespace}-`)) {
    return { id: namespace, codename: distro.slice(namespace.length + 1) };
  }
  return { id: distro };
}
