import type { CatalogedPackage } from '@plimsoll/model';
import type { Cataloger } from './cataloger.ts';
import { isRecord, parseJson, toPackage } from './names.ts';

/** `dotnet/shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json`: folders name framework and version. */
const SHARED_FRAMEWORK = /(?:^|\/)shared\/([^/]+)\/(\d[^/]*)\/\1\.deps\.json$/;
/** Self-contained programs carry the runtime as this kind of library, its name prefixed. */
const RUNTIME_PACK = 'runtimepack.';
/** Kinds of files that a library of a target may bring. */
const ASSETS = ['runtime', 'runtimeTargets', 'native', 'resources'];

/**
 * .NET packages from the `*.deps.json` beside a program, and the shared frameworks of a .NET
 * installation. The program's own projects are not packages.
 * @see https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md
 */
export const nuget: Cataloger = {
  name: 'nuget',
  selects: { extensions: ['.deps.json'] },
  maxSize: 32 << 20,
  catalogue(file, context) {
    const packages: CatalogedPackage[] = [];
    const add = (name: string, version: string): void => {
      const found = toPackage({ type: 'nuget', name, version }, context);
      if (found) packages.push(found);
    };
    const framework = SHARED_FRAMEWORK.exec(file.path);
    if (framework) add(framework[1]!, framework[2]!);

    const document = parseJson(file.content.all());
    const libraries = isRecord(document) ? document['libraries'] : undefined;
    if (!isRecord(document) || !isRecord(libraries)) {
      context.warn('nuget-deps-unreadable', 'the file is not a JSON object with "libraries"; packages in it are left out');
      return { packages };
    }
    const target = runtimeTarget(document);
    for (const [key, library] of Object.entries(libraries)) {
      if (!isRecord(library)) continue;
      const slash = key.lastIndexOf('/');
      if (slash <= 0) continue;
      const name = key.slice(0, slash);
      const version = key.slice(slash + 1);
      if (library['type'] === 'runtimepack' && name.startsWith(RUNTIME_PACK)) add(name.slice(RUNTIME_PACK.length), version);
      else if (library['type'] === 'package' && bringsFiles(target, key)) add(name, version);
    }
    return { packages };
  },
};

/** The target the program runs with; undefined when the file does not say. */
function runtimeTarget(document: Record<string, unknown>): Record<string, unknown> | undefined {
  const declared = document['runtimeTarget'];
  const name = isRecord(declared) ? declared['name'] : declared;
  const targets = document['targets'];
  if (typeof name !== 'string' || !isRecord(targets) || !Object.hasOwn(targets, name)) return undefined;
  const target = targets[name];
  return isRecord(target) ? target : undefined;
}

/**
 * False for a library that the target lists without any file: the framework's newer copy replaced
 * it (System.Net.Http 4.3.0 on .NET 8), or it only names others. No code of it is there to be vulnerable.
 */
function bringsFiles(target: Record<string, unknown> | undefined, key: string): boolean {
  if (target === undefined || !Object.hasOwn(target, key)) return true;
  const library = target[key];
  return !isRecord(library) || ASSETS.some((kind) => Object.hasOwn(library, kind));
}
