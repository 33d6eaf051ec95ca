import { formatPurl, type CatalogedPackage } from '@plimsoll/model';
import type { Cataloger, FileCatalogue, OfferedFile } from './cataloger.ts';
import { KNOWN_PROGRAMS } from './programs/index.ts';
import { ProgramFile, type KnownProgram } from './programs/program.ts';

const byName = new Map<string, KnownProgram[]>();
const byPattern: { pattern: RegExp; program: KnownProgram }[] = [];
for (const program of KNOWN_PROGRAMS) {
  for (const name of program.basenames) {
    if (typeof name === 'string') byName.set(name, [...(byName.get(name) ?? []), program]);
    else byPattern.push({ pattern: name, program });
  }
}
/** One test that answers for all patterns: nearly every ELF file of an image matches none. */
const anyPattern = new RegExp(byPattern.map(({ pattern }) => `(?:${pattern.source})`).join('|'));

const textNames = KNOWN_PROGRAMS.filter((p) => p.kind === 'text').flatMap((p) => p.basenames.filter((n) => typeof n === 'string'));

/** Programs that could be this file, going by its path. */
function candidates(path: string): KnownProgram[] {
  const base = path.slice(path.lastIndexOf('/') + 1);
  const found = [...(byName.get(base) ?? [])];
  if (anyPattern.test(base)) {
    for (const { pattern, program } of byPattern) {
      if (pattern.test(base) && !found.includes(program)) found.push(program);
    }
  }
  return found.filter((p) => p.accepts?.(path) ?? true);
}

/**
 * Well-known programs installed without a package manager, recognised by the file's name and a text in its
 * data that only that program has. They are of type `generic`, named as Bitnami's advisories name them.
 * A file that a package manager installed is found here too; who owns it is decided when layers are merged.
 */
export const knownPrograms: Cataloger = {
  name: 'known-programs',
  selects: { elf: true, basenames: textNames },
  accepts: (path) => candidates(path).length > 0,
  catalogue(offered: OfferedFile): FileCatalogue | undefined {
    const file = new ProgramFile(offered.path, offered.content);
    for (const program of candidates(offered.path)) {
      if ((program.kind === 'text') === file.isElf) continue;
      const version = program.version(file);
      if (version === undefined) continue;
      return { packages: program.packages?.(version, file) ?? [genericPackage(program.name, version)] };
    }
    return undefined;
  },
};

function genericPackage(name: string, version: string): CatalogedPackage {
  return { name, version, type: 'generic', purl: formatPurl({ type: 'generic', name, version }) };
}
