import type { Cataloger } from '../catalogers/cataloger.ts';

/** Finds the cataloguers that want a path, by one look-up each on its name, ending, full path and folder. */
export class Dispatcher {
  readonly elf: readonly Cataloger[];
  readonly #byPath = new Map<string, Cataloger[]>();
  readonly #byBase = new Map<string, Cataloger[]>();
  readonly #byExtension = new Map<string, Cataloger[]>();
  readonly #byFolder: [string, Cataloger][] = [];
  /** First path components of `#byFolder`, so that most paths are done with one look-up. */
  readonly #folderRoots = new Set<string>();

  constructor(catalogers: readonly Cataloger[]) {
    this.elf = catalogers.filter((c) => c.selects.elf);
    const add = (map: Map<string, Cataloger[]>, keys: readonly string[] | undefined, cataloger: Cataloger) => {
      for (const key of keys ?? []) map.set(key, [...(map.get(key) ?? []), cataloger]);
    };
    for (const cataloger of catalogers) {
      const { paths, basenames, extensions, under } = cataloger.selects;
      add(this.#byPath, paths, cataloger);
      add(this.#byBase, basenames, cataloger);
      add(this.#byExtension, extensions, cataloger);
      for (const folder of under ?? []) {
        this.#byFolder.push([`${folder}/`, cataloger]);
        this.#folderRoots.add(folder.split('/', 1)[0]!);
      }
    }
  }

  /** Cataloguers whose path selectors match; a cataloguer that asks for ELF files is not among them on that account. */
  select(path: string): Cataloger[] | undefined {
    const slash = path.lastIndexOf('/');
    const base = slash < 0 ? path : path.slice(slash + 1);
    let found: Cataloger[] | undefined;
    const take = (candidates: readonly Cataloger[] | undefined) => {
      if (!candidates) return;
      for (const cataloger of candidates) {
        if (found?.includes(cataloger)) continue;
        if (cataloger.accepts && !cataloger.accepts(path)) continue;
        (found ??= []).push(cataloger);
      }
    };
    take(this.#byPath.get(path));
    take(this.#byBase.get(base));
    const dot = base.lastIndexOf('.');
    if (dot >= 0) {
      take(this.#byExtension.get(base.slice(dot).toLowerCase()));
      // Endings of two parts: `.deps.json`.
      const earlier = base.lastIndexOf('.', dot - 1);
      if (earlier >= 0) take(this.#byExtension.get(base.slice(earlier).toLowerCase()));
    }
    const firstSlash = path.indexOf('/');
    if (firstSlash > 0 && this.#folderRoots.has(path.slice(0, firstSlash))) {
      for (const [folder, cataloger] of this.#byFolder) if (path.startsWith(folder)) take([cataloger]);
    }
    return found;
  }
}
