import type { Cataloger } from './cataloger.ts';
import { isRecord, parseJson, toPackage } from './names.ts';

const FOLDER = 'node_modules';
const FILE = '/package.json';

/**
 * Installed npm packages: `node_modules/<name>/package.json` and `node_modules/@scope/name/package.json`,
 * which is also where pnpm (`.pnpm/x@1/node_modules/x`) and global installs put them. Manifests in a
 * package's inner folders only switch module formats, and lock files tell of what is not there.
 */
export const npm: Cataloger = {
  name: 'npm',
  selects: { basenames: ['package.json'] },
  accepts: isInstalledManifest,
  maxSize: 1 << 20,
  catalogue(file, context) {
    const manifest = parseJson(file.content.all());
    if (!isRecord(manifest)) {
      context.warn('npm-manifest-unreadable', 'package.json is not a JSON object; the package is left out');
      return undefined;
    }
    const { name, version } = manifest;
    if (typeof name !== 'string' || typeof version !== 'string') return undefined;
    const slash = name.startsWith('@') ? name.indexOf('/') : -1;
    const found = toPackage(
      {
        type: 'npm',
        name,
        // npm itself drops these when it installs: "v1.2.3" and "=1.2.3" are 1.2.3.
        version: version.trim().replace(/^[=v]+/, ''),
        ...(slash > 0 && { purlNamespace: name.slice(0, slash), purlName: name.slice(slash + 1) }),
        licenses: licensesOf(manifest),
      },
      context,
    );
    return found && { packages: [found] };
  },
};

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
