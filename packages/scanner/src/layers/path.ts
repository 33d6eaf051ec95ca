/** Paths beyond this many characters are no paths any kernel takes (PATH_MAX is 4096 bytes). */
const MAX_PATH = 4096;

/**
 * A tar entry's name as a path in the image: no leading slash or `./`, no empty or `.` parts.
 * The empty string is the root. `..` is resolved; undefined when it leads outside, or when the path is longer than any kernel takes.
 */
export function normalisePath(name: string): string | undefined {
  let start = 0;
  if (name.charCodeAt(0) === 0x2e && name.charCodeAt(1) === 0x2f) start = 2;
  let end = name.length;
  while (end > start && name.charCodeAt(end - 1) === 0x2f) end--;
  if (end - start > MAX_PATH) return undefined;
  const path = start === 0 && end === name.length ? name : name.slice(start, end);
  // Nearly every name is clean already: only those that hold "//", a part starting with a dot, or a leading slash are split.
  if (path.charCodeAt(0) !== 0x2f && path.charCodeAt(0) !== 0x2e && !path.includes('//') && !path.includes('/.')) {
    return path;
  }
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    // Runtimes resolve `..` within the archive and refuse what leaves it.
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** Every folder above a path, nearest first: `a/b/c` gives `a/b`, `a`. */
export function* ancestors(path: string): Generator<string> {
  let slash = path.lastIndexOf('/');
  while (slash > 0) {
    yield path.slice(0, slash);
    slash = path.lastIndexOf('/', slash - 1);
  }
}

/**
 * A 53-bit hash of a path, for membership in large sets of paths at eight bytes each. Two paths of
 * one image share a value by chance once in 10^9 images of 100,000 files; nothing is trusted by it
 * but whether an upper layer replaced a file.
 */
export function pathHash(path: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i);
    a = Math.imul(a ^ c, 0x9e3779b1);
    b = Math.imul(b ^ c, 0x5f356495);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return (b >>> 11) * 0x100000000 + (a >>> 0);
}

/** A sorted set of path hashes. */
export class PathSet {
  readonly #hashes: Float64Array;
  constructor(hashes: Float64Array, sorted = false) {
    this.#hashes = sorted ? hashes : hashes.sort();
  }
  get values(): Float64Array {
    return this.#hashes;
  }
  has(path: string): boolean {
    return this.hasHash(pathHash(path));
  }
  /** As `has`, for a path that is asked of many sets. */
  hasHash(wanted: number): boolean {
    let low = 0;
    let high = this.#hashes.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const value = this.#hashes[middle]!;
      if (value === wanted) return true;
      if (value < wanted) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }
}
