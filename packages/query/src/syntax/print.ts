import type { Node, Test } from '../fields.ts';
import { isKeyword } from './lexer.ts';

/** What would end a word, or mean something else, somewhere in a query. */
const SPECIAL = /[\s()[\]"`,:<>=!\\*?]|\.(?=\.)/g;

function word(text: string): string {
  if (text === '') return '""';
  const escaped = text.replace(SPECIAL, '\\$&');
  return isKeyword(text) ? `\\${escaped}` : escaped;
}

/** `*`, `?` and escapes stay as they are. */
function wildcard(pattern: string): string {
  return pattern.replace(/\\[*?\\]|[\s()[\]"`,:<>=!]|\.(?=\.)/g, (found) => (found.length === 2 ? found : `\\${found}`));
}

function printTest(test: Test): string {
  switch (test.kind) {
    case 'word':
      return word(test.text);
    case 'phrase':
      return quoted(test.text, '"');
    case 'exact':
      return quoted(test.text, '`');
    case 'wildcard':
      return wildcard(test.pattern);
    case 'compare':
      return `${test.operator}${word(test.value)}`;
    case 'range': {
      const ends = [test.low, test.high].map((end) => (end === undefined ? '' : word(end)));
      return `${test.lowInclusive ? '[' : '('}${ends.join(' .. ')}${test.highInclusive ? ']' : ')'}`;
    }
    case 'any': {
      const simple = test.tests.every((inner) => inner.kind !== 'any' && inner.kind !== 'compare');
      return simple ? `[${test.tests.map(printTest).join(', ')}]` : `(${test.tests.map(printTest).join(' or ')})`;
    }
    case 'exists':
      return '*';
  }
}

/** A query text that parses to the same tree again, spans apart. */
export function print(node: Node): string {
  const inner = (child: Node, wrap: readonly Node['kind'][]): string => (wrap.includes(child.kind) ? `(${print(child)})` : print(child));
  switch (node.kind) {
    case 'all':
      return '';
    case 'and':
      return node.nodes.map((child) => inner(child, ['and', 'or'])).join(' and ');
    case 'or':
      return node.nodes.map((child) => inner(child, ['or'])).join(' or ');
    case 'not':
      return `not ${inner(node.node, ['and', 'or'])}`;
    case 'term':
      return `${node.path.join('.')}${node.test.kind === 'compare' ? '' : ':'}${printTest(node.test)}`;
    case 'nested':
      return `${node.path.join('.')}:(${print(node.node)})`;
    case 'text':
      return printTest(node.test);
  }
}

const PLAIN = /^[\p{L}\p{N}_][\p{L}\p{N}_./@+-]*$/u;

/** A value as a term of a query can have it: as it is where that is safe, otherwise in double quotes. */
export function quoteValue(value: string): string {
  return PLAIN.test(value) && !value.includes('..') && !isKeyword(value) ? value : quoted(value, '"');
}

/** A value in quotes, whatever it has in it: in backticks it is meant whole, case and all. */
export function quoted(value: string, quote: '"' | '`'): string {
  return `${quote}${value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`)}${quote}`;
}
