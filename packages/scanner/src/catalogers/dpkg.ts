import type { CatalogedPackage, SourcePackage } from '@plimsoll/model';
import type { CatalogContext, Cataloger, FileCatalogue, OfferedFile } from './cataloger.ts';
import { evidencePath, toOsPackage } from './os-package.ts';

const STATUS = 'var/lib/dpkg/status';
const STATUS_FOLDER = 'var/lib/dpkg/status.d';
const INFO_FOLDER = 'var/lib/dpkg/info';
/** Debian has some 65,000 packages; a status file with more stanzas is no installation. */
const MAX_PACKAGES = 100_000;

/**
 * Debian's package database: `status` (deb822 stanzas, dpkg's lib/dpkg/dump.c), the one-stanza files
 * of distroless images in `status.d`, and the file lists that say which files a package brought.
 * @see https://manpages.debian.org/dpkg-query.1
 */
export const dpkg: Cataloger = {
  name: 'dpkg',
  selects: { paths: [STATUS], under: [STATUS_FOLDER, INFO_FOLDER] },
  accepts: (path) => !path.startsWith(`${INFO_FOLDER}/`) || path.endsWith('.list'),
  // The status file of a system with every Debian package installed has about 100 MB.
  maxSize: 128 << 20,
  catalogue(file, context) {
    if (file.path.endsWith('.list')) return ownership(file, INFO_FOLDER, '.list', 0);
    // An md5sum line: 32 hex digits, two spaces, the path.
    if (file.path.endsWith('.md5sums')) return ownership(file, STATUS_FOLDER, '.md5sums', 34);
    return packages(file, context);
  },
};

interface Stanza {
  name: string;
  version: string;
  arch: string;
  source: string;
  status: string;
  maintainer: string;
  lines: number;
}

function emptyStanza(): Stanza {
  return { name: '', version: '', arch: '', source: '', status: '', maintainer: '', lines: 0 };
}

function packages(file: OfferedFile, context: CatalogContext): FileCatalogue {
  const text = file.content.all().toString('utf8');
  const found: CatalogedPackage[] = [];
  let broken = 0;
  let stanza = emptyStanza();
  const finish = () => {
    if (stanza.lines > 0 && isOnDisk(stanza.status)) {
      if (stanza.name === '' || stanza.version === '') {
        broken++;
      } else {
        const { name, version, arch, maintainer } = stanza;
        const pkg = toOsPackage({ type: 'deb', name, version, arch, source: sourceOf(stanza), vendor: maintainer }, context);
        if (pkg) found.push(pkg);
      }
    }
    stanza = emptyStanza();
  };
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    if (end > start) {
      takeLine(text, start, end, stanza);
    } else {
      finish();
      if (found.length >= MAX_PACKAGES) {
        context.warn('too-many-packages', `it lists more than ${MAX_PACKAGES} packages; the rest is left out`);
        break;
      }
    }
    start = end + 1;
  }
  finish();
  if (broken > 0) {
    context.warn(
      'dpkg-status-corrupt',
      `${broken} of its entries have no package name or no version and are left out; reinstall dpkg's database or rebuild the image`,
    );
  } else if (file.path === STATUS && !text.endsWith('\n')) {
    context.warn('dpkg-status-corrupt', 'it ends in the middle of a line, so its last packages may be missing; rebuild the image');
  }
  return { packages: found };
}

/** Takes the fields that matter; the first letter rules out most lines without a look-up. */
function takeLine(text: string, start: number, end: number, stanza: Stanza): void {
  stanza.lines++;
  switch (text.charCodeAt(start) | 0x20) {
    case 0x70: // p
    case 0x76: // v
    case 0x61: // a
    case 0x73: // s
    case 0x6d: // m
      break;
    default:
      return;
  }
  const colon = text.indexOf(':', start);
  if (colon < 0 || colon >= end || colon - start > 12) return;
  const value = () => text.slice(colon + 1, end).trim();
  switch (text.slice(start, colon).toLowerCase()) {
    case 'package':
      stanza.name = value();
      break;
    case 'version':
      stanza.version = value();
      break;
    case 'architecture':
      stanza.arch = value();
      break;
    case 'source':
      stanza.source = value();
      break;
    case 'status':
      stanza.status = value();
      break;
    case 'maintainer':
      stanza.maintainer = value();
      break;
  }
}

/**
 * `Status: want flag state`. In every state but two the package's files are on disk, if perhaps not
 * configured. Distroless stanzas have no status and stand for installed packages.
 */
function isOnDisk(status: string): boolean {
  const state = status.slice(status.lastIndexOf(' ') + 1);
  return state !== 'not-installed' && state !== 'config-files';
}

/** `Source: name (version)`; either part is left out when it equals the binary package's. */
function sourceOf(stanza: Stanza): SourcePackage {
  const { source, name, version } = stanza;
  if (source === '') return { name, version };
  const open = source.indexOf('(');
  if (open < 0) return { name: source, version };
  const close = source.indexOf(')', open);
  const own = source.slice(open + 1, close < 0 ? source.length : close).trim();
  return { name: source.slice(0, open).trim() || name, version: own || version };
}

/** Reads a list of files: one path a line, after `skip` characters, with or without `/` or `./` in front. */
function ownership(file: OfferedFile, folder: string, ending: string, skip: number): FileCatalogue | undefined {
  const base = file.path.slice(folder.length + 1, -ending.length);
  // Multi-arch packages have their architecture in the file's name: `libc6:amd64.list`.
  const colon = base.indexOf(':');
  const name = colon < 0 ? base : base.slice(0, colon);
  if (name === '' || name.includes('/')) return undefined;
  const text = file.content.all().toString('utf8');
  const paths: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    let from = start + skip;
    if (text.startsWith('./', from)) from += 2;
    else if (text.charCodeAt(from) === 0x2f) from++;
    if (from < end) {
      const path = evidencePath('', text.slice(from, end));
      // dpkg lists folders as well, each before what is in it.
      if (path !== undefined && !text.startsWith(`${path}/`, end + 1 + (from - start))) paths.push(path);
    }
    start = end + 1;
  }
  return paths.length === 0 ? undefined : { packages: [], owns: [{ package: name, paths }] };
}
