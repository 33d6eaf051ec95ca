/**
 * Finds any of many keywords in one pass over raw bytes, skipping ahead where no keyword can end:
 * S. Wu, U. Manber, "A fast algorithm for multi-pattern searching" (1994), with blocks of two bytes.
 * Keywords are compared without regard to ASCII case.
 */
const WINDOW = 4;
const MAX_SHIFT = WINDOW - 1;

/** English letters from common to rare. Other characters count as rarer, which they are in text. */
const COMMON_FIRST = 'etaoinsrhldcumfpgwybvkxjqz';

interface Entry {
  keyword: Buffer;
  /** Where the searched-for window lies within the keyword. */
  anchor: number;
  index: number;
}

export class KeywordScanner {
  /** By two bytes: how far the window may move on. 0: a keyword's window may end here. */
  readonly #shift = new Uint8Array(65_536).fill(MAX_SHIFT);
  /** By the window's last two bytes in lower case. */
  readonly #ending = new Map<number, Entry[]>();

  /** @param keywords at least four ASCII characters each */
  constructor(keywords: readonly string[]) {
    keywords.forEach((word, index) => {
      const keyword = Buffer.from(word.toLowerCase(), 'latin1');
      if (keyword.length < WINDOW) throw new RangeError(`keyword "${word}" is shorter than ${WINDOW} characters`);
      const anchor = rarestWindow(keyword);
      for (let i = 0; i < MAX_SHIFT; i++) {
        this.#allowShift(keyword[anchor + i]!, keyword[anchor + i + 1]!, MAX_SHIFT - 1 - i);
      }
      const block = keyword[anchor + 2]! | (keyword[anchor + 3]! << 8);
      const entries = this.#ending.get(block) ?? [];
      entries.push({ keyword, anchor, index });
      this.#ending.set(block, entries);
    });
  }

  #allowShift(first: number, second: number, shift: number): void {
    for (const a of [first, upper(first)]) {
      for (const b of [second, upper(second)]) {
        const block = a | (b << 8);
        if (this.#shift[block]! > shift) this.#shift[block] = shift;
      }
    }
  }

  /**
   * Calls `onHit` with the keyword's index and the offset it starts at, in no order that is promised
   * beyond rising window ends. Stops when `onHit` returns false.
   */
  scan(bytes: Uint8Array, onHit: (index: number, offset: number) => boolean): void {
    const shift = this.#shift;
    const length = bytes.length;
    let end = MAX_SHIFT;
    while (end < length) {
      const step = shift[bytes[end - 1]! | (bytes[end]! << 8)]!;
      if (step !== 0) {
        end += step;
        continue;
      }
      const entries = this.#ending.get(lower(bytes[end - 1]!) | (lower(bytes[end]!) << 8));
      if (entries !== undefined) {
        for (const entry of entries) {
          const start = end - MAX_SHIFT - entry.anchor;
          if (matchesAt(bytes, start, entry.keyword) && !onHit(entry.index, start)) return;
        }
      }
      end++;
    }
  }
}

function matchesAt(bytes: Uint8Array, start: number, keyword: Buffer): boolean {
  if (start < 0 || start + keyword.length > bytes.length) return false;
  for (let i = 0; i < keyword.length; i++) {
    if (lower(bytes[start + i]!) !== keyword[i]) return false;
  }
  return true;
}

/** The four characters of the keyword least likely in text, so that the scan rarely has to compare. */
function rarestWindow(keyword: Buffer): number {
  let best = 0;
  let bestScore = -1;
  for (let at = 0; at + WINDOW <= keyword.length; at++) {
    let score = 0;
    for (let i = 0; i < WINDOW; i++) {
      const rank = COMMON_FIRST.indexOf(String.fromCharCode(keyword[at + i]!));
      // The last two bytes decide whether the scan stops, so they count twice.
      score += (rank < 0 ? COMMON_FIRST.length : rank) * (i >= 2 ? 2 : 1);
    }
    if (score > bestScore) {
      best = at;
      bestScore = score;
    }
  }
  return best;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

function upper(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
}
