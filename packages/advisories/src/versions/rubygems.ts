import { compareDigits, compareText, endOfDigits, isDigit, isLetter, remembered } from './digits.ts';
import type { VersionScheme } from './scheme.ts';

/**
 * Gem versions: runs of digits and of letters; a run of letters makes a pre-release, and a hyphen
 * reads as `.pre.`. Zeros at the end, and before the first letters, do not count.
 * @see https://docs.ruby-lang.org/en/master/Gem/Version.html
 */
export const rubygems: VersionScheme = {
  name: 'rubygems',
  ecosystems: ['RubyGems'],
  compare(a, b) {
    if (a === b) return 0;
    const x = parse(a);
    const y = parse(b);
    for (let i = 0; i < x.length || i < y.length; i++) {
      const p = x[i] ?? '0';
      const q = y[i] ?? '0';
      const pNumber = isDigit(p.charCodeAt(0));
      const qNumber = isDigit(q.charCodeAt(0));
      if (pNumber !== qNumber) return pNumber ? 1 : -1;
      const difference = pNumber ? compareDigits(p, q) : compareText(p, q);
      if (difference !== 0) return difference;
    }
    return 0;
  },
};

const isZero = (segment: string | undefined) => segment !== undefined && /^0+$/.test(segment);

const parse = remembered((version: string): string[] => {
  const segments: string[] = [];
  let firstWord = -1;
  const push = (segment: string, word: boolean) => {
    if (word && firstWord < 0) {
      while (isZero(segments[segments.length - 1])) segments.pop();
      firstWord = segments.length;
    }
    segments.push(segment);
  };
  let i = 0;
  while (i < version.length) {
    const code = version.charCodeAt(i);
    let end = i + 1;
    if (isDigit(code)) {
      end = endOfDigits(version, i);
      push(version.slice(i, end), false);
    } else if (isLetter(code)) {
      while (end < version.length && isLetter(version.charCodeAt(end))) end++;
      push(version.slice(i, end), true);
    } else if (code === 45) {
      push('pre', true);
    }
    i = end;
  }
  while (isZero(segments[segments.length - 1])) segments.pop();
  return segments;
});
