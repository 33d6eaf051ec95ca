import type { Node, Test } from '../fields.ts';
import { QueryError } from './error.ts';
import { parse } from './parser.ts';
import { print } from './print.ts';

function parsed(text: string): Node | undefined {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof QueryError) return undefined;
    throw error;
  }
}

/** The conditions that all have to hold, as they stand in the text. An `and` inside parentheses is one condition. */
function conditions(node: Node): Node[] {
  if (node.kind === 'all') return [];
  return node.kind === 'and' && node.from === node.nodes[0]!.from && node.to === node.nodes.at(-1)!.to ? node.nodes : [node];
}

function plainTest(test: Test): Test {
  if (test.kind === 'word' || test.kind === 'phrase') return { ...test, kind: 'phrase', text: test.text.toLowerCase() };
  return test.kind === 'any' ? { ...test, tests: test.tests.map(plainTest) } : test;
}

/** Equal for terms that ask the same: names and values without case, with or without quotes. */
function key(node: Node): string {
  const plain = (inner: Node): Node => {
    switch (inner.kind) {
      case 'and':
      case 'or':
        return { ...inner, nodes: inner.nodes.map(plain) };
      case 'not':
        return { ...inner, node: plain(inner.node) };
      case 'nested':
        return { ...inner, path: inner.path.map((part) => part.toLowerCase()), node: plain(inner.node) };
      case 'term':
        return { ...inner, path: inner.path.map((part) => part.toLowerCase()), test: plainTest(inner.test) };
      case 'text':
        return { ...inner, test: plainTest(inner.test) };
      default:
        return inner;
    }
  };
  return print(plain(node));
}

function place(queryText: string, termText: string): { all: Node[]; index: number } {
  const [query, term] = [parsed(queryText), parsed(termText)];
  if (!query || !term) return { all: [], index: -1 };
  const wanted = key(term);
  const all = conditions(query);
  return { all, index: all.findIndex((node) => key(node) === wanted) };
}

/** The query asks for this term, and for every row. A query that does not parse has no terms. */
export function hasTerm(queryText: string, termText: string): boolean {
  return place(queryText, termText).index >= 0;
}

/** Narrows the query by a term: what was there stays as it was written. */
export function withTerm(queryText: string, termText: string): string {
  const query = queryText.trim();
  if (query === '') return termText;
  return hasTerm(query, termText) ? query : `${grouped(query)} and ${grouped(termText)}`;
}

/** In parentheses where `and` would otherwise take a part of it only. */
function grouped(text: string): string {
  const node = parsed(text);
  return node?.kind === 'or' && node.from === node.nodes[0]!.from ? `(${text})` : text;
}

/** Takes a term out that `withTerm` put in, or that the person wrote. The rest stays as it was written. */
export function withoutTerm(queryText: string, termText: string): string {
  const { all, index } = place(queryText, termText);
  if (index < 0) return queryText;
  if (all.length === 1) return '';
  const [node, before, after] = [all[index]!, all[index - 1], all[index + 1]];
  const rest = (before ? queryText.slice(0, before.to) + queryText.slice(node.to) : queryText.slice(after!.from)).trim();
  return unwrapped(rest);
}

/** Without the parentheses around the whole that nothing needs any more. */
function unwrapped(text: string): string {
  const node = parsed(text);
  if ((node?.kind !== 'or' && node?.kind !== 'and') || !text.startsWith('(') || !text.endsWith(')')) return text;
  const inside = text.slice(1, -1).trim();
  const inner = parsed(inside);
  return inner && node.from < node.nodes[0]!.from && print(inner) === print(node) ? inside : text;
}
