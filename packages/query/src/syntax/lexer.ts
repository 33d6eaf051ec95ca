import type { Span } from '../fields.ts';
import { CONNECTIVES, OPERATORS } from './reference.ts';

/** For highlighting as well; `keyword` is and, or, not. */
export type TokenKind = 'field' | 'operator' | 'keyword' | 'word' | 'phrase' | 'exact' | 'dots' | 'comma' | 'open' | 'close';

export interface Token extends Span {
  kind: TokenKind;
  /** False for a quote without its end. */
  closed: boolean;
}

/**
 * Inside `(…)` after an operator and inside `[…]`, commas and `..` stand for themselves; elsewhere they are
 * part of words, such as `../lib` or `rw,noexec`.
 */
type Group = 'plain' | 'values' | 'list';

const SPACE = /\s+/y;
const NAME = /[\p{L}_][\p{L}\p{N}_-]*(?:\.[\p{L}_][\p{L}\p{N}_-]*)*/uy;
/** Longest first: `<=` is not `<` and a value. */
const OPERATOR = new RegExp(
  OPERATORS.flatMap(({ form }) => (form === ':' || form === '!=' ? [form] : [`:${form}`, form]))
    .sort((a, b) => b.length - a.length)
    .join('|'),
  'y',
);
const KEYWORD = new RegExp(`^(?:${CONNECTIVES.map(({ form }) => form).filter((form) => /^[a-z]+$/.test(form)).join('|')})$`, 'i');
const ENDS_WORD = /[\s()[\]"`]/;

/** The length of what a sticky expression matches at a place; 0 when it does not. */
function lengthAt(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex - at : 0;
}

/** The place after the quote that closes the one at `from`, or the end of the text. */
function quoteEnd(text: string, from: number): { to: number; closed: boolean } {
  const quote = text[from]!;
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return { to: at + 1, closed: true };
  }
  return { to: text.length, closed: false };
}

function wordEnd(text: string, from: number, group: Group | undefined): number {
  const inValues = group === 'values' || group === 'list';
  let at = from;
  while (at < text.length) {
    const char = text[at]!;
    if (char === '\\') {
      at += 2;
      continue;
    }
    if (ENDS_WORD.test(char) || (inValues && (char === ',' || text.startsWith('..', at)))) break;
    at++;
  }
  return Math.min(at, text.length);
}

/** Splits a query, finished or not. Never throws; linear in the text's length. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const groups: Group[] = [];
  let at = 0;
  const push = (kind: TokenKind, to: number, closed = true): void => {
    tokens.push({ kind, from: at, to, closed });
    at = to;
  };
  for (;;) {
    at += lengthAt(SPACE, text, at);
    if (at >= text.length) return tokens;
    const char = text[at]!;
    const group = groups.at(-1);
    const inValues = group === 'values' || group === 'list';
    const last = tokens.at(-1);
    const afterOperator = last?.kind === 'operator';
    // An IPv6 address may begin with two colons.
    const operator = (afterOperator || inValues) && text.startsWith('::', at) ? 0 : lengthAt(OPERATOR, text, at);
    if (char === '(' || char === '[') {
      groups.push(char === '[' ? 'list' : afterOperator || group === 'values' ? 'values' : 'plain');
      push('open', at + 1);
    } else if (char === ')' || char === ']') {
      groups.pop();
      push('close', at + 1);
    } else if (char === '"' || char === '`') {
      const { to, closed } = quoteEnd(text, at);
      push(char === '"' ? 'phrase' : 'exact', to, closed);
    } else if (inValues && char === ',') {
      push('comma', at + 1);
    } else if (inValues && text.startsWith('..', at)) {
      push('dots', at + 2);
    } else if (operator > 0) {
      push('operator', at + operator);
    } else {
      const name = afterOperator || group === 'list' ? 0 : lengthAt(NAME, text, at);
      const end = at + name;
      if (name > 0 && !KEYWORD.test(text.slice(at, end)) && lengthAt(OPERATOR, text, end + lengthAt(SPACE, text, end)) > 0) {
        push('field', end);
        continue;
      }
      const to = wordEnd(text, at, group);
      // `name:and` asks for the word; `name: and` lacks a value.
      const sticks = afterOperator && last.to === at;
      push(group !== 'list' && !sticks && KEYWORD.test(text.slice(at, to)) ? 'keyword' : 'word', to);
    }
  }
}

/** What a word or the inside of a quote says: a backslash takes the next character as it is. */
export function unescape(raw: string): string {
  return raw.replace(/\\([\s\S])/g, '$1');
}

/** The text of a word, phrase or exact token, quotes and escapes removed. */
export function tokenText(text: string, token: Token): string {
  const quoted = token.kind === 'phrase' || token.kind === 'exact';
  const raw = text.slice(token.from + (quoted ? 1 : 0), token.to - (quoted && token.closed ? 1 : 0));
  return unescape(raw);
}

/** A word's pattern with only `*`, `?` and backslash escaped where they are meant literally; undefined without a wildcard. */
export function wildcardPattern(raw: string): string | undefined {
  let pattern = '';
  let wild = false;
  for (let at = 0; at < raw.length; at++) {
    const char = raw[at]!;
    if (char === '\\' && at + 1 < raw.length) {
      const next = raw[++at]!;
      pattern += /[*?\\]/.test(next) ? `\\${next}` : next;
    } else {
      wild ||= char === '*' || char === '?';
      pattern += char === '\\' ? '\\\\' : char;
    }
  }
  return wild ? pattern : undefined;
}

export const isKeyword = (word: string): boolean => KEYWORD.test(word);
