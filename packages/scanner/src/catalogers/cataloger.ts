import type { CatalogedPackage } from '@plimsoll/model';
import type { RandomAccess } from '../formats/random-access.ts';

/**
 * Which files a cataloguer wants to see. A file is offered when any of the lists matches.
 * They are lists, not a function, so that one look-up per file serves all cataloguers.
 */
export interface Selector {
  /** Exact paths, without leading slash: `lib/apk/db/installed`. */
  paths?: readonly string[];
  /** Last path component: `METADATA`. */
  basenames?: readonly string[];
  /** Last path component's ending, dot included, lower case: `.jar`. Matched without regard to case. */
  extensions?: readonly string[];
  /** Any file below these folders, without leading or trailing slash: `var/lib/dpkg/status.d`. */
  under?: readonly string[];
  /** Any ELF file, recognised by its first bytes. */
  elf?: boolean;
}

/** A file offered to a cataloguer. Everything in it is hostile: bounded loops, checked offsets. */
export interface OfferedFile {
  /** Path in the image, without leading slash. */
  path: string;
  mode: number;
  content: RandomAccess;
}

/** What one file told. */
export interface FileCatalogue {
  packages: CatalogedPackage[];
  /**
   * Files that OS packages of this database installed. Only those that some cataloguer may take as
   * evidence (see `mayBeEvidence`) need to be listed, so that the record stays small.
   */
  owns?: OwnedFiles[];
}

export interface OwnedFiles {
  /** Name of the installed OS package. */
  package: string;
  /** Paths without leading slash. */
  paths: string[];
}

export interface CatalogContext {
  /** Reports that the file or a part of it could not be read; the rest of the result is kept. */
  warn(code: string, message: string): void;
}

/** Finds installed packages in files. One cataloguer is one file in this folder, listed in `index.ts`. */
export interface Cataloger {
  /** Stable name, shown as evidence: `dpkg`, `go-binary`. */
  name: string;
  selects: Selector;
  /** A finer test on the path, after `selects` matched. */
  accepts?(path: string): boolean;
  /**
   * Largest file in bytes to look into; a larger one gives the warning `file-too-large`.
   * Default 512 MiB: content above 64 MiB is read from a temporary file, not from memory.
   */
  maxSize?: number;
  /**
   * Reads one file. Synchronous, since content is at hand and files come by the ten thousand.
   * Must not throw on bad input: warn and return what was read.
   */
  catalogue(file: OfferedFile, context: CatalogContext): FileCatalogue | undefined;
}

/**
 * True for a path that a cataloguer other than the OS package databases may take as evidence:
 * language metadata, archives, programs and shared libraries.
 */
export function mayBeEvidence(path: string): boolean {
  const slash = path.lastIndexOf('/');
  const base = slash < 0 ? path : path.slice(slash + 1);
  switch (base) {
    case 'METADATA':
    case 'PKG-INFO':
    case 'package.json':
    case 'installed.json':
    case 'VERSION':
    case 'rabbit.app':
    case 'version.php':
    case 'Drupal.php':
    case 'release':
      return true;
  }
  if (/\.(?:egg|egg-info|gemspec|[jwepsnkr]ar|[hj]pi|zip|deps\.json|so(?:\.[0-9a-z.]+)?)$/i.test(base)) return true;
  const dir = slash < 0 ? '' : path.slice(0, slash);
  return /(?:^|\/)(?:s?bin|libexec)$/.test(dir) || (/^(?:opt|usr\/lib|usr\/local)\//.test(dir) && !base.includes('.'));
}
