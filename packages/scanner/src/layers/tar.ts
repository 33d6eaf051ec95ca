import { InputError } from '@plimsoll/model';
import { parsePax, parseSparseMap10, type SparseMap } from './tar-extensions.ts';

/**
 * A tar reader that is fed chunks and never holds more than one header and one bounded
 * extension record. Understands ustar, PAX (POSIX.1-2017 pax, "pax Interchange Format") and
 * GNU tar's long names, base-256 numbers and sparse files.
 */
export type TarEntryType = 'file' | 'hardlink' | 'symlink' | 'directory' | 'char' | 'block' | 'fifo';

export interface TarEntry {
  /** As written in the archive; the caller normalises it. */
  path: string;
  linkPath: string;
  type: TarEntryType;
  /** Bytes of content, holes of sparse files included. */
  size: number;
  /** Permission bits with setuid, setgid and sticky. */
  mode: number;
  uid: number;
  gid: number;
  /** Device numbers of `char` and `block` entries. Overlay file systems mark deletions by 0:0. */
  device?: { major: number; minor: number };
  /** Extended attributes and other PAX records that the caller may ask for. */
  pax?: ReadonlyMap<string, string>;
}

export interface TarHandler {
  /** A new entry. True: its content is wanted and comes by `data` and `hole`, then `end`. */
  entry(entry: TarEntry): boolean;
  /** Next content bytes; valid only during the call. False: no more of this entry is wanted (`end` is not called then). */
  data(chunk: Buffer): boolean;
  /** The next `length` bytes are zeros that were not stored. */
  hole(length: number): boolean;
  end(): void;
}

const BLOCK = 512;
/** Extension records (PAX headers, long names) above this are refused: real ones are a few KB. */
const MAX_EXTENSION = 1 << 20;
/** Sparse maps above this many pieces are refused. */
const MAX_SPARSE_PIECES = 1 << 16;

/** What the next bytes are. */
const State = {
  Header: 0,
  Content: 1,
  Extension: 2,
  SparseHeader: 3,
  SparseMapInData: 4,
  Padding: 5,
  Ended: 6,
} as const;
type State = (typeof State)[keyof typeof State];

/** A number field: octal text, or base-256 when the top bit of the first byte is set (GNU). NaN when it is neither. */
function numberField(block: Buffer, offset: number, length: number): number {
  const first = block[offset]!;
  if (first & 0x80) {
    let value = first === 0xff ? -1 : first & 0x7f;
    for (let i = 1; i < length; i++) value = value * 256 + block[offset + i]!;
    return value;
  }
  let i = offset;
  const end = offset + length;
  while (i < end && (block[i] === 0x20 || block[i] === 0)) i++;
  let value = 0;
  for (; i < end; i++) {
    const digit = block[i]! - 0x30;
    if (digit < 0 || digit > 7) {
      if (block[i] === 0 || block[i] === 0x20) break;
      return Number.NaN;
    }
    value = value * 8 + digit;
  }
  return value;
}

/** Bytes to text: UTF-8, with the one-byte fast path that nearly every path takes. */
function textField(block: Buffer, offset: number, length: number): string {
  let end = offset;
  let high = 0;
  const limit = offset + length;
  while (end < limit && block[end] !== 0) high |= block[end++]!;
  return high & 0x80 ? block.toString('utf8', offset, end) : block.toString('latin1', offset, end);
}

function checksumMatches(block: Buffer): boolean {
  const expected = numberField(block, 148, 8);
  let sum = 8 * 0x20;
  for (let i = 0; i < 148; i++) sum += block[i]!;
  for (let i = 156; i < BLOCK; i++) sum += block[i]!;
  if (sum === expected) return true;
  // Some historic writers summed signed bytes.
  let signed = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) signed += (block[i]! << 24) >> 24;
  return signed === expected;
}

/** A path for a message of one line: names may have a megabyte. */
function shown(path: string | undefined): string {
  return JSON.stringify((path ?? '').slice(0, 200));
}

function isZero(block: Buffer): boolean {
  for (let i = 0; i < BLOCK; i++) if (block[i] !== 0) return false;
  return true;
}

const TYPES: Partial<Record<string, TarEntryType>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
  S: 'file',
};

export class TarReader {
  readonly #handler: TarHandler;
  #state: State = State.Header;
  /** Collects a header that is split over chunks. */
  readonly #partial = Buffer.alloc(BLOCK);
  #partialLength = 0;
  /** Stored bytes still to come of the entry's content or of an extension record. */
  #remaining = 0;
  #padding = 0;
  #wanted = false;
  #extension: Buffer[] = [];
  #extensionLength = 0;
  /** Bytes of the sparse map at the start of the content at which it is looked at again. */
  #nextMapTry = 0;
  #extensionType = '';
  #longPath: string | undefined;
  #longLink: string | undefined;
  #pax: Map<string, string> | undefined;
  #globalPax: Map<string, string> | undefined;
  #entry: TarEntry | undefined;
  #sparse: SparseMap | undefined;
  #sparsePiece = 0;
  /** Position in the logical (expanded) content. */
  #logical = 0;
  #consumed = 0;

  constructor(handler: TarHandler) {
    this.#handler = handler;
  }

  /** Bytes taken in so far. */
  get position(): number {
    return this.#consumed;
  }

  /** True after the end-of-archive marker. What follows it is padding. */
  get ended(): boolean {
    return this.#state === State.Ended;
  }

  /** Takes the next bytes. Throws `InputError` with code `tar-corrupt` on what is no tar. */
  write(chunk: Buffer): void {
    let at = 0;
    const length = chunk.length;
    while (at < length) {
      switch (this.#state) {
        case State.Header:
        case State.SparseHeader: {
          let block: Buffer;
          if (this.#partialLength === 0 && length - at >= BLOCK) {
            block = chunk.subarray(at, at + BLOCK);
            at += BLOCK;
          } else {
            const take = Math.min(BLOCK - this.#partialLength, length - at);
            chunk.copy(this.#partial, this.#partialLength, at, at + take);
            this.#partialLength += take;
            at += take;
            if (this.#partialLength < BLOCK) break;
            this.#partialLength = 0;
            block = this.#partial;
          }
          if (this.#state === State.Header) this.#header(block, this.#consumed + at - BLOCK);
          else this.#sparseContinuation(block);
          break;
        }
        case State.Content: {
          const take = Math.min(this.#remaining, length - at);
          if (this.#wanted) this.#content(chunk.subarray(at, at + take));
          this.#remaining -= take;
          at += take;
          if (this.#remaining === 0) this.#endContent();
          break;
        }
        case State.SparseMapInData:
        case State.Extension: {
          const inMap = this.#state === State.SparseMapInData;
          const take = Math.min(this.#remaining, length - at, inMap ? this.#nextMapTry - this.#extensionLength : length);
          this.#extension.push(Buffer.from(chunk.subarray(at, at + take)));
          this.#extensionLength += take;
          this.#remaining -= take;
          at += take;
          if (inMap) this.#tryMapInData();
          else if (this.#remaining === 0) this.#endExtension();
          break;
        }
        case State.Padding: {
          const take = Math.min(this.#padding, length - at);
          this.#padding -= take;
          at += take;
          if (this.#padding === 0) this.#state = State.Header;
          break;
        }
        case State.Ended:
          at = length;
          break;
      }
    }
    this.#consumed += length;
  }

  /**
   * For callers that can step over content: ends the current entry's content and padding, and
   * returns how many bytes of the archive the caller must skip.
   */
  skipContent(): number {
    if (this.#state !== State.Content && this.#state !== State.Padding) return 0;
    const skipped = (this.#state === State.Content ? this.#remaining : 0) + this.#padding;
    this.#remaining = this.#padding = 0;
    this.#wanted = false;
    this.#endContent();
    this.#consumed += skipped;
    return skipped;
  }

  /** Says that no more bytes come. Throws `InputError` with code `tar-truncated` inside an entry. */
  finish(): void {
    if (this.#state === State.Ended) return;
    // An archive without end marker is common (and harmless) when it ends at an entry's border.
    if (this.#state === State.Header && this.#partialLength === 0) return;
    const within = this.#entry ? ` in the entry ${shown(this.#entry.path)}` : '';
    throw new InputError('tar-truncated', `tar ends at byte ${this.#consumed}${within}`);
  }

  #header(block: Buffer, offset: number): void {
    if (block[0] === 0 && isZero(block)) {
      this.#state = State.Ended;
      this.#entry = undefined;
      return;
    }
    if (!checksumMatches(block)) {
      throw new InputError('tar-corrupt', `no tar header at byte ${offset} (its checksum is wrong)`);
    }
    const storedSize = numberField(block, 124, 12);
    if (!Number.isSafeInteger(storedSize) || storedSize < 0) {
      throw new InputError('tar-corrupt', `tar header at byte ${offset} has an impossible size`);
    }
    const flag = String.fromCharCode(block[156]!);
    if (flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K') {
      if (storedSize > MAX_EXTENSION) {
        throw new InputError('tar-corrupt', `extended header at byte ${offset} is ${storedSize} bytes long (limit ${MAX_EXTENSION})`);
      }
      this.#extensionType = flag;
      this.#remaining = storedSize;
      this.#padding = -storedSize & (BLOCK - 1);
      this.#extension = [];
      this.#state = State.Extension;
      if (storedSize === 0) this.#endExtension();
      return;
    }
    this.#beginEntry(block, flag, storedSize, offset);
  }

  #beginEntry(block: Buffer, flag: string, headerSize: number, offset: number): void {
    const pax = this.#mergedPax();
    let path = this.#longPath ?? '';
    if (path === '') {
      path = textField(block, 0, 100);
      // The ustar prefix field; old GNU headers keep other things there.
      if (block[257] === 0x75 && block[262] === 0 && block[345] !== 0) {
        path = `${textField(block, 345, 155)}/${path}`;
      }
    }
    let linkPath = this.#longLink ?? textField(block, 157, 100);
    let size = headerSize;
    if (pax) {
      path = pax.get('path') ?? path;
      linkPath = pax.get('linkpath') ?? linkPath;
      const paxSize = pax.get('size');
      if (paxSize !== undefined) {
        size = Number(paxSize);
        if (!Number.isSafeInteger(size) || size < 0) {
          throw new InputError('tar-corrupt', `tar entry at byte ${offset} has an impossible size`);
        }
      }
    }
    let type = TYPES[flag];
    // Directories of pre-POSIX archives end with a slash.
    if (type === 'file' && path.endsWith('/')) type = 'directory';
    // Only files have content. Some writers put the target's size into a hard link's header, with nothing stored for it.
    const stored = type === undefined || type === 'file' ? size : 0;
    const entry: TarEntry = {
      path,
      linkPath,
      type: type ?? 'file',
      size: type === 'file' ? size : 0,
      mode: numberField(block, 100, 8) & 0o7777,
      uid: numberField(block, 108, 8) || 0,
      gid: numberField(block, 116, 8) || 0,
    };
    if (type === 'char' || type === 'block') {
      entry.device = { major: numberField(block, 329, 8) || 0, minor: numberField(block, 337, 8) || 0 };
    }
    if (pax) entry.pax = pax;
    this.#entry = entry;
    this.#longPath = this.#longLink = this.#pax = undefined;
    this.#sparse = undefined;
    this.#sparsePiece = 0;
    this.#logical = 0;
    this.#remaining = stored;
    this.#padding = -stored & (BLOCK - 1);
    if (type === undefined) {
      // Vendor types (volume labels, multi-volume parts, Solaris ACLs): content is skipped.
      this.#wanted = false;
      this.#afterEntry();
      return;
    }
    if (flag === 'S') {
      this.#sparse = { pieces: [], size: numberField(block, 483, 12) };
      this.#sparsePieces(block, 386, 4);
      if (block[482] === 1) {
        this.#state = State.SparseHeader;
        return;
      }
    } else if (pax?.has('GNU.sparse.major') || pax?.has('GNU.sparse.size') || pax?.has('GNU.sparse.map')) {
      entry.path = pax.get('GNU.sparse.name') ?? entry.path;
      const real = Number(pax.get('GNU.sparse.realsize') ?? pax.get('GNU.sparse.size'));
      if (pax.get('GNU.sparse.major') === '1') {
        this.#sparse = { pieces: [], size: real };
        this.#extension = [];
        this.#extensionLength = 0;
        this.#nextMapTry = BLOCK;
        this.#state = State.SparseMapInData;
        if (this.#remaining === 0) this.#tryMapInData();
        return;
      }
      this.#sparse = { pieces: sparseMap0(pax), size: real };
    }
    this.#announce();
  }

  /** Hands the entry to the caller, once its sparse map (if any) is complete. */
  #announce(): void {
    const entry = this.#entry!;
    if (this.#sparse) {
      checkSparse(this.#sparse, this.#remaining, entry.path);
      entry.size = this.#sparse.size;
    }
    this.#wanted = this.#handler.entry(entry);
    this.#afterEntry();
  }

  #afterEntry(): void {
    if (this.#remaining > 0) {
      this.#state = State.Content;
    } else {
      this.#endContent();
    }
  }

  #sparsePieces(block: Buffer, at: number, count: number): void {
    for (let i = 0; i < count; i++, at += 24) {
      const length = numberField(block, at + 12, 12);
      if (block[at] === 0) break;
      this.#sparse!.pieces.push({ offset: numberField(block, at, 12), length });
    }
    if (this.#sparse!.pieces.length > MAX_SPARSE_PIECES) {
      throw new InputError('tar-corrupt', `sparse map of ${shown(this.#entry?.path)} has too many pieces`);
    }
  }

  #sparseContinuation(block: Buffer): void {
    this.#sparsePieces(block, 0, 21);
    if (block[504] === 1) return;
    this.#announce();
  }

  /** GNU sparse format 1.0: the map is text at the start of the content, padded to a block. */
  #tryMapInData(): void {
    // Looked at whenever it has doubled: a map that comes block by block would else be read as often as it has blocks.
    if (this.#extensionLength < this.#nextMapTry && this.#remaining > 0) return;
    this.#nextMapTry = this.#extensionLength * 2 || BLOCK;
    const head = Buffer.concat(this.#extension);
    if (head.length > MAX_EXTENSION) throw new InputError('tar-corrupt', `sparse map of ${shown(this.#entry?.path)} is too large`);
    const map = parseSparseMap10(head, MAX_SPARSE_PIECES);
    if (!map) {
      if (this.#remaining === 0) throw new InputError('tar-corrupt', `sparse map of ${shown(this.#entry?.path)} is cut off`);
      this.#extension = [head];
      return;
    }
    if (map.bytes > head.length) {
      // The map's own padding is still to come.
      this.#nextMapTry = map.bytes;
      if (this.#remaining === 0) throw new InputError('tar-corrupt', `sparse map of ${shown(this.#entry?.path)} is cut off`);
      this.#extension = [head];
      return;
    }
    this.#sparse!.pieces = map.pieces;
    this.#extension = [];
    const rest = head.subarray(map.bytes);
    this.#remaining += rest.length;
    this.#announce();
    if (rest.length > 0) {
      if (this.#wanted) this.#content(rest);
      this.#remaining -= rest.length;
      if (this.#remaining === 0) this.#endContent();
    }
  }

  #content(bytes: Buffer): void {
    const sparse = this.#sparse;
    if (!sparse) {
      this.#wanted = this.#handler.data(bytes);
      return;
    }
    let at = 0;
    while (at < bytes.length && this.#wanted) {
      const piece = sparse.pieces[this.#sparsePiece];
      if (!piece) return;
      if (piece.length === 0 || this.#logical >= piece.offset + piece.length) {
        this.#sparsePiece++;
        continue;
      }
      if (this.#logical < piece.offset) {
        this.#wanted = this.#handler.hole(piece.offset - this.#logical);
        this.#logical = piece.offset;
        continue;
      }
      const take = Math.min(bytes.length - at, piece.offset + piece.length - this.#logical);
      this.#wanted = this.#handler.data(bytes.subarray(at, at + take));
      this.#logical += take;
      at += take;
    }
  }

  #endContent(): void {
    if (this.#wanted && this.#sparse && this.#logical < this.#sparse.size) {
      this.#wanted = this.#handler.hole(this.#sparse.size - this.#logical);
    }
    if (this.#wanted) this.#handler.end();
    this.#wanted = false;
    this.#entry = undefined;
    this.#state = this.#padding > 0 ? State.Padding : State.Header;
  }

  #endExtension(): void {
    const bytes = this.#extension.length === 1 ? this.#extension[0]! : Buffer.concat(this.#extension);
    this.#extension = [];
    switch (this.#extensionType) {
      case 'L':
        this.#longPath = textField(bytes, 0, bytes.length);
        break;
      case 'K':
        this.#longLink = textField(bytes, 0, bytes.length);
        break;
      case 'x':
        this.#pax = parsePax(bytes);
        break;
      case 'g':
        this.#globalPax = parsePax(bytes);
        // A map of holes belongs to one file.
        for (const key of this.#globalPax.keys()) if (key.startsWith('GNU.sparse.')) this.#globalPax.delete(key);
        break;
    }
    this.#state = this.#padding > 0 ? State.Padding : State.Header;
  }

  #mergedPax(): Map<string, string> | undefined {
    if (!this.#globalPax) return this.#pax;
    if (!this.#pax) return this.#globalPax;
    return new Map([...this.#globalPax, ...this.#pax]);
  }
}

/** GNU sparse formats 0.0 and 0.1: the map as one comma list (0.0's repeated records are joined by `parsePax`). */
function sparseMap0(pax: ReadonlyMap<string, string>): { offset: number; length: number }[] {
  const numbers = (pax.get('GNU.sparse.map') ?? '').split(',').filter(Boolean).map(Number);
  const pieces: { offset: number; length: number }[] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) pieces.push({ offset: numbers[i]!, length: numbers[i + 1]! });
  return pieces;
}

function checkSparse(sparse: SparseMap, stored: number, path: string): void {
  let end = 0;
  let sum = 0;
  for (const { offset, length } of sparse.pieces) {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < end || length < 0) {
      throw new InputError('tar-corrupt', `sparse map of ${shown(path)} is out of order`);
    }
    end = offset + length;
    sum += length;
  }
  if (!Number.isSafeInteger(sparse.size) || sparse.size < end || sum > stored) {
    throw new InputError('tar-corrupt', `sparse map of ${shown(path)} does not fit its size`);
  }
}
