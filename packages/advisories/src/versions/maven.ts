import { compareDigits, compareText, endOfDigits, isDigit, remembered } from './digits.ts';
import type { VersionScheme } from './scheme.ts';

/**
 * Maven versions: a list of numbers and qualifiers in which a hyphen, and each change between digits
 * and letters, opens a list within the list.
 * @see https://maven.apache.org/pom.html#version-order-specification
 * The order is that of Maven 4's ComparableVersion, which mended its predecessors' contradictions.
 */
export const maven: VersionScheme = {
  name: 'maven',
  ecosystems: ['Maven'],
  compare: (a, b) => (a === b ? 0 : compareItems(parse(a), parse(b))),
};

type Item =
  | { kind: 'number'; digits: string }
  | { kind: 'word'; word: string }
  /** A word with a number right behind it: `rc1`, `rc-1`. */
  | { kind: 'numbered'; word: string; digits: string }
  | List;
interface List {
  kind: 'list';
  items: Item[];
}

/** Maven itself refuses longer ones; it bounds the depth of lists. What is cut off does not count. */
const MAX_LENGTH = 256;

/** Known qualifiers in order; the empty one is a release. Unknown ones follow, in alphabetical order. */
const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const SAME_AS: Readonly<Record<string, string>> = { ga: '', final: '', release: '', cr: 'rc' };
/** Only with a number behind: `1.0-a1`. */
const SHORT: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', m: 'milestone' };

function compareWords(a: string, b: string): number {
  const i = QUALIFIERS.indexOf(a);
  const j = QUALIFIERS.indexOf(b);
  if (i >= 0 && j >= 0) return i - j;
  if (i >= 0 || j >= 0) return i >= 0 ? -1 : 1;
  return compareText(a, b);
}

/** Compares with nothing at all: 1.0 = 1, 1-rc < 1, 1-sp > 1. */
function compareToNothing(item: Item): number {
  switch (item.kind) {
    case 'number':
      return compareDigits(item.digits, '0');
    case 'word':
      return compareWords(item.word, '');
    case 'numbered':
      return compareWords(item.word, '') || compareDigits(item.digits, '0');
    case 'list':
      return firstDifference(item.items, 0);
  }
}

function firstDifference(items: readonly Item[], from: number): number {
  for (let i = from; i < items.length; i++) {
    const result = compareToNothing(items[i]!);
    if (result !== 0) return result;
  }
  return 0;
}

function compareItems(a: Item, b: Item): number {
  if (a.kind === 'number') return b.kind === 'number' ? compareDigits(a.digits, b.digits) : 1;
  if (b.kind === 'number') return -1;
  if (a.kind === 'list') return b.kind === 'list' ? compareLists(a.items, b.items) : compareListToWord(a.items, b);
  if (b.kind === 'list') return -compareListToWord(b.items, a);
  const words = compareWords(a.word, b.word);
  if (words !== 0) return words;
  if (a.kind === b.kind) return compareDigits(a.kind === 'numbered' ? a.digits : '', b.kind === 'numbered' ? b.digits : '');
  // `rc` < `rc0`, but `ga` = `ga0`.
  const numbered = a.kind === 'numbered' ? a : (b as Item & { kind: 'numbered' });
  const result = a.word === '' ? compareDigits(numbered.digits, '0') : 1;
  return numbered === a ? result : -result;
}

function compareListToWord(items: readonly Item[], other: Item): number {
  const first = items[0] ? compareItems(items[0], other) : -compareToNothing(other);
  return first || firstDifference(items, 1);
}

function compareLists(a: readonly Item[], b: readonly Item[]): number {
  for (let i = 0; i < a.length || i < b.length; i++) {
    const x = a[i];
    const y = b[i];
    const result = x ? (y ? compareItems(x, y) : compareToNothing(x)) : y ? -compareToNothing(y) : 0;
    if (result !== 0) return result;
  }
  return 0;
}

const parse = remembered((version: string): List => {
  const text = version.trim().slice(0, MAX_LENGTH).toLowerCase();
  const root: List = { kind: 'list', items: [] };
  const lists = [root];
  let list = root;
  const openList = () => {
    if (list.items.length === 0) return;
    const inner: List = { kind: 'list', items: [] };
    list.items.push(inner);
    lists.push(inner);
    list = inner;
  };
  const addNumber = (digits: string) => list.items.push({ kind: 'number', digits });
  const addWord = (word: string) => list.items.push({ kind: 'word', word: canonical(word) });

  let i = 0;
  while (i < text.length) {
    const start = i;
    if (isSeparator(text[i]!)) {
      addNumber('0');
    } else if (isDigit(text.charCodeAt(i))) {
      i = endOfDigits(text, i);
      addNumber(text.slice(start, i));
    } else {
      while (i < text.length && !isSeparator(text[i]!) && !isDigit(text.charCodeAt(i))) i++;
      const word = text.slice(start, i);
      // A hyphen between a word and a number does not separate them.
      const digits = text[i] === '-' ? i + 1 : i;
      const end = endOfDigits(text, digits);
      if (end > digits) {
        openList();
        list.items.push({ kind: 'numbered', word: canonical(Object.hasOwn(SHORT, word) ? SHORT[word]! : word), digits: text.slice(digits, end) });
        i = end;
      } else {
        // A word at the end opens a list even behind a dot: 1.x = 1-x.
        if (i === text.length) openList();
        addWord(word);
      }
    }
    if (text[i] === '.') i++;
    else if (text[i] === '-') {
      i++;
      openList();
    } else if (i < text.length) openList();
  }
  for (const inner of lists.reverse()) normalise(inner);
  return root;
});

const isSeparator = (character: string) => character === '.' || character === '-';

const canonical = (word: string) => (Object.hasOwn(SAME_AS, word) ? SAME_AS[word]! : word);

/** Drops zeros and empty lists at the end and before qualifiers: 1.0.0-rc1 = 1-rc1. */
function normalise(list: List): void {
  const { items } = list;
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i]!;
    const isNull = item.kind === 'number' ? /^0+$/.test(item.digits) : item.kind === 'list' && item.items.length === 0;
    if (!isNull) continue;
    const next = items[i + 1];
    const nextFirst = next?.kind === 'list' ? next.items[0]?.kind : undefined;
    if (!next || next.kind === 'word' || nextFirst === 'word' || nextFirst === 'numbered') items.splice(i, 1);
  }
  const [only] = items;
  if (items.length === 1 && only?.kind === 'list') list.items = only.items;
}
