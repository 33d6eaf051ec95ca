import type { Cataloger, FileCatalogue } from '../catalogers/cataloger.ts';
import { CATALOGERS } from '../catalogers/index.ts';
import { OS_RELEASE_PATHS } from '../os-release.ts';
import { isPostureFact } from '../posture/posture.ts';
import { scanForSecrets, wantsSecretScan } from '../secrets/index.ts';
import type { RandomAccess } from '../formats/random-access.ts';
import { ContentCollector } from './content.ts';
import { Dispatcher } from './dispatcher.ts';
import type { LayerCatalogue, LayerFact, LayerFile, LayerSecret, LayerWarning } from './layer-catalogue.ts';
import { normalisePath, PathSet, pathHash } from './path.ts';
import type { TarEntry, TarHandler } from './tar.ts';

const MAX_CATALOGED_SIZE = 512 << 20;
const MAX_OS_FILE = 64 << 10;
const MAX_WARNINGS = 1000;
/** A layer with more entries than this is no image anyone runs; the bound keeps memory bounded. */
const MAX_ENTRIES = 20_000_000;
const MAX_FACTS = 100_000;
const MAX_SECRETS = 10_000;
/**
 * Characters of what is kept of one layer, packages (names, versions, URLs, paths) and other paths apart, so
 * that neither crowds out the other. Real layers have some 10 and 1 million at most; a hostile one could name
 * a long path in every entry.
 */
const MAX_KEPT = { packages: 64 << 20, paths: 16 << 20 } as const;
/** What a package takes beside its texts, in the same measure. */
const PACKAGE_WEIGHT = 200;

const OS_FILES = new Set<string>(OS_RELEASE_PATHS);
const dispatcher = new Dispatcher(CATALOGERS);

function isElf(head: Buffer): boolean {
  return head.length >= 4 && head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

/** What the current file is wanted for. */
interface Interest {
  catalogers: Cataloger[] | undefined;
  secrets: boolean;
  osFile: boolean;
}

function weightOf({ packages, owns = [] }: FileCatalogue): number {
  let weight = 0;
  for (const pkg of packages) weight += PACKAGE_WEIGHT + pkg.name.length + pkg.version.length + pkg.purl.length;
  for (const { paths } of owns) for (const path of paths) weight += path.length;
  return weight;
}

/**
 * Takes a layer's entries one by one and keeps what the cataloguers, the secret rules and the overlay
 * rules need. It is a `TarHandler`; a folder on disk drives it by the same calls.
 */
export class LayerAnalyser implements TarHandler {
  readonly #files = new Map<string, LayerFile[]>();
  readonly #osFiles = new Map<string, string>();
  readonly #secrets = new Map<string, LayerSecret[]>();
  readonly #facts = new Map<string, LayerFact>();
  readonly #warnings: LayerWarning[] = [];
  readonly #opaque = new Set<string>();
  #hashes = new Float64Array(4096);
  #entries = 0;
  readonly #kept = { packages: 0, paths: 0 };
  #replaced = 0;
  readonly #content = new ContentCollector();
  #path = '';
  #mode = 0;
  #size = 0;
  #interest: Interest | undefined;
  /** True until the first bytes of the file told whether it is an ELF file. */
  #sniff = false;
  /** First bytes of a file, when fewer came at once than its magic number has. */
  #head: Buffer | undefined;
  /** Hard links whose target was not kept: the content has to be read again for them. */
  readonly #unresolvedLinks = new Map<string, string>();
  readonly #searchesSecrets: boolean;

  constructor(options: { secrets?: boolean } = {}) {
    this.#searchesSecrets = options.secrets ?? true;
  }

  entry(entry: TarEntry): boolean {
    this.#entries++;
    if (this.#entries > MAX_ENTRIES) return false;
    const path = normalisePath(entry.path);
    if (path === undefined) {
      this.warn('path-outside', `the entry ${JSON.stringify(entry.path.slice(0, 200))} has a path that no runtime would unpack; it was left out`, undefined, true);
      return false;
    }
    if (path === '') return false;
    const slash = path.lastIndexOf('/');
    if (path.startsWith('.wh.', slash + 1)) return this.#whiteout(path, slash);
    if (entry.type === 'directory') {
      if (entry.pax?.get('SCHILY.xattr.trusted.overlay.opaque') === 'y' && this.#keeps('paths', path.length)) this.#opaque.add(path);
      // Told from what is no folder by the slash: a folder hides only a file of its name.
      this.#hide(`${path}/`);
      this.#forget(path);
      if (isPostureFact(entry.mode, 'dir')) this.#fact(path, entry, 'dir');
      return false;
    }
    this.#hide(path);
    this.#forget(path);
    if (entry.type === 'char' && entry.device?.major === 0 && entry.device.minor === 0) {
      // An overlay file system's own mark of a deletion, which some tools put into layers.
      return false;
    }
    if (entry.type === 'hardlink') {
      this.#hardLink(path, entry.linkPath);
      return false;
    }
    if (entry.type !== 'file') return false;
    if (isPostureFact(entry.mode, 'file')) this.#fact(path, entry, 'file');
    return this.#begin(path, entry.size, entry.mode);
  }

  /** Whether there is room to keep that many characters more; says once when there is not. */
  #keeps(what: keyof typeof MAX_KEPT, characters: number): boolean {
    if (this.#kept[what] > MAX_KEPT[what]) return false;
    this.#kept[what] += characters;
    if (this.#kept[what] <= MAX_KEPT[what]) return true;
    this.warn('layer-too-rich', `the layer has more ${what} to report than the ${MAX_KEPT[what]} characters that are kept of one; the rest is left out`, undefined, true);
    return false;
  }

  #whiteout(path: string, slash: number): boolean {
    const folder = slash < 0 ? '' : path.slice(0, slash);
    const name = path.slice(slash + 5);
    if (name === '.wh..opq') {
      if (this.#keeps('paths', folder.length)) this.#opaque.add(folder);
    } else if (!name.startsWith('.wh.') && name !== '') {
      this.#hide(folder === '' ? name : `${folder}/${name}`);
    }
    return false;
  }

  #begin(path: string, size: number, mode: number): boolean {
    this.#interest = undefined;
    this.#sniff = false;
    if (size === 0) return false;
    const catalogers = dispatcher.select(path);
    const osFile = OS_FILES.has(path);
    const secrets = this.#searchesSecrets && wantsSecretScan(path, size);
    this.#path = path;
    this.#mode = mode;
    this.#size = size;
    if (catalogers || osFile || secrets) this.#interest = { catalogers, secrets, osFile };
    this.#head = undefined;
    this.#sniff = size >= 52 && dispatcher.elf.length > 0;
    if (!this.#interest && !this.#sniff) return false;
    if (this.#interest && !this.#admits(catalogers)) this.#interest = undefined;
    if (this.#interest) this.#content.begin(size);
    return this.#interest !== undefined || this.#sniff;
  }

  /** Drops cataloguers for which the file is too large, with a warning that names it. */
  #admits(catalogers: Cataloger[] | undefined): boolean {
    const limit = Math.max(0, ...(catalogers ?? []).map((c) => c.maxSize ?? MAX_CATALOGED_SIZE), MAX_OS_FILE);
    if (this.#size <= limit || this.#interest?.secrets) return true;
    this.warn('file-too-large', `${this.#size} bytes are more than the ${limit} that are looked into`, this.#path, true);
    return false;
  }

  /** The current file is wanted only if its first bytes are an ELF file's. */
  get wantsOnlyMagic(): boolean {
    return this.#sniff && this.#interest === undefined;
  }

  data(chunk: Buffer): boolean {
    if (this.#sniff) {
      if (this.#head) chunk = Buffer.concat([this.#head, chunk]);
      if (chunk.length < 4) {
        this.#head = Buffer.from(chunk);
        return true;
      }
      this.#sniff = false;
      this.#head = undefined;
      if (isElf(chunk)) {
        const before = this.#interest;
        if (!this.#foundElf()) return false;
        if (!before) this.#content.begin(this.#size);
      }
    }
    if (!this.#interest) return false;
    this.#content.add(chunk);
    if (this.#content.length >= this.#size) {
      // Here, not in `end`: a file that came in one chunk is read in place, and the chunk is gone afterwards.
      this.#complete();
      return false;
    }
    return true;
  }

  /** Adds the cataloguers of ELF files to what the current file is wanted for. False: nobody wants it. */
  #foundElf(): boolean {
    const before = this.#interest;
    const wanted = dispatcher.elf.filter((c) => !c.accepts || c.accepts(this.#path));
    if (!before && wanted.length === 0) return false;
    const catalogers = [...new Set([...(before?.catalogers ?? []), ...wanted])];
    this.#interest = { catalogers, secrets: false, osFile: before?.osFile ?? false };
    if (before || this.#admits(catalogers)) return true;
    this.#interest = undefined;
    return false;
  }

  /**
   * Takes the current file's content where it lies, in place of `data` and `end`: only the parts that a
   * cataloguer asks for are read.
   */
  take(content: RandomAccess): void {
    if (this.#sniff) {
      this.#sniff = false;
      if (isElf(content.read(0, 4)) && !this.#foundElf()) return;
    }
    if (this.#interest) this.#look(content);
  }

  hole(length: number): boolean {
    if (this.#sniff && this.#head && this.#interest) this.#content.add(this.#head);
    this.#sniff = false;
    if (!this.#interest) return false;
    this.#content.addZeros(length);
    return true;
  }

  end(): void {
    if (this.#interest) this.#complete();
  }

  #complete(): void {
    this.#look(this.#content.content());
    this.#content.release();
  }

  #look(content: RandomAccess): void {
    const interest = this.#interest!;
    this.#interest = undefined;
    const path = this.#path;
    if (interest.osFile && content.size <= MAX_OS_FILE) this.#osFiles.set(path, content.all().toString('utf8'));
    for (const cataloger of interest.catalogers ?? []) {
      const limit = cataloger.maxSize ?? MAX_CATALOGED_SIZE;
      if (content.size > limit) {
        this.warn('file-too-large', `${content.size} bytes are more than the ${limit} that ${cataloger.name} looks into`, path, true);
        continue;
      }
      let result: FileCatalogue | undefined;
      try {
        result = cataloger.catalogue(
          { path, mode: this.#mode, content },
          { warn: (code, message) => this.warn(code, message, path, true) },
        );
      } catch (error) {
        this.warn('cataloger-failed', `${cataloger.name} could not read it: ${(error as Error).message}`, path, true);
      }
      if (!result || (result.packages.length === 0 && !result.owns?.length)) continue;
      if (!this.#keeps('packages', path.length + weightOf(result))) continue;
      const files = this.#files.get(path) ?? [];
      files.push({ path, cataloger: cataloger.name, ...result });
      this.#files.set(path, files);
    }
    if (interest.secrets && this.#secrets.size < MAX_SECRETS) {
      const found = scanForSecrets(path, content.all());
      if (found.length > 0) this.#secrets.set(path, found.map((secret) => ({ path, ...secret })));
    }
  }

  /** A hard link brings its target's content under another name. */
  #hardLink(path: string, target: string): void {
    const from = normalisePath(target);
    if (from === undefined || from === '') {
      this.warn('link-outside', `the hard link ${JSON.stringify(path)} points outside the image; it was left out`, path, true);
      return;
    }
    const kept = this.#files.get(from);
    if (kept) {
      this.#files.set(path, kept.map((file) => ({ ...file, path })));
      return;
    }
    const osText = this.#osFiles.get(from);
    if (osText !== undefined && OS_FILES.has(path)) {
      this.#osFiles.set(path, osText);
      return;
    }
    // Its name matters, but the target's did not (as in OSTree images): the content went by unread.
    // Or it is a program under another name: BusyBox's applets are links to one file, which may come first as `[`.
    const program = dispatcher.elf.some((c) => c.accepts?.(path) === true && !c.accepts(from));
    if (program || dispatcher.select(path) || OS_FILES.has(path)) {
      if (this.#keeps('paths', path.length + from.length)) this.#unresolvedLinks.set(path, from);
    }
  }

  /** Hard links to be read in a second pass: wanted path by target path. */
  get unresolvedLinks(): ReadonlyMap<string, string> {
    return this.#unresolvedLinks;
  }

  /** Second pass: reads the targets of unresolved links under the links' names. */
  linkReader(): TarHandler {
    const byTarget = new Map<string, string[]>();
    for (const [path, target] of this.#unresolvedLinks) byTarget.set(target, [...(byTarget.get(target) ?? []), path]);
    return {
      entry: (entry) => {
        if (entry.type !== 'file') return false;
        const names = byTarget.get(normalisePath(entry.path) ?? '');
        if (!names) return false;
        for (const name of names) this.#unresolvedLinks.delete(name);
        // Links to one target are one file; the first name stands for all.
        return this.#begin(names[0]!, entry.size, entry.mode);
      },
      data: (chunk) => this.data(chunk),
      hole: (length) => this.hole(length),
      end: () => this.end(),
    };
  }

  #hide(path: string): void {
    if (this.#replaced === this.#hashes.length) {
      const grown = new Float64Array(this.#hashes.length * 2);
      grown.set(this.#hashes);
      this.#hashes = grown;
    }
    this.#hashes[this.#replaced++] = pathHash(path);
  }

  /** A later entry of the same path replaces the earlier one. */
  #forget(path: string): void {
    this.#files.delete(path);
    this.#osFiles.delete(path);
    this.#secrets.delete(path);
    this.#facts.delete(path);
    this.#unresolvedLinks.delete(path);
  }

  #fact(path: string, entry: TarEntry, kind: 'file' | 'dir'): void {
    if (this.#facts.size < MAX_FACTS && this.#keeps('paths', path.length)) this.#facts.set(path, { path, mode: entry.mode, uid: entry.uid, kind });
  }

  warn(code: string, message: string, path?: string, incomplete = false): void {
    if (this.#warnings.length >= MAX_WARNINGS) return;
    this.#warnings.push({ code, message, incomplete, ...(path === undefined ? {} : { path }) });
  }

  /** @param size bytes of the uncompressed tar */
  finish(size: number, diffId?: string): LayerCatalogue {
    this.#content.release();
    if (this.#entries > MAX_ENTRIES) {
      this.warn('too-many-entries', `the layer has more than ${MAX_ENTRIES} entries; the rest was not looked at`, undefined, true);
    }
    for (const [path, target] of this.#unresolvedLinks) {
      this.warn('hard-link-unread', `it is a hard link to ${JSON.stringify(target)}, which this source cannot read again`, path, true);
    }
    return {
      ...(diffId === undefined ? {} : { diffId }),
      size,
      entries: this.#entries,
      files: [...this.#files.values()].flat(),
      osFiles: [...this.#osFiles],
      secrets: [...this.#secrets.values()].flat(),
      facts: [...this.#facts.values()],
      warnings: this.#warnings,
      opaque: [...this.#opaque],
      replaced: new PathSet(this.#hashes.slice(0, this.#replaced)),
    };
  }
}
