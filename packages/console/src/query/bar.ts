import { parse, QueryError, tokenize } from '@plimsoll/query/syntax';
import type { Problem } from '@plimsoll/model/api';

/** What the query bar does with text; no document, so that tests need none. */

export interface Fault {
  /** 0-based offsets of UTF-16 units. */
  from: number;
  to: number;
  message: string;
  expected: readonly string[];
}

/** What is wrong with the text by the grammar alone; fields and values are the server's to judge. */
export function faultOf(text: string): Fault | null {
  try {
    parse(text);
    return null;
  } catch (error) {
    if (error instanceof QueryError) return { from: error.from, to: error.to, message: error.message, expected: error.expected };
    throw error;
  }
}

/** The server's refusal of a query, where it points into the text. */
export function faultOfProblem(problem: Problem): Fault | null {
  const { position } = problem;
  return position === undefined ? null : { from: position.from, to: position.to, message: problem.detail, expected: position.expected };
}

export interface Piece {
  text: string;
  /** Class of its colour; empty for spaces and what no token is. */
  kind: string;
  wrong: boolean;
}

/** The text cut into pieces to paint; a fault at the end gets a space of its own. */
export function paint(text: string, fault: Fault | null): Piece[] {
  const edges = new Set([0, text.length]);
  const tokens = tokenize(text);
  for (const token of tokens) edges.add(token.from).add(token.to);
  const from = fault ? Math.min(fault.from, text.length) : -1;
  const to = fault ? Math.max(Math.min(fault.to, text.length), from + 1) : -1;
  if (fault) edges.add(from).add(Math.min(to, text.length));
  const places = [...edges].sort((a, b) => a - b);
  const pieces: Piece[] = [];
  let next = 0;
  for (let index = 0; index + 1 < places.length; index++) {
    const [start, end] = [places[index]!, places[index + 1]!];
    while (next < tokens.length && tokens[next]!.to <= start) next++;
    const token = tokens[next];
    pieces.push({ text: text.slice(start, end), kind: token && token.from <= start ? token.kind : '', wrong: start >= from && start < to });
  }
  if (fault && from === text.length) pieces.push({ text: ' ', kind: '', wrong: true });
  return pieces;
}

/** The text after a suggestion was taken, and where the cursor then stands. */
export function accept(text: string, from: number, to: number, suggestion: string): { text: string; cursor: number } {
  return { text: text.slice(0, from) + suggestion + text.slice(to), cursor: from + suggestion.length };
}

/** Newest first, each once, at most so many. */
export function remember(history: readonly string[], query: string, most = 8): string[] {
  const text = query.trim();
  return text === '' ? [...history] : [text, ...history.filter((item) => item !== text)].slice(0, most);
}
