import type { CatalogedPackage } from '@plimsoll/model';
import { readElf } from '../formats/elf.ts';
import { readGoBuildInfo, type GoBuildInfo, type GoModule } from '../formats/go-buildinfo.ts';
import type { CatalogContext, Cataloger, FileCatalogue, OfferedFile } from './cataloger.ts';
import { versionFromLinkerFlags } from './go-ldflags.ts';
import { goPackage, isModulePath, isModuleVersion, semverOfGo, UNKNOWN_VERSION } from './go-module.ts';

/** The modules compiled into a Go program, and the standard library, from its build information. */
export const goBinary: Cataloger = {
  name: 'go-binary',
  selects: { elf: true },
  catalogue(file: OfferedFile, context: CatalogContext): FileCatalogue | undefined {
    const elf = readElf(file.content);
    const info = elf && readGoBuildInfo(elf, file.content);
    if (!info) return undefined;
    if (info === 'corrupt') {
      context.warn('go-buildinfo-corrupt', 'the Go build information cannot be read; the program\'s modules are missing from the result');
      return undefined;
    }
    const packages = packagesOf(info);
    return packages.length > 0 ? { packages } : undefined;
  },
};

function packagesOf(info: GoBuildInfo): CatalogedPackage[] {
  const packages = new Map<string, CatalogedPackage>();
  const add = (found: CatalogedPackage | undefined) => {
    if (found) packages.set(`${found.name}@${found.version}`, found);
  };
  add(mainPackage(info));
  for (const dep of info.deps) {
    const compiled = compiledModule(dep);
    if (compiled) add(goPackage(compiled.path, compiled.version));
  }
  const stdlib = semverOfGo(info.goVersion);
  if (stdlib) add(goPackage('stdlib', stdlib));
  return [...packages.values()];
}

/**
 * The module whose code was compiled. A replacement by another module is that module. A replacement by a
 * local directory keeps the name, whose API it has, but the code there may be of any version.
 */
function compiledModule(module: GoModule): { path: string; version: string } | undefined {
  const chosen = module.replace ?? module;
  const local = module.replace !== undefined && /^(?:\.{0,2}\/|\.{1,2}$|[A-Za-z]:)/.test(module.replace.path);
  const path = local ? module.path : chosen.path;
  const version = local || chosen.version === '' ? UNKNOWN_VERSION : chosen.version;
  return isModulePath(path) && isModuleVersion(version) ? { path, version } : undefined;
}

/**
 * The program's own module. Where its version is unknown, a version handed to the linker is taken. The
 * checked-out commit never becomes a version: as a pseudo-version `v0.0.0-…` it would sort below every
 * release, and each advisory of the module would match; it goes into the package URL instead, as the purl
 * type golang has it. For the same reason a `v0.0.0-…` that Go itself noted (since Go 1.24, in a clone
 * without tags) counts as unknown.
 */
function mainPackage(info: GoBuildInfo): CatalogedPackage | undefined {
  const main = compiledModule(info.main ?? { path: repositoryOf(info.path ?? ''), version: UNKNOWN_VERSION });
  if (!main) return undefined;
  if (main.version !== UNKNOWN_VERSION && !/^v0\.0\.0-/.test(main.version)) return goPackage(main.path, main.version);
  const flags = info.settings.get('-ldflags');
  const given = flags === undefined ? undefined : versionFromLinkerFlags(flags, main.path);
  if (given !== undefined) return goPackage(main.path, given);
  const revision = info.settings.get('vcs.revision') ?? /-([0-9a-f]{12})(?:\+|$)/.exec(main.version)?.[1];
  const commit = revision !== undefined && /^[0-9a-f]{7,64}$/.test(revision) ? revision : undefined;
  return goPackage(main.path, UNKNOWN_VERSION, commit);
}

/**
 * The repository of a package on a forge that has them two folders deep. Programs built outside of module
 * mode (Docker's are) name their main package, not its module. Empty where it cannot be told.
 */
function repositoryOf(packagePath: string): string {
  return /^(?:github\.com|gitlab\.com|bitbucket\.org)\/[^/]+\/[^/]+/.exec(packagePath)?.[0] ?? '';
}
