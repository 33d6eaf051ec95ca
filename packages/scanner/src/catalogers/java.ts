import type { CatalogedPackage } from '@plimsoll/model';
import type { RandomAccess } from '../formats/random-access.ts';
import { readZipDirectory, readZipEntry, ZipError, type ZipBudget, type ZipEntry } from '../formats/zip.ts';
import type { CatalogContext, Cataloger, FileCatalogue, OfferedFile } from './cataloger.ts';
import { identify, readManifest, readPomProperties, type ArchiveEvidence, type Manifest } from './java-identity.ts';
import { excerpt, toPackage } from './names.ts';

/** Bounds for one archive of the image with everything nested in it. Sizes are in bytes. */
export interface ArchiveLimits extends ZipBudget {
  /** Archives within archives; 1 is a jar in a jar. A war in an ear with fat jars needs 3. */
  depth: number;
  /** Largest nested archive to inflate. Stored ones are read in place and have no bound of their own. */
  nestedSize: number;
  /** Inflated archives held at one time. */
  heldBytes: number;
  packages: number;
}

/** Chosen to keep the worst file within seconds and below the memory bound; real archives stay far under them. */
export const ARCHIVE_LIMITS: ArchiveLimits = {
  depth: 5,
  nestedSize: 96 << 20,
  heldBytes: 128 << 20,
  inflatedBytes: 1 << 30,
  directoryBytes: 192 << 20,
  entries: 20_000,
  packages: 50_000,
};

/** All of four characters, which `isArchive` relies on. */
const EXTENSIONS = ['.jar', '.war', '.ear', '.hpi', '.jpi', '.par', '.sar', '.nar', '.kar', '.rar'];
const ARCHIVE_ENDINGS = new Set(EXTENSIONS);
/** Endings that other formats use as well: RAR archives, MIDI karaoke, Nix archives… Not a zip is no fault in these. */
const IS_SHARED_ENDING = /\.(?:par|sar|nar|kar|rar)$/i;
const MAVEN_FOLDER = 'META-INF/maven/';
const IS_MANIFEST = /^META-INF\/MANIFEST\.MF$/i;
const MAX_MANIFEST = 16 << 20;
const MAX_POM_PROPERTIES = 64 << 10;
/** Per archive of the image. */
const MAX_WARNINGS = 50;
const MAX_SHOWN_PATH = 200;

/** Java archives, also nested ones: each by its pom.properties, manifest and file name, in this order of trust. */
export const java: Cataloger = {
  name: 'java',
  selects: { extensions: EXTENSIONS },
  catalogue: (file, context) => catalogueArchive(file, ARCHIVE_LIMITS, context),
};

/** Reads one archive and those nested in it, within `limits`. */
export function catalogueArchive(file: OfferedFile, limits: ArchiveLimits, context: CatalogContext): FileCatalogue | undefined {
  if (file.content.size === 0) return undefined;
  if (IS_SHARED_ENDING.test(file.path) && file.content.read(0, 2).toString('latin1') !== 'PK') return undefined;
  const walk: Walk = { root: file.path, limits, budget: { ...limits }, held: 0, seen: new Set(), packages: [], context, full: false, warnings: 0 };
  readArchive(file.content, file.path, 0, walk);
  return { packages: walk.packages };
}

interface Walk {
  /** Path of the outermost archive. */
  root: string;
  limits: ArchiveLimits;
  budget: ZipBudget;
  /** Bytes of inflated archives on the way down to the current one. */
  held: number;
  seen: Set<string>;
  packages: CatalogedPackage[];
  context: CatalogContext;
  /** The bound on packages or entries was reached, and said so. */
  full: boolean;
  warnings: number;
}

/** @param path the chain of archives, for people: `app.war!/WEB-INF/lib/x.jar`. */
function readArchive(content: RandomAccess, path: string, depth: number, walk: Walk): void {
  const metadata: ZipEntry[] = [];
  const nested: ZipEntry[] = [];
  try {
    const directory = readZipDirectory(content, walk.budget, (name) => isMetadata(name) || isArchive(name));
    for (const entry of directory.entries) (isMetadata(entry.name) ? metadata : nested).push(entry);
    if (directory.damage !== undefined) warn('zip-corrupt', path, `${directory.damage}; packages may be missing`, walk);
  } catch (error) {
    warnOf(error, path, walk);
    return;
  }
  addPackages(readEvidence(content, metadata, path, walk), depth > 0 ? path : undefined, walk);
  if (nested.length === 0 || walk.full) return;
  if (depth >= walk.limits.depth) {
    warn('archive-too-deep', path, `archives are nested more than ${walk.limits.depth} deep; ${nested.length} inside it are not looked into`, walk);
    return;
  }
  for (const entry of nested) {
    if (walk.full) return;
    readNested(content, entry, `${path}!/${entry.name}`, depth, walk);
  }
}

function readNested(content: RandomAccess, entry: ZipEntry, path: string, depth: number, walk: Walk): void {
  const { limits } = walk;
  const stored = entry.method === 0;
  let inner: RandomAccess;
  try {
    const room = Math.min(limits.nestedSize, limits.heldBytes - walk.held);
    inner = readZipEntry(content, entry, walk.budget, stored ? content.size : room);
  } catch (error) {
    warnOf(error, path, walk);
    return;
  }
  if (inner.size === 0 || (IS_SHARED_ENDING.test(path) && inner.read(0, 2).toString('latin1') !== 'PK')) return;
  const held = stored ? 0 : inner.size;
  walk.held += held;
  readArchive(inner, path, depth + 1, walk);
  walk.held -= held;
}

interface Evidence extends ArchiveEvidence {
  licenses: string[] | undefined;
}

function readEvidence(content: RandomAccess, entries: ZipEntry[], path: string, walk: Walk): Evidence {
  let manifest: Manifest = new Map();
  const evidence: Evidence = { path, poms: [], pomFolders: [], manifest, licenses: undefined };
  for (const entry of entries) {
    if (walk.full) break;
    try {
      if (IS_MANIFEST.test(entry.name)) {
        manifest = readManifest(readZipEntry(content, entry, walk.budget, MAX_MANIFEST).all());
        continue;
      }
      const [group, artifact, file] = entry.name.slice(MAVEN_FOLDER.length).split('/', 3) as [string, string, string];
      if (file === 'pom.xml') evidence.pomFolders.push({ group, artifact });
      else {
        const pom = readPomProperties(readZipEntry(content, entry, walk.budget, MAX_POM_PROPERTIES).all());
        if (pom !== undefined) evidence.poms.push(pom);
      }
    } catch (error) {
      warnOf(error, `${path}!/${entry.name}`, walk);
    }
  }
  return { ...evidence, manifest, licenses: bundleLicenses(manifest) };
}

function addPackages(evidence: Evidence, nestedPath: string | undefined, walk: Walk): void {
  const artifacts = identify(evidence);
  for (const [i, { group, artifact, version }] of artifacts.entries()) {
    if (walk.packages.length >= walk.limits.packages) {
      walk.full = true;
      walk.context.warn('archive-too-large', `more than ${walk.limits.packages} packages in one archive; the rest is left out`);
      return;
    }
    const found = toPackage(
      {
        type: 'maven',
        name: `${group}:${artifact}`,
        version,
        purlNamespace: group,
        purlName: artifact,
        // The manifest speaks for the archive's own artifact, which comes first, not for merged ones.
        licenses: i === 0 ? evidence.licenses : undefined,
        nestedPath,
      },
      walk.context,
    );
    if (found === undefined) continue;
    const key = `${found.purl}\n${nestedPath ?? ''}`;
    if (walk.seen.has(key)) continue;
    walk.seen.add(key);
    walk.packages.push(found);
  }
}

/** Asked for every entry, most of which are classes: told by the last four characters. */
function isArchive(name: string): boolean {
  return name.charCodeAt(name.length - 4) === 0x2e && ARCHIVE_ENDINGS.has(name.slice(-4).toLowerCase());
}

function isMetadata(name: string): boolean {
  return IS_MANIFEST.test(name) || (name.startsWith(MAVEN_FOLDER) && /^META-INF\/maven\/[^/]+\/[^/]+\/pom\.(?:properties|xml)$/.test(name));
}

/** Bundle-License is a list of ids, URLs or both: `Apache-2.0;link="https://…",MIT`. */
function bundleLicenses(manifest: Manifest): string[] | undefined {
  return manifest
    .get('bundle-license')
    ?.slice(0, 2000)
    .split(',')
    .map((one) => one.split(';', 1)[0]!.trim().replace(/^"|"$/g, ''));
}

function warnOf(error: unknown, path: string, walk: Walk): void {
  if (!(error instanceof ZipError)) throw error;
  // Once the number of entries is used up every further one would say so again.
  if (walk.budget.entries <= 0) walk.full = true;
  warn(error.code, path, `${error.message}; packages in it are left out`, walk);
}

function warn(code: string, path: string, message: string, walk: Walk): void {
  walk.warnings += 1;
  if (walk.warnings > MAX_WARNINGS) return;
  walk.context.warn(code, `${placeWithin(path, walk.root)}: ${message}`);
  if (walk.warnings === MAX_WARNINGS) walk.context.warn('archive-damaged', 'further faults in this archive are not listed');
}

/** The place within the archive of the image, whose own path the warning already carries. Of a long chain the end tells most. */
function placeWithin(path: string, root: string): string {
  if (path === root) return 'the archive';
  const inner = path.slice(root.length + 2);
  return inner.length <= MAX_SHOWN_PATH ? excerpt(inner, MAX_SHOWN_PATH) : `…${excerpt(inner.slice(-MAX_SHOWN_PATH), MAX_SHOWN_PATH)}`;
}
