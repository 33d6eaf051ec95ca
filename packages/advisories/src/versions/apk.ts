import { compareDigits, compareText, endOfDigits, isDigit, isLower, remembered } from './digits.ts';
import type { VersionScheme } from './scheme.ts';

/**
 * Alpine versions: `number{.number}[letter]{_suffix[number]}[~hash][-r#]`, as apk-tools 3 orders them.
 * @see https://man.archlinux.org/man/apk-package.5.en and apk-tools, `src/version.c`
 *
 * apk calls anything else invalid and equal from there on; here what follows the valid part is
 * compared as text, so that the order stays total.
 */
export const apk: VersionScheme = {
  name: 'apk',
  ecosystems: ['Alpine', 'Wolfi', 'Chainguard', 'MinimOS', 'Alpaquita', 'BellSoft Hardened Containers'],
  compare(a, b) {
    if (a === b) return 0;
    const x = parse(a);
    const y = parse(b);
    for (let i = 0; ; i++) {
      const difference = compareTokens(x[i]!, y[i]!);
      // Equal tokens are of one kind, and both lists end with one of these.
      if (difference !== 0 || x[i]!.rank === RANK.end || x[i]!.rank === RANK.invalid) return difference;
    }
  },
};

/** Kinds of tokens, by what sorts first where the versions are equal so far. */
const RANK = {
  preSuffix: 0,
  invalid: 1,
  end: 2,
  revision: 3,
  hash: 4,
  suffixNumber: 5,
  postSuffix: 6,
  letter: 7,
  number: 8,
  firstNumber: 9,
} as const;

interface Token {
  rank: number;
  text: string;
  /** Position in the list of suffixes. */
  suffix: number;
}

const PRE_SUFFIXES = ['alpha', 'beta', 'pre', 'rc'];
const POST_SUFFIXES = ['cvs', 'svn', 'git', 'hg', 'p'];

function compareTokens(a: Token, b: Token): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  switch (a.rank) {
    case RANK.preSuffix:
    case RANK.postSuffix:
      return a.suffix - b.suffix;
    case RANK.number:
      // A number with a leading zero is a decimal fraction, in effect: 1.01 < 1.1.
      if (a.text.startsWith('0') || b.text.startsWith('0')) return compareText(a.text, b.text);
      return compareDigits(a.text, b.text);
    case RANK.firstNumber:
    case RANK.suffixNumber:
    case RANK.revision:
      return compareDigits(a.text, b.text);
    default:
      return compareText(a.text, b.text);
  }
}

const parse = remembered((version: string): Token[] => {
  const tokens: Token[] = [];
  const push = (rank: number, text: string, suffix = 0) => tokens.push({ rank, text, suffix });
  let i = endOfDigits(version, 0);
  if (i > 0) push(RANK.firstNumber, version.slice(0, i));
  let last: number = i > 0 ? RANK.firstNumber : RANK.invalid;

  while (i < version.length && last !== RANK.invalid) {
    const code = version.charCodeAt(i);
    const inNumbers = last === RANK.firstNumber || last === RANK.number;
    const start = i;
    if (code === 46 && (inNumbers || last === RANK.letter) && isDigit(version.charCodeAt(i + 1))) {
      i = endOfDigits(version, i + 1);
      push((last = RANK.number), version.slice(start + 1, i));
    } else if (inNumbers && isLower(code)) {
      push((last = RANK.letter), version[i++]!);
    } else if (code === 95 && last >= RANK.suffixNumber) {
      i = pushSuffix(version, i + 1, push);
      last = i < 0 ? RANK.invalid : RANK.postSuffix;
      if (i < 0) i = start;
    } else if (last === RANK.postSuffix && isDigit(code)) {
      i = endOfDigits(version, i);
      push((last = RANK.suffixNumber), version.slice(start, i));
    } else if (code === 126 && last > RANK.hash) {
      i++;
      while (i < version.length && /[0-9a-f]/.test(version[i]!)) i++;
      push((last = RANK.hash), version.slice(start + 1, i));
    } else if (code === 45 && version.charCodeAt(i + 1) === 114 && last > RANK.revision) {
      i = endOfDigits(version, i + 2);
      push((last = RANK.revision), version.slice(start + 2, i));
    } else {
      last = RANK.invalid;
    }
  }
  push(i < version.length || last === RANK.invalid ? RANK.invalid : RANK.end, version.slice(i));
  return tokens;
});

/** Pushes the suffix whose name starts at `from`; returns its end, or -1 when there is no such suffix. */
function pushSuffix(version: string, from: number, push: (rank: number, text: string, suffix: number) => void): number {
  let end = from;
  while (end < version.length && isLower(version.charCodeAt(end))) end++;
  const name = version.slice(from, end);
  const pre = PRE_SUFFIXES.indexOf(name);
  const post = POST_SUFFIXES.indexOf(name);
  if (pre < 0 && post < 0) return -1;
  push(pre >= 0 ? RANK.preSuffix : RANK.postSuffix, name, pre >= 0 ? pre : post);
  return end;
}
