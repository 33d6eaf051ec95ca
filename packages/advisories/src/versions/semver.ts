import { compareDigits, compareText, endOfDigits, isDigit, remembered } from './digits.ts';
import type { VersionScheme } from './scheme.ts';

/** A version of the semver family, read leniently. */
export interface SemverLike {
  /** Numeric parts, without trailing zeros, so that 1 = 1.0 = 1.0.0. */
  numbers: string[];
  /** Dot-separated identifiers; empty for a release. */
  prerelease: string[];
}

/**
 * Reads a version leniently: a leading `v` or `=`, any count of numeric parts, a pre-release that
 * follows without a hyphen (`1.2.3rc1`). Build metadata is dropped, having no part in the order.
 * What has no number at all is a pre-release of 0.0.0, below every real version.
 */
export function parseSemver(version: string): SemverLike {
  let i = 0;
  while (i < version.length && /[\s=]/.test(version[i]!)) i++;
  if (/[vV]/.test(version[i] ?? '') && isDigit(version.charCodeAt(i + 1))) i++;
  const numbers: string[] = [];
  while (isDigit(version.charCodeAt(i))) {
    const end = endOfDigits(version, i);
    numbers.push(version.slice(i, end));
    i = end;
    if (version.charCodeAt(i) === 46 && isDigit(version.charCodeAt(i + 1))) i++;
    else break;
  }
  dropTrailingZeros(numbers);
  const plus = version.indexOf('+', i);
  const rest = version.slice(i, plus < 0 ? undefined : plus).trim();
  const text = /^[-._]/.test(rest) ? rest.slice(1) : rest;
  return { numbers, prerelease: text === '' ? [] : text.split('.') };
}

function dropTrailingZeros(numbers: string[]): void {
  while (numbers.length > 0 && /^0+$/.test(numbers[numbers.length - 1]!)) numbers.pop();
}

/** Compares lists of numbers, a missing one being 0. */
function compareNumbers(a: readonly string[], b: readonly string[]): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = compareDigits(a[i] ?? '0', b[i] ?? '0');
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Precedence of pre-releases, semver.org rule 11: none is newest, numbers before words, fewer before more. */
function comparePrerelease(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let i = 0; i < a.length && i < b.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (x === y) continue;
    const xNumeric = isNumeric(x);
    const yNumeric = isNumeric(y);
    if (xNumeric !== yNumeric) return xNumeric ? -1 : 1;
    const difference = xNumeric ? compareDigits(x, y) : compareText(x, y);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export const isNumeric = (text: string) => text !== '' && endOfDigits(text, 0) === text.length;

export function compareSemver(a: SemverLike, b: SemverLike): number {
  return compareNumbers(a.numbers, b.numbers) || comparePrerelease(a.prerelease, b.prerelease);
}

const parse = remembered(parseSemver);

/**
 * Semantic versions, read leniently.
 * @see https://semver.org/spec/v2.0.0.html
 */
export const semver: VersionScheme = {
  name: 'semver',
  ecosystems: ['npm', 'crates.io', 'Hex', 'Pub', 'SwiftURL', 'GitHub Actions', 'Julia', 'Kubernetes', 'VSCode'],
  compare: (a, b) => (a === b ? 0 : compareSemver(parse(a), parse(b))),
};
