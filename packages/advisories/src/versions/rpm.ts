import { compareDigits, compareText, endOfDigits, isDigit, isLetter } from './digits.ts';
import type { VersionScheme } from './scheme.ts';

/**
 * RPM versions: `[epoch:]version[-release]`, compared part by part with rpm's segment rules.
 * @see https://rpm.org/docs/latest/man/rpm-version.7
 *
 * rpm's dependency check ignores the release where one side has none. That is no order (1-1 = 1 =
 * 1-2), so here a missing release is the lowest release.
 */
export const rpm: VersionScheme = {
  name: 'rpm',
  ecosystems: [
    'AlmaLinux',
    'Rocky Linux',
    'Red Hat',
    'SUSE',
    'openSUSE',
    'openEuler',
    'Mageia',
    'Azure Linux',
    'Photon OS',
  ],
  compare(a, b) {
    if (a === b) return 0;
    const x = splitEvr(a);
    const y = splitEvr(b);
    return compareDigits(x.epoch, y.epoch) || compareSegments(x.version, y.version) || compareSegments(x.release, y.release);
  },
};

export interface Evr {
  epoch: string;
  version: string;
  release: string;
}

/** Takes `[epoch:]version[-release]` apart. A missing epoch is 0. */
export function splitEvr(evr: string): Evr {
  const digits = endOfDigits(evr, 0);
  const hasEpoch = evr.charCodeAt(digits) === 58;
  const rest = hasEpoch ? evr.slice(digits + 1) : evr;
  const dash = rest.lastIndexOf('-');
  return {
    epoch: hasEpoch && digits > 0 ? evr.slice(0, digits) : '0',
    version: dash < 0 ? rest : rest.slice(0, dash),
    release: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

const TILDE = 126;
const CARET = 94;

const isSeparator = (code: number) => !isDigit(code) && !isLetter(code) && code !== TILDE && code !== CARET;

function endOfLetters(text: string, from: number): number {
  let i = from;
  while (i < text.length && isLetter(text.charCodeAt(i))) i++;
  return i;
}

function compareSegments(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  for (;;) {
    while (i < a.length && isSeparator(a.charCodeAt(i))) i++;
    while (j < b.length && isSeparator(b.charCodeAt(j))) j++;
    const ca = a.charCodeAt(i);
    const cb = b.charCodeAt(j);

    // `~` sorts before everything, the end included.
    if (ca === TILDE || cb === TILDE) {
      if (ca !== TILDE) return 1;
      if (cb !== TILDE) return -1;
      i++;
      j++;
      continue;
    }
    // `^` sorts after the end but before anything else.
    if (ca === CARET || cb === CARET) {
      if (i >= a.length) return -1;
      if (j >= b.length) return 1;
      if (ca !== CARET) return 1;
      if (cb !== CARET) return -1;
      i++;
      j++;
      continue;
    }
    if (i >= a.length || j >= b.length) break;

    // The first string's segment decides the kind; a number is newer than letters.
    if (isDigit(ca) !== isDigit(cb)) return isDigit(ca) ? 1 : -1;
    const iEnd = isDigit(ca) ? endOfDigits(a, i) : endOfLetters(a, i);
    const jEnd = isDigit(ca) ? endOfDigits(b, j) : endOfLetters(b, j);
    const compareRuns = isDigit(ca) ? compareDigits : compareText;
    const difference = compareRuns(a.slice(i, iEnd), b.slice(j, jEnd));
    if (difference !== 0) return difference;
    i = iEnd;
    j = jEnd;
  }
  // Whichever has segments left is newer.
  return (i < a.length ? 1 : 0) - (j < b.length ? 1 : 0);
}
