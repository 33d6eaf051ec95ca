import type { CatalogedPackage } from '@plimsoll/model';
import { readZipDirectory, readZipEntry, ZipError, type ZipBudget } from '../formats/zip.ts';
import type { CatalogContext, Cataloger, FileCatalogue, OfferedFile } from './cataloger.ts';
import { isRecord, parseJson, toPackage } from './names.ts';

const FOLDER = 'node_modules';
const FILE = '/package.json';
const MAX_MANIFEST = 1 << 20;
/** Yarn's zero-install and shared caches, which programs run from. */
const IN_YARN_CACHE = /(?:^|\/)\.yarn\/(?:berry\/)?cache\/[^/]+\.zip$/i;

/**
 * Installed npm packages: `node_modules/<name>/package.json` and `node_modules/@scope/name/package.json`,
 * which is also where pnpm (`.pnpm/x@1/node_modules/x`) and global installs put them, and where they
 * lie in the zips of Yarn's cache. Manifests in a package's inner folders only switch module formats,
 * and lock files tell of what is not there.
 */
export const npm: Cataloger = {
  name: 'npm',
  selects: { basenames: ['package.json'], extensions: ['.zip'] },
  accepts: (path) => (path.endsWith(FILE) ? isInstalledManifest(path) : IN_YARN_CACHE.test(path)),
  catalogue(file, context) {
    if (!file.path.endsWith(FILE)) return fromYarnZip(file, context);
    if (file.content.size > MAX_MANIFEST) {
      context.warn('file-too-large', `package.json has ${file.content.size} bytes, over ${MAX_MANIFEST}; the package is left out`);
      return undefined;
    }
    const found = fromManifest(file.content.all(), context);
    return found && { packages: [found] };
  },
};

function fromManifest(bytes: Buffer, context: CatalogContext, nestedPath?: string): CatalogedPackage | undefined {
  const manifest = parseJson(bytes);
  if (!isRecord(manifest)) {
    context.warn('npm-manifest-unreadable', 'package.json is not a JSON object; the package is left out');
    return undefined;
  }
  const { name, version } = manifest;
  if (typeof name !== 'string' || typeof version !== 'string') return undefined;
  const slash = name.startsWith('@') ? name.indexOf('/') : -1;
  return toPackage(
    {
      type: 'npm',
      name,
      // npm itself drops these when it installs: "v1.2.3" and "=1.2.3" are 1.2.3.
      version: version.trim().replace(/^[=v]+/, ''),
      ...(slash > 0 && { purlNamespace: name.slice(0, slash), purlName: name.slice(slash + 1) }),
      licenses: licensesOf(manifest),
      nestedPath,
    },
    context,
  );
}

function fromYarnZip(file: OfferedFile, context: CatalogContext): FileCatalogue | undefined {
  const budget: ZipBudget = { directoryBytes: 16 << 20, inflatedBytes: 4 * MAX_MANIFEST, entries: 20 };
  const packages: CatalogedPackage[] = [];
  try {
    const directory = readZipDirectory(file.content, budget, isInstalledManifest);
    if (directory.damage !== undefined) context.warn('zip-corrupt', `${directory.damage}; packages may be missing`);
    for (const entry of directory.entries) {
      const found = fromManifest(readZipEntry(file.content, entry, budget, MAX_MANIFEST).all(), context, `${file.path}!/${entry.name}`);
      if (found) packages.push(found);
    }
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    context.warn(error.code, `the archive cannot be read: ${error.message}; packages in it are left out`);
  }
  return { packages };
}

/** Told without splitting the path: this is asked for every package.json of the image. */
function isInstalledManifest(path: string): boolean {
  if (!path.endsWith(FILE)) return false;
  const nameEnd = path.length - FILE.length;
  const nameStart = path.lastIndexOf('/', nameEnd - 1) + 1;
  // `.bin`, `.cache`, `.pnpm`: npm keeps names with a leading dot for itself.
  if (nameStart < 2 || nameStart === nameEnd || path[nameStart] === '.') return false;
  if (isModulesFolder(path, nameStart - 1)) return path[nameStart] !== '@';
  const scopeStart = path.lastIndexOf('/', nameStart - 2) + 1;
  return path[scopeStart] === '@' && scopeStart > 1 && isModulesFolder(path, scopeStart - 1);
}

/** True when the folder whose path is `path` up to `end` is called node_modules. */
function isModulesFolder(path: string, end: number): boolean {
  return path.endsWith(FOLDER, end) && (end === FOLDER.length || path[end - FOLDER.length - 1] === '/');
}

/** `license` is a string, in old manifests `{type, url}`; older ones have `licenses`, a list of these. */
function licensesOf(manifest: Record<string, unknown>): string[] | undefined {
  const declared = manifest['license'] ?? manifest['licenses'];
  const words: string[] = [];
  for (const one of Array.isArray(declared) ? declared.slice(0, 100) : [declared]) {
    const word: unknown = isRecord(one) ? (one['type'] ?? one['name']) : one;
    if (typeof word === 'string') words.push(word);
  }
  return words.length > 0 ? words : undefined;
}
