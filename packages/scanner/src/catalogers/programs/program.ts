import type { CatalogedPackage } from '@plimsoll/model';
import { readElf, SHF_ALLOC, SHF_EXECINSTR, PT_LOAD, PF_X, type Elf } from '../../formats/elf.ts';
import type { RandomAccess } from '../../formats/random-access.ts';

/** A well-known program that people install without a package manager. One program is one file in this folder. */
export interface KnownProgram {
  /** The component's name in Bitnami's advisories where they have it, otherwise the project's own. */
  name: string;
  /** Last path components that the program's files have: exact names, or patterns for names with a version. */
  basenames: readonly (string | RegExp)[];
  /** `elf`: only ELF files are looked into. `text`: the file is small text. Default `elf`. */
  kind?: 'elf' | 'text';
  /** A finer test on the path, for names that other files have as well. */
  accepts?(path: string): boolean;
  /** The version; undefined when the file is something else after all. */
  version(file: ProgramFile): string | undefined;
  /** The packages to report. Default: one of type `generic` with `name` and the version. */
  packages?(version: string, file: ProgramFile): CatalogedPackage[];
}

/** Larger text files than this are not what they are taken for. */
const MAX_TEXT = 1024 * 1024;
/** Read at a time, so that a 100 MB program on disk is never in memory whole. */
const WINDOW = 4 * 1024 * 1024;
/** Windows overlap by this, so that no text is cut in two. */
const OVERLAP = 1024;
/** Data looked through in one file: the largest known program, Node.js, has 50 MB of it. */
const MAX_DATA = 128 * 1024 * 1024;
/** A marker that occurs more often than this is given up on. */
const MAX_HITS = 256;

/** A file as the recognisers see it. */
export class ProgramFile {
  readonly path: string;
  readonly basename: string;
  readonly #content: RandomAccess;
  readonly #elf: Elf | undefined;

  constructor(path: string, content: RandomAccess) {
    this.path = path;
    this.basename = path.slice(path.lastIndexOf('/') + 1);
    this.#content = content;
    this.#elf = readElf(content);
  }

  get isElf(): boolean {
    return this.#elf !== undefined;
  }

  /** The whole file as UTF-8 text; empty when it is larger than 1 MiB. */
  get text(): string {
    return this.#content.size <= MAX_TEXT ? this.#content.all().toString('utf8') : '';
  }

  /** A section's strings, such as the compilers named in `.comment`; empty when there is none. */
  sectionText(name: string): string {
    return this.#elf?.sectionBytes(name, MAX_TEXT)?.toString('latin1') ?? '';
  }

  /** True when the program's data has that text. */
  has(marker: string): boolean {
    return this.find(marker, /^/, { before: 0, after: 0 }) !== undefined;
  }

  /**
   * Looks for a literal text in the program's data and matches a pattern around it. Returns the pattern's
   * first group (or whole match) at the first place where it matches.
   *
   * The pattern sees up to `before` bytes ahead of the marker, the marker, and up to `after` bytes behind
   * it, each byte as one character.
   */
  find(marker: string, pattern: RegExp, reach: { before?: number; after?: number } = {}): string | undefined {
    for (const match of this.matches(marker, pattern, reach)) return match;
    return undefined;
  }

  /** As `find`, every match. */
  *matches(marker: string, pattern: RegExp, reach: { before?: number; after?: number } = {}): Generator<string> {
    const { before = 0, after = 64 } = reach;
    const needle = Buffer.from(marker, 'latin1');
    let hits = 0;
    for (const data of this.#windows()) {
      for (let hit = data.indexOf(needle); hit >= 0; hit = data.indexOf(needle, hit + 1)) {
        if (++hits > MAX_HITS) return;
        const from = Math.max(0, hit - before);
        const match = pattern.exec(data.toString('latin1', from, hit + needle.length + after));
        if (match) yield match[1] ?? match[0];
      }
    }
  }

  /** Data of the program that is not code, where its texts are, in overlapping pieces. */
  *#windows(): Generator<Buffer> {
    let left = MAX_DATA;
    for (const { offset, size } of this.#elf ? dataOf(this.#elf, this.#content.size) : []) {
      const end = Math.min(offset + size, this.#content.size, offset + left);
      left -= Math.max(0, end - offset);
      for (let at = offset; at < end; at += WINDOW - OVERLAP) {
        yield this.#content.read(at, Math.min(WINDOW, end - at));
        if (at + WINDOW >= end) break;
      }
    }
  }
}

interface Extent {
  offset: number;
  size: number;
}

const SHT_PROGBITS = 1;
/** Read-only data first: that is where nearly all texts are. Data behind it is looked through as well. */
const SECTIONS = ['.rodata', '.data.rel.ro', '.data'];

function dataOf(elf: Elf, fileSize: number): Extent[] {
  const sections = elf.sections.filter(
    (s) => s.type === SHT_PROGBITS && (s.flags & (SHF_ALLOC | SHF_EXECINSTR)) === SHF_ALLOC,
  );
  const named = SECTIONS.flatMap((name) => sections.filter((s) => s.name === name || (name === '.rodata' && s.name.startsWith('.rodata.'))));
  const extents: Extent[] = named.length > 0 ? named : loadedData(elf);
  return extents.length > 0 ? disjoint(extents) : [{ offset: 0, size: Math.min(fileSize, 64 * 1024 * 1024) }];
}

/** Without sections: the segments that are not code, then the others (old linkers mix code and read-only data). */
function loadedData(elf: Elf): Extent[] {
  const loaded = elf.segments.filter((s) => s.type === PT_LOAD && s.fileSize > 0);
  return [...loaded.filter((s) => !(s.flags & PF_X)), ...loaded.filter((s) => s.flags & PF_X)].map((s) => ({
    offset: s.offset,
    size: s.fileSize,
  }));
}

/** Drops extents that lie over an earlier one: a thousand headers for the same bytes cost one look. */
function disjoint(extents: readonly Extent[]): Extent[] {
  const kept: Extent[] = [];
  for (const e of extents) {
    if (kept.length >= 64) break;
    if (kept.every((k) => e.offset >= k.offset + k.size || e.offset + e.size <= k.offset)) kept.push(e);
  }
  return kept;
}
