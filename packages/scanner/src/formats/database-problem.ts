/** What keeps a part of a database file from being read, one line for people. The reader goes on with the rest, unless this throws. */
export type ReportProblem = (problem: string) => void;

/** Largest value taken from a database, in bytes. An rpm header with 300,000 files has about 40 MB. */
export const MAX_VALUE_SIZE = 64 << 20;

/** Remembers which pages were read, so that a file with loops or shared pages costs no more than its size. */
export class PageSet {
  readonly #bits: Uint8Array;
  constructor(pages: number) {
    this.#bits = new Uint8Array((pages >> 3) + 1);
  }
  /** False when the page was taken before. */
  take(page: number): boolean {
    const byte = page >> 3;
    const bit = 1 << (page & 7);
    if ((this.#bits[byte]! & bit) !== 0) return false;
    this.#bits[byte]! |= bit;
    return true;
  }
}
