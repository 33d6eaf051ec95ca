import type { CatalogedPackage, SourcePackage } from '@plimsoll/model';
import { mayBeEvidence, type CatalogContext } from './cataloger.ts';
import { excerpt, hasControlCharacter, MAX_NAME_LENGTH, MAX_VERSION_LENGTH } from './names.ts';
import { osPurl } from './os-purl.ts';

/** Linux's PATH_MAX. */
const MAX_PATH_LENGTH = 4096;

/** What a package database says of one package; anything may be in the strings. */
export interface FoundOsPackage {
  type: 'deb' | 'apk' | 'rpm';
  name: string;
  version: string;
  arch?: string | undefined;
  source?: SourcePackage | undefined;
  license?: string | undefined;
  vendor?: string | undefined;
  modularity?: string | undefined;
}

/** Makes the catalogue entry, with a purl that does not know the distribution yet. Text that is no name or version is refused with a warning. */
export function toOsPackage(found: FoundOsPackage, context: CatalogContext): CatalogedPackage | undefined {
  if (!isFit(found.name, MAX_NAME_LENGTH) || !isFit(found.version, MAX_VERSION_LENGTH)) {
    context.warn(
      'name-invalid',
      `the package ${excerpt(found.name)} with version ${excerpt(found.version)} is left out: such a name or version is too long or has control characters`,
    );
    return undefined;
  }
  const pkg: CatalogedPackage = { name: found.name, version: found.version, type: found.type, purl: '' };
  if (isFit(found.arch, 64)) pkg.arch = found.arch;
  const { source } = found;
  if (source && isFit(source.name, MAX_NAME_LENGTH) && isFit(source.version, MAX_VERSION_LENGTH)) pkg.source = source;
  if (isFit(found.license, 1024)) pkg.licenses = [found.license];
  if (isFit(found.vendor, 256)) pkg.vendor = found.vendor;
  if (isFit(found.modularity, 256)) pkg.modularity = found.modularity;
  pkg.purl = osPurl(pkg, undefined);
  return pkg;
}

/**
 * The path of a file that an OS package installed, when some cataloguer may take it as evidence.
 * @param folder without leading slash and with its trailing one; empty for the root
 */
export function evidencePath(folder: string, name: string): string | undefined {
  // Measured before they are joined: a database can name one long folder for a million files.
  if (folder.length + name.length > MAX_PATH_LENGTH) return undefined;
  const path = folder + name;
  return mayBeEvidence(path) ? path : undefined;
}

/** Text of 1 to `limit` UTF-16 units without control characters. */
function isFit(text: string | undefined, limit: number): text is string {
  return text !== undefined && text !== '' && text.length <= limit && !hasControlCharacter(text);
}
