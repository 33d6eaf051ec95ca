import { formatPurl, type CatalogedPackage, type PackageType } from '@plimsoll/model';
import type { CatalogContext } from './cataloger.ts';

/** Longest package name taken, in UTF-16 units. Real ones stay under 256; npm allows 214. */
export const MAX_NAME_LENGTH = 1024;
/** Longest version taken, in UTF-16 units. */
export const MAX_VERSION_LENGTH = 256;
/** Longer "licences" are licence texts. */
const MAX_LICENSE_LENGTH = 200;
const MAX_LICENSES = 32;

/** A language package as read from metadata: anything may be in the strings. */
export interface FoundPackage {
  type: PackageType;
  name: string;
  version: string;
  /** Name and namespace in the purl, where they differ from `name`. */
  purlName?: string;
  purlNamespace?: string | undefined;
  qualifiers?: Record<string, string> | undefined;
  licenses?: string[] | undefined;
  nestedPath?: string | undefined;
}

/**
 * Makes the catalogue entry. Refused, with a warning, are names over 1,024 and versions over 256
 * characters, control characters, and text that no purl can hold.
 */
export function toPackage(found: FoundPackage, context: CatalogContext): CatalogedPackage | undefined {
  const name = apart(found.name.trim());
  const version = apart(found.version.trim());
  if (name === '' || version === '') return undefined;
  if (name.length > MAX_NAME_LENGTH) {
    context.warn('name-too-long', `a package name of ${name.length} characters (${excerpt(name)}) is over ${MAX_NAME_LENGTH}; the package is left out`);
    return undefined;
  }
  if (version.length > MAX_VERSION_LENGTH) {
    context.warn('version-too-long', `the version of ${excerpt(name)} has ${version.length} characters, over ${MAX_VERSION_LENGTH}; the package is left out`);
    return undefined;
  }
  if (hasControlCharacter(name) || hasControlCharacter(version)) {
    context.warn('name-invalid', `the name or version of package ${excerpt(name)} has control characters; the package is left out`);
    return undefined;
  }
  let purl: string;
  try {
    purl = formatPurl({
      type: found.type,
      namespace: found.purlNamespace,
      name: found.purlName ?? name,
      version,
      qualifiers: found.qualifiers,
    });
  } catch {
    context.warn('name-invalid', `package ${excerpt(name)} has a name or version that no package URL can hold; the package is left out`);
    return undefined;
  }
  const pkg: CatalogedPackage = { name, version, type: found.type, purl };
  const licenses = tidyLicenses(found.licenses);
  if (licenses !== undefined) pkg.licenses = licenses;
  if (found.nestedPath !== undefined) pkg.nestedPath = found.nestedPath;
  return pkg;
}

/** The start of untrusted text, fit for a one-line message: nothing in it that a terminal would obey. */
export function excerpt(text: string, length = 60): string {
  const start = text.slice(0, length);
  const clean = JSON.stringify(start)
    .slice(1, -1)
    .replace(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return start.length < text.length ? `${clean}…` : clean;
}

/** PEP 503: runs of `-`, `_` and `.` are one `-`, and case does not matter. */
export function normalizePythonName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/** Parses JSON that should be an object or array; undefined when it is not. */
export function parseJson(bytes: Buffer): unknown {
  try {
    const text = bytes.toString('utf8');
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as unknown;
  } catch {
    return undefined;
  }
}

/** A JSON object, not null and not an array. Read own keys only: names in it are untrusted. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Control characters of both ranges, and those that turn the writing direction: they would forge a terminal's output. */
export function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) return true;
    if ((unit >= 0x202a && unit <= 0x202e) || (unit >= 0x2066 && unit <= 0x2069)) return true;
  }
  return false;
}

/** A part cut out of a text keeps the whole text in memory: a name of some letters could hold on to megabytes. */
function apart(text: string): string {
  return text.length > MAX_NAME_LENGTH ? text : Buffer.from(text, 'utf16le').toString('utf16le');
}

function tidyLicenses(words: readonly string[] | undefined): string[] | undefined {
  if (words === undefined) return undefined;
  const kept = new Set<string>();
  for (const word of words) {
    const text = word.trim();
    if (text !== '' && text.length <= MAX_LICENSE_LENGTH && !hasControlCharacter(text)) kept.add(apart(text));
    if (kept.size === MAX_LICENSES) break;
  }
  return kept.size > 0 ? [...kept] : undefined;
}
