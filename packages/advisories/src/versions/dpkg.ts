import { compareDigits, endOfDigits, isDigit, isLetter, remembered } from './digits.ts';
import type { VersionScheme } from './scheme.ts';

/**
 * Debian versions: `[epoch:]upstream[-revision]`.
 * @see https://www.debian.org/doc/debian-policy/ch-controlfields.html#version
 *
 * dpkg refuses an epoch that is not a number; here such a version keeps its colon as part of the
 * upstream version, with epoch 0.
 */
export const dpkg: VersionScheme = {
  name: 'dpkg',
  ecosystems: ['Debian', 'Ubuntu', 'Echo'],
  compare(a, b) {
    if (a === b) return 0;
    const x = split(a);
    const y = split(b);
    return compareDigits(x.epoch, y.epoch) || compareParts(x.upstream, y.upstream) || compareParts(x.revision, y.revision);
  },
};

const split = remembered((text: string) => {
  const version = text.trim();
  const digits = endOfDigits(version, 0);
  const hasEpoch = digits > 0 && version.charCodeAt(digits) === 58;
  const rest = hasEpoch ? version.slice(digits + 1) : version;
  const dash = rest.lastIndexOf('-');
  return {
    epoch: hasEpoch ? version.slice(0, digits) : '0',
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  };
});

/** Order of a character outside digit runs: `~` before the end, the end before letters, letters before the rest. */
function weight(code: number): number {
  if (Number.isNaN(code) || isDigit(code)) return 0;
  if (code === 126) return -1;
  return isLetter(code) ? code : code + 256;
}

function compareParts(a: string, b: string): number {
  if (a === b) return 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a.charCodeAt(i))) || (j < b.length && !isDigit(b.charCodeAt(j)))) {
      const difference = weight(a.charCodeAt(i)) - weight(b.charCodeAt(j));
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    const iEnd = endOfDigits(a, i);
    const jEnd = endOfDigits(b, j);
    const difference = compareDigits(a.slice(i, iEnd), b.slice(j, jEnd));
    if (difference !== 0) return difference;
    i = iEnd;
    j = jEnd;
  }
  return 0;
}
