import { compareDigits, compareText, endOfDigits, isDigit, remembered } from './digits.ts';
import type { VersionScheme } from './scheme.ts';

/**
 * Python versions.
 * @see https://packaging.python.org/en/latest/specifications/version-specifiers/
 *
 * What does not follow the specification sorts before everything that does, as in pip's former
 * legacy versions; among themselves such versions compare by runs of digits and of other characters.
 */
export const pep440: VersionScheme = {
  name: 'pep440',
  ecosystems: ['PyPI'],
  compare(a, b) {
    if (a === b) return 0;
    const x = parse(a);
    const y = parse(b);
    if (x === 'legacy' || y === 'legacy') {
      if (x !== y) return x === 'legacy' ? -1 : 1;
      return compareNatural(a.trim().toLowerCase(), b.trim().toLowerCase());
    }
    return (
      compareDigits(x.epoch, y.epoch) ||
      compareRelease(x.release, y.release) ||
      x.phase - y.phase ||
      compareDigits(x.pre, y.pre) ||
      compareOptional(x.post, y.post, -1) ||
      compareOptional(x.dev, y.dev, 1) ||
      compareLocal(x.local, y.local)
    );
  },
};

interface Parsed {
  epoch: string;
  /** Without trailing zeros. */
  release: string[];
  phase: number;
  pre: string;
  post: string | undefined;
  dev: string | undefined;
  local: string[] | undefined;
}

/** What the release is at. A dev release of the release itself comes before its alphas. */
const PHASE = { dev: 0, a: 1, b: 2, rc: 3, final: 4 };

const PHASE_OF: Readonly<Record<string, number>> = {
  a: PHASE.a,
  alpha: PHASE.a,
  b: PHASE.b,
  beta: PHASE.b,
  c: PHASE.rc,
  rc: PHASE.rc,
  pre: PHASE.rc,
  preview: PHASE.rc,
};

/** Appendix B of PEP 440, by its normalisation rules. Every part begins with what the former cannot end with. */
const PATTERN =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

/** Longer ones are not real, and are kept away from the pattern. */
const MAX_LENGTH = 512;

const parse = remembered((version: string): Parsed | 'legacy' => {
  if (version.length > MAX_LENGTH) return 'legacy';
  const match = PATTERN.exec(version.trim().toLowerCase());
  if (!match) return 'legacy';
  const [, epoch, release, pre, preNumber, implicitPost, post, postNumber, dev, devNumber, local] = match;
  const hasPost = implicitPost !== undefined || post !== undefined;
  const numbers = release!.split('.');
  while (numbers.length > 1 && /^0+$/.test(numbers[numbers.length - 1]!)) numbers.pop();
  return {
    epoch: epoch ?? '0',
    release: numbers,
    phase: pre !== undefined ? PHASE_OF[pre]! : !hasPost && dev !== undefined ? PHASE.dev : PHASE.final,
    pre: preNumber ?? '',
    post: hasPost ? (implicitPost ?? postNumber ?? '') : undefined,
    dev: dev === undefined ? undefined : (devNumber ?? ''),
    local: local?.split(/[-_.]/),
  };
});

function compareRelease(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length || i < b.length; i++) {
    const difference = compareDigits(a[i] ?? '0', b[i] ?? '0');
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `missing` says where a missing number sorts: -1 first, 1 last. */
function compareOptional(a: string | undefined, b: string | undefined, missing: -1 | 1): number {
  if (a === undefined) return b === undefined ? 0 : missing;
  return b === undefined ? -missing : compareDigits(a, b);
}

/** Local versions: none first, then part by part, words before numbers, fewer before more. */
function compareLocal(a: readonly string[] | undefined, b: readonly string[] | undefined): number {
  if (!a || !b) return Number(a !== undefined) - Number(b !== undefined);
  for (let i = 0; i < a.length && i < b.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    const xNumber = endOfDigits(x, 0) === x.length;
    const yNumber = endOfDigits(y, 0) === y.length;
    if (xNumber !== yNumber) return xNumber ? 1 : -1;
    const difference = xNumber ? compareDigits(x, y) : compareText(x, y);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareNatural(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const aDigit = isDigit(a.charCodeAt(i));
    const bDigit = isDigit(b.charCodeAt(j));
    if (aDigit !== bDigit) return aDigit ? 1 : -1;
    if (aDigit) {
      const iEnd = endOfDigits(a, i);
      const jEnd = endOfDigits(b, j);
      const difference = compareDigits(a.slice(i, iEnd), b.slice(j, jEnd));
      if (difference !== 0) return difference;
      i = iEnd;
      j = jEnd;
    } else {
      const difference = a.charCodeAt(i) - b.charCodeAt(j);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
  }
  return a.length - i - (b.length - j);
}
