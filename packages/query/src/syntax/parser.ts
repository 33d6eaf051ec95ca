import type { Node, Span, Test } from '../fields.ts';
import { oneOf, QueryError, shown } from './error.ts';
import { tokenize, tokenText, wildcardPattern, type Token } from './lexer.ts';
import { valueGroup } from './value-group.ts';

/** What one query may be: keeps parsing, the statement and the database's planning bounded. */
export const LIMITS = { characters: 4000, depth: 32, terms: 200, wildcards: 8 } as const;

type Operator = Extract<Test, { kind: 'compare' }>['operator'];

const TERM_START = ['a field', 'a value', '"not"', '"("'];
const VALUE = ['a value', '"["', '"("', '"*"'];

class Parser {
  readonly text: string;
  readonly tokens: Token[];
  private next = 0;
  private depth = 0;
  private terms = 0;
  /** How many value groups are open: there a comparison may stand without a field. */
  private groups = 0;

  constructor(text: string) {
    this.text = text;
    this.tokens = tokenize(text);
  }

  whole(): Node {
    if (this.tokens.length === 0) return { kind: 'all', from: 0, to: this.text.length };
    const node = this.or();
    if (this.peek()) this.fail(['"and"', '"or"', 'the end']);
    return node;
  }

  private peek(ahead = 0): Token | undefined {
    return this.tokens[this.next + ahead];
  }

  private raw(span: Span): string {
    return this.text.slice(span.from, span.to);
  }

  /** The next token is this text: a bracket or a keyword. */
  private sees(kind: Token['kind'], text: string): boolean {
    const token = this.peek();
    return token?.kind === kind && this.raw(token).toLowerCase() === text;
  }

  private fail(expected: readonly string[], hint = ''): never {
    const token = this.peek();
    const end = { from: this.text.length, to: this.text.length };
    const found = token ? shown(this.raw(token)) : 'the query ends';
    throw new QueryError('query-syntax', `${found}${token ? ' stands' : ''} where ${oneOf(expected)} is expected${hint}`, token ?? end, expected);
  }

  private deeper<T>(at: Span, inside: () => T): T {
    if (++this.depth > LIMITS.depth) throw new QueryError('query-syntax', `a query can be nested ${LIMITS.depth} levels deep; this is deeper`, at);
    const result = inside();
    this.depth--;
    return result;
  }

  private count(at: Span): void {
    if (++this.terms > LIMITS.terms) throw new QueryError('query-syntax', `a query can have ${LIMITS.terms} values; this is one more`, at);
  }

  private or(): Node {
    const nodes = [this.and()];
    while (this.sees('keyword', 'or')) {
      this.next++;
      nodes.push(this.and());
    }
    return joined('or', nodes);
  }

  private and(): Node {
    const nodes = [this.not()];
    for (;;) {
      if (this.sees('keyword', 'and')) this.next++;
      else if (!this.startsTerm()) return joined('and', nodes);
      nodes.push(this.not());
    }
  }

  private startsTerm(): boolean {
    const token = this.peek();
    if (!token) return false;
    if (token.kind === 'keyword') return this.sees('keyword', 'not');
    return token.kind !== 'close' && token.kind !== 'comma' && token.kind !== 'dots';
  }

  private not(): Node {
    const token = this.peek();
    if (!token || !this.sees('keyword', 'not')) return this.primary();
    this.next++;
    const node = this.deeper(token, () => this.not());
    return { kind: 'not', node, from: token.from, to: node.to };
  }

  private primary(): Node {
    const token = this.peek();
    if (!token) this.fail(TERM_START);
    if (token.kind === 'field') return this.term();
    if (this.sees('open', '(')) {
      this.next++;
      const node = this.deeper(token, () => this.or());
      const close = this.close(token, ')');
      return { ...node, from: token.from, to: close.to };
    }
    if (token.kind === 'operator') {
      if (this.groups === 0) this.fail(['a field'], '; quote a value that begins like this');
      const operator = this.operator(token);
      const test = operator === undefined ? this.value() : this.compare(operator.operator);
      const node: Node = { kind: 'text', test, from: token.from, to: test.to };
      return operator?.negated ? { kind: 'not', node, from: token.from, to: test.to } : node;
    }
    if (isValue(token)) {
      const test = this.value();
      return { kind: 'text', test, from: test.from, to: test.to };
    }
    this.fail(TERM_START);
  }

  /** Takes the operator; undefined for the colon. */
  private operator(token: Token): { operator: Operator; negated: boolean } | undefined {
    this.next++;
    const text = this.raw(token);
    if (text === ':') return undefined;
    if (text === '!=') return { operator: '=', negated: true };
    return { operator: text.replace(':', '') as Operator, negated: false };
  }

  private term(): Node {
    const token = this.peek()!;
    const name: Span = { from: token.from, to: token.to };
    const path = this.raw(token).split('.');
    this.next++;
    const operator = this.operator(this.peek()!);
    if (operator) {
      const test = this.compare(operator.operator);
      const term: Node = { kind: 'term', path, name, test, from: name.from, to: test.to };
      return operator.negated ? { kind: 'not', node: term, from: name.from, to: test.to } : term;
    }
    if (this.sees('open', '(') && !this.startsRange()) return this.group(path, name);
    const test = this.peek()?.kind === 'open' ? this.brackets() : this.value();
    return { kind: 'term', path, name, test, from: name.from, to: test.to };
  }

  /** `(AWS or Azure)`, or a condition on one object. */
  private group(path: string[], name: Span): Node {
    const open = this.peek()!;
    this.next++;
    this.groups++;
    const inner = this.deeper(open, () => this.or());
    this.groups--;
    const close = this.close(open, ')', this.peek()?.kind === 'comma' ? ['"or"', '")"'] : undefined);
    return valueGroup(inner, path, name, { from: open.from, to: close.to });
  }

  private startsRange(): boolean {
    const [first, second] = [this.peek(1), this.peek(2)];
    return first?.kind === 'dots' || (first !== undefined && isValue(first) && second?.kind === 'dots');
  }

  private brackets(): Test {
    const open = this.peek()!;
    if (this.startsRange()) return this.range(open);
    this.next++;
    const tests: Test[] = [this.value(['a value'])];
    while (this.peek()?.kind === 'comma') {
      this.next++;
      tests.push(this.value(['a value']));
    }
    const close = this.close(open, ']', ['","', ...(tests.length === 1 ? ['".."'] : []), '"]"']);
    return { kind: 'any', tests, from: open.from, to: close.to };
  }

  private range(open: Token): Test {
    this.next++;
    this.count(open);
    const low = this.peek()!.kind === 'dots' ? undefined : this.single();
    const dots = this.peek()!;
    this.next++;
    const after = this.peek();
    const high = after && isValue(after) ? this.single() : undefined;
    const close = this.peek();
    if (close?.kind !== 'close') this.fail(high === undefined ? ['a value', '"]"', '")"'] : ['"]"', '")"']);
    this.next++;
    if (low === undefined && high === undefined) {
      throw new QueryError('query-syntax', 'a range needs a value on at least one side of ".."', dots, ['a value']);
    }
    return {
      kind: 'range',
      low,
      high,
      lowInclusive: this.raw(open) === '[',
      highInclusive: this.raw(close) === ']',
      from: open.from,
      to: close.to,
    };
  }

  private close(open: Token, bracket: ')' | ']', expected?: readonly string[]): Token {
    const token = this.peek();
    if (token && this.sees('close', bracket)) {
      this.next++;
      return token;
    }
    if (!token) {
      throw new QueryError('query-syntax', `the ${shown(this.raw(open))} here is not closed`, open, [`"${bracket}"`]);
    }
    this.fail(expected ?? ['"and"', '"or"', `"${bracket}"`]);
  }

  private closed(token: Token): Token {
    if (!token.closed) throw new QueryError('query-syntax', 'the quote that begins here is not closed', token, [`${this.text[token.from]!} at the end`]);
    return token;
  }

  /** One value's text, where wildcards have no meaning. */
  private single(): string {
    const token = this.peek();
    if (!token || !isValue(token)) this.fail(['a value']);
    this.next++;
    return tokenText(this.text, this.closed(token));
  }

  private compare(operator: Operator): Test {
    const token = this.peek();
    if (operator === '=' && token?.kind === 'word' && wildcardPattern(this.raw(token)) !== undefined) return this.value();
    const value = this.single();
    this.count(token!);
    return { kind: 'compare', operator, value, from: token!.from, to: token!.to };
  }

  private value(expected: readonly string[] = VALUE): Test {
    const token = this.peek();
    if (!token || !isValue(token)) this.fail(expected);
    this.next++;
    this.count(token);
    const span = { from: token.from, to: token.to };
    const text = tokenText(this.text, this.closed(token));
    if (token.kind !== 'word') return { kind: token.kind === 'phrase' ? 'phrase' : 'exact', text, ...span };
    const pattern = wildcardPattern(this.raw(token));
    if (pattern === undefined) return { kind: 'word', text, ...span };
    if (pattern === '*') return { kind: 'exists', ...span };
    const stars = pattern.replace(/\\./g, '').replace(/[^*?]/g, '').length;
    if (stars > LIMITS.wildcards) {
      throw new QueryError('query-syntax', `a value can have ${LIMITS.wildcards} wildcards; this has ${stars}`, span);
    }
    return { kind: 'wildcard', pattern, ...span };
  }
}

const isValue = (token: Token): boolean => token.kind === 'word' || token.kind === 'phrase' || token.kind === 'exact';

function joined(kind: 'and' | 'or', nodes: Node[]): Node {
  return nodes.length === 1 ? nodes[0]! : { kind, nodes, from: nodes[0]!.from, to: nodes.at(-1)!.to };
}

/** Throws QueryError. Knows no fields: whether they exist is found by `compile` and `check`. */
export function parse(text: string): Node {
  if (text.length > LIMITS.characters) {
    throw new QueryError('query-syntax', `a query can have ${LIMITS.characters} characters; this has ${text.length}`, { from: LIMITS.characters, to: text.length });
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) throw new QueryError('query-syntax', 'a query cannot have NUL characters', { from: nul, to: nul + 1 });
  return new Parser(text).whole();
}
