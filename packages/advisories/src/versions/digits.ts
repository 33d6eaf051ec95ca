/** Small helpers that several schemes share. Character codes, not regular expressions: these run millions of times. */

export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
export const isLower = (code: number): boolean => code >= 97 && code <= 122;
export const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90);

/** Compares two runs of decimal digits as numbers of any length; an empty run is 0. */
export function compareDigits(a: string, b: string): number {
  // Up to 15 digits a number is exact.
  if (a.length <= 15 && b.length <= 15) return Number(a) - Number(b);
  const x = stripZeros(a);
  const y = stripZeros(b);
  return x.length - y.length || compareText(x, y);
}

function stripZeros(digits: string): string {
  let i = 0;
  while (i < digits.length - 1 && digits.charCodeAt(i) === 48) i++;
  return i === 0 ? digits : digits.slice(i);
}

/** By UTF-16 code unit, which for ASCII is `strcmp`. */
export function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The end of the run of digits that starts at `from`. */
export function endOfDigits(text: string, from: number): number {
  let i = from;
  while (i < text.length && isDigit(text.charCodeAt(i))) i++;
  return i;
}

const KEPT = 4096;
const LONGEST_KEPT = 128;

/**
 * Remembers parsed versions, since matching compares one installed version with many others. When
 * full it starts anew, so memory stays bounded; hostile, long versions are never kept.
 */
export function remembered<T>(parse: (version: string) => T): (version: string) => T {
  const known = new Map<string, T>();
  return (version) => {
    const hit = known.get(version);
    if (hit !== undefined) return hit;
    const parsed = parse(version);
    if (version.length <= LONGEST_KEPT) {
      if (known.size >= KEPT) known.clear();
      known.set(version, parsed);
    }
    return parsed;
  };
}
