import { compareDigits, compareText, endOfDigits, isDigit, isLetter, remembered } from './digits.ts';
import type { VersionScheme } from './scheme.ts';

/**
 * Composer versions, which PHP's `version_compare` orders after normalisation:
 * `dev < alpha < beta < RC < stable < patch`. Branches (`dev-main`) are below every release.
 * @see https://getcomposer.org/doc/articles/versions.md
 * @see https://www.php.net/manual/en/function.version-compare.php
 */
export const composer: VersionScheme = {
  name: 'composer',
  ecosystems: ['Packagist', 'Drupal'],
  compare(a, b) {
    if (a === b) return 0;
    const x = parse(a);
    const y = parse(b);
    for (let i = 0; i < x.length || i < y.length; i++) {
      const difference = compareParts(x[i], y[i]);
      if (difference !== 0) return difference;
    }
    return 0;
  },
};

/** Where words stand; a number or the end of the version is at `stable`. */
const STABILITY: Readonly<Record<string, number>> = {
  dev: 1,
  a: 2,
  alpha: 2,
  b: 3,
  beta: 3,
  rc: 4,
  c: 4,
  stable: 5,
  p: 7,
  pl: 7,
  patch: 7,
};
const UNKNOWN_WORD = 0;
const END = 5;
const NUMBER = 6;

interface Part {
  rank: number;
  text: string;
}

const MISSING: Part = { rank: END, text: '' };
/** Normalised versions have four numbers, the missing ones being 0. */
const NUMBERS = 4;

function compareParts(a: Part = MISSING, b: Part = MISSING): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.rank === NUMBER) return compareDigits(a.text, b.text);
  return a.rank === UNKNOWN_WORD ? compareText(a.text, b.text) : 0;
}

const parse = remembered((version: string): Part[] => {
  let text = version.trim().toLowerCase();
  const plus = text.indexOf('+');
  if (plus >= 0) text = text.slice(0, plus);
  if (text.startsWith('v') && isDigit(text.charCodeAt(1))) text = text.slice(1);

  const parts: Part[] = [];
  let i = 0;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    let end = i + 1;
    if (isDigit(code)) {
      end = endOfDigits(text, i);
      parts.push({ rank: NUMBER, text: text.slice(i, end) });
    } else if (isLetter(code)) {
      while (end < text.length && isLetter(text.charCodeAt(end))) end++;
      const word = text.slice(i, end);
      const rank = Object.hasOwn(STABILITY, word) ? STABILITY[word]! : UNKNOWN_WORD;
      parts.push({ rank, text: word });
    }
    i = end;
  }
  let leading = 0;
  while (leading < parts.length && parts[leading]!.rank === NUMBER) leading++;
  if (leading > 0) {
    while (leading < NUMBERS) parts.splice(leading++, 0, { rank: NUMBER, text: '0' });
  }
  // `1.0-stable` is `1.0`.
  return parts.filter((part) => part.rank !== END);
});
