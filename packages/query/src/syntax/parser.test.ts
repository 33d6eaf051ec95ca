import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node, Test } from '../fields.ts';
import { QueryError } from './error.ts';
import { tokenize } from './lexer.ts';
import { LIMITS, parse } from './parser.ts';
import { print, quoted, quoteValue } from './print.ts';

/** The tree without places. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !['from', 'to', 'name'].includes(key)).map(([key, inner]) => [key, bare(inner)]));
}
const tree = (text: string): unknown => bare(parse(text));
const term = (path: string, test: unknown): unknown => ({ kind: 'term', path: path.split('.'), test });
const word = (text: string): unknown => ({ kind: 'word', text });

describe('values', () => {
  it.each<[string, unknown]>([
    ['a:b', word('b')],
    ['a : b', word('b')],
    ['a:docker.io/library/nginx:1.25', word('docker.io/library/nginx:1.25')],
    ['a:CVE-2021-44228', word('CVE-2021-44228')],
    ['a:x,y', word('x,y')],
    ['a:x..y', word('x..y')],
    ['a:b\\ c', word('b c')],
    ['a:\\*', word('*')],
    ['a:and', word('and')],
    ['a:::1', word('::1')],
    ['a:"b c"', { kind: 'phrase', text: 'b c' }],
    ['a:"b\\"c\\\\"', { kind: 'phrase', text: 'b"c\\' }],
    ['a:""', { kind: 'phrase', text: '' }],
    ['a:`b c`', { kind: 'exact', text: 'b c' }],
    ['a:b*', { kind: 'wildcard', pattern: 'b*' }],
    ['a:*b?', { kind: 'wildcard', pattern: '*b?' }],
    ['a:b\\?*', { kind: 'wildcard', pattern: 'b\\?*' }],
    ['a=b*', { kind: 'wildcard', pattern: 'b*' }],
    ['a:"b*"', { kind: 'phrase', text: 'b*' }],
    ['a:*', { kind: 'exists' }],
    ['a<5', { kind: 'compare', operator: '<', value: '5' }],
    ['a <= 5', { kind: 'compare', operator: '<=', value: '5' }],
    ['a>now-30d', { kind: 'compare', operator: '>', value: 'now-30d' }],
    ['a:>=5', { kind: 'compare', operator: '>=', value: '5' }],
    ['a="b c"', { kind: 'compare', operator: '=', value: 'b c' }],
    ['a:=b', { kind: 'compare', operator: '=', value: 'b' }],
    ['a:[5 .. 8]', { kind: 'range', low: '5', high: '8', lowInclusive: true, highInclusive: true }],
    ['a:[5..8]', { kind: 'range', low: '5', high: '8', lowInclusive: true, highInclusive: true }],
    ['a:(5 .. 8)', { kind: 'range', low: '5', high: '8', lowInclusive: false, highInclusive: false }],
    ['a:[5 .. 8)', { kind: 'range', low: '5', high: '8', lowInclusive: true, highInclusive: false }],
    ['a:(5 .. 8]', { kind: 'range', low: '5', high: '8', lowInclusive: false, highInclusive: true }],
    ['a:[5 .. ]', { kind: 'range', low: '5', high: undefined, lowInclusive: true, highInclusive: true }],
    ['a:[ .. now]', { kind: 'range', low: undefined, high: 'now', lowInclusive: true, highInclusive: true }],
    ['a:["2026-01-01 10:00" .. now-1d]', { kind: 'range', low: '2026-01-01 10:00', high: 'now-1d', lowInclusive: true, highInclusive: true }],
    ['a:[4, 5]', { kind: 'any', tests: [word('4'), word('5')] }],
    ['a:[and, "b c", `d`, e*]', { kind: 'any', tests: [word('and'), { kind: 'phrase', text: 'b c' }, { kind: 'exact', text: 'd' }, { kind: 'wildcard', pattern: 'e*' }] }],
    ['a:(b or c)', { kind: 'any', tests: [word('b'), word('c')] }],
    ['a:(b)', word('b')],
    ['a:((b or c) or d)', { kind: 'any', tests: [{ kind: 'any', tests: [word('b'), word('c')] }, word('d')] }],
    ['a:(<1 or >5)', { kind: 'any', tests: [{ kind: 'compare', operator: '<', value: '1' }, { kind: 'compare', operator: '>', value: '5' }] }],
  ])('%s', (text, test) => {
    expect(tree(text)).toEqual(term('a', test));
  });
});

describe('terms together', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => term(name, word('1')));
  it.each<[string, unknown]>([
    ['', { kind: 'all' }],
    ['  \n', { kind: 'all' }],
    ['a:1 and b:1', { kind: 'and', nodes: [a, b] }],
    ['a:1 b:1', { kind: 'and', nodes: [a, b] }],
    ['a:1 AND b:1 Or c:1', { kind: 'or', nodes: [{ kind: 'and', nodes: [a, b] }, c] }],
    ['a:1 or b:1 c:1', { kind: 'or', nodes: [a, { kind: 'and', nodes: [b, c] }] }],
    ['(a:1 or b:1) c:1', { kind: 'and', nodes: [{ kind: 'or', nodes: [a, b] }, c] }],
    ['not a:1 b:1', { kind: 'and', nodes: [{ kind: 'not', node: a }, b] }],
    ['not(a:1 b:1)', { kind: 'not', node: { kind: 'and', nodes: [a, b] } }],
    ['a!=1', { kind: 'not', node: term('a', { kind: 'compare', operator: '=', value: '1' }) }],
    ['a:(1 and not 2)', { kind: 'and', nodes: [a, { kind: 'not', node: term('a', word('2')) }] }],
    ['a.b:1', term('a.b', word('1'))],
    ['x:(a:1 and b:1)', { kind: 'nested', path: ['x'], node: { kind: 'and', nodes: [a, b] } }],
    ['x:(a:1)', { kind: 'nested', path: ['x'], node: a }],
    ['x:(nginx and a:1)', { kind: 'nested', path: ['x'], node: { kind: 'and', nodes: [{ kind: 'text', test: word('nginx') }, a] } }],
    ['nginx "front end"', { kind: 'and', nodes: [{ kind: 'text', test: word('nginx') }, { kind: 'text', test: { kind: 'phrase', text: 'front end' } }] }],
    ['docker.io/library/nginx:1.25', { kind: 'text', test: word('docker.io/library/nginx:1.25') }],
  ])('%s', (text, expected) => {
    expect(tree(text)).toEqual(expected);
  });

  it('know where they stand', () => {
    const node = parse('a:1 and (b:"x y")') as Extract<Node, { kind: 'and' }>;
    expect(node).toMatchObject({ from: 0, to: 17, nodes: [{ from: 0, to: 3, name: { from: 0, to: 1 }, test: { from: 2, to: 3 } }, { from: 8, to: 17, name: { from: 9, to: 10 }, test: { from: 11, to: 16 } }] });
  });
});

it.each([
  'vulnerabilities.severity:5 and repo.registry:"docker.io"',
  'isDockerHost:true and provider:(AWS or Azure or GCP)',
  'operatingSystem:mac and software.name:docker',
  'software:(name:log4j-core and version<2.17.1)',
  'vulnerabilities.id:CVE-2021-44228',
  'created>now-30d',
  'label:"app=shop"',
  'not severity:[4, 5] and (name:nginx* or id:`exact`)',
  'severity:[5 .. 8] or severity:(5 .. 8)',
  'lastScanned:[now-7d .. now]',
  'vulnerabilities.severity:"Severity 5"',
])('%s is a query, and the same when printed', (text) => {
  expect(tree(print(parse(text)))).toEqual(tree(text));
});

describe('errors say where, what stands there and what is expected', () => {
  it.each<[string, number, number, string, string[]]>([
    ['state:', 6, 6, 'the query ends where a value, "[", "(" or "*" is expected', ['a value', '"["', '"("', '"*"']],
    ['state: and x', 7, 10, '"and" stands where a value, "[", "(" or "*" is expected', ['a value', '"["', '"("', '"*"']],
    ['size>', 5, 5, 'the query ends where a value is expected', ['a value']],
    ['size>[1]', 5, 6, '"[" stands where a value is expected', ['a value']],
    ['a and', 5, 5, 'the query ends where a field, a value, "not" or "(" is expected', ['a field', 'a value', '"not"', '"("']],
    ['a or or b', 5, 7, '"or" stands where', ['a field', 'a value', '"not"', '"("']],
    ['and a', 0, 3, '"and" stands where', ['a field', 'a value', '"not"', '"("']],
    ['not', 3, 3, 'the query ends where', ['a field', 'a value', '"not"', '"("']],
    ['()', 1, 2, '")" stands where', ['a field', 'a value', '"not"', '"("']],
    ['(a or b', 0, 1, 'the "(" here is not closed', ['")"']],
    ['x:(a or b', 2, 3, 'the "(" here is not closed', ['")"']],
    ['x:[a, b', 2, 3, 'the "[" here is not closed', ['"]"']],
    ['a)', 1, 2, '")" stands where "and", "or" or the end is expected', ['"and"', '"or"', 'the end']],
    ['a]', 1, 2, '"]" stands where', ['"and"', '"or"', 'the end']],
    ['(a]', 2, 3, '"]" stands where "and", "or" or ")" is expected', ['"and"', '"or"', '")"']],
    ['x:"a b', 2, 6, 'the quote that begins here is not closed', ['" at the end']],
    ['x:`a b', 2, 6, 'the quote that begins here is not closed', ['` at the end']],
    ['x:"a\\"', 2, 6, 'the quote that begins here is not closed', ['" at the end']],
    ['x:[5 8]', 5, 6, '"8" stands where ",", ".." or "]" is expected', ['","', '".."', '"]"']],
    ['x:[5, 6 7]', 8, 9, '"7" stands where "," or "]" is expected', ['","', '"]"']],
    ['x:[]', 3, 4, '"]" stands where a value is expected', ['a value']],
    ['x:[5,]', 5, 6, '"]" stands where a value is expected', ['a value']],
    ['x:[ .. ]', 4, 6, 'a range needs a value on at least one side of ".."', ['a value']],
    ['x:[5 .. 8', 9, 9, 'the query ends where "]" or ")" is expected', ['"]"', '")"']],
    ['x:[5 .. ', 8, 8, 'the query ends where a value, "]" or ")" is expected', ['a value', '"]"', '")"']],
    ['x:[5 .. 8 9]', 10, 11, '"9" stands where "]" or ")" is expected', ['"]"', '")"']],
    ['x:(AWS, GCP)', 6, 7, '"," stands where "or" or ")" is expected', ['"or"', '")"']],
    ['x::5', 2, 3, '":" stands where a value', ['a value', '"["', '"("', '"*"']],
    ['>5', 0, 1, '">" stands where a field is expected', ['a field']],
    ['x:[>5]', 3, 4, '">" stands where a value is expected', ['a value']],
    ['[5]', 0, 1, '"[" stands where a field, a value, "not" or "(" is expected', ['a field', 'a value', '"not"', '"("']],
    ['x:a*b*c*d*e*f*g*h*i*', 2, 20, 'a value can have 8 wildcards; this has 9', []],
    ['x:\0', 2, 3, 'a query cannot have NUL characters', []],
  ])('%s', (text, from, to, problem, expected) => {
    const error = failure(text)!;
    expect({ code: error.code, from: error.from, to: error.to, expected: error.expected }).toEqual({ code: 'query-syntax', from, to, expected });
    expect(error.message).toContain(`Character ${from + 1}: ${problem}`);
    expect(error.message).not.toMatch(/[\r\n]/);
  });

  it('bounds length, depth and number', () => {
    expect(failure('a'.repeat(LIMITS.characters))).toBeUndefined();
    expect(failure('a'.repeat(LIMITS.characters + 1))?.message).toContain('4000 characters; this has 4001');
    const deep = (levels: number): string => '('.repeat(levels) + 'a' + ')'.repeat(levels);
    expect(failure(deep(LIMITS.depth))).toBeUndefined();
    expect(failure(deep(LIMITS.depth + 1))).toMatchObject({ from: LIMITS.depth });
    expect(failure(deep(1900))?.message).toContain('levels deep');
    expect(failure(`${'not '.repeat(LIMITS.depth + 1)}a`)?.message).toContain('levels deep');
    expect(failure('x:('.repeat(LIMITS.depth + 1))?.message).toContain('levels deep');
    expect(failure('a '.repeat(LIMITS.terms))).toBeUndefined();
    expect(failure('a '.repeat(LIMITS.terms + 1))).toMatchObject({ from: LIMITS.terms * 2, message: expect.stringContaining('200 values') });
    expect(failure(`x:[${Array(LIMITS.terms + 1).fill('1').join(',')}]`)?.message).toContain('200 values');
  });
});

function failure(text: string): QueryError | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
}

const NOWHERE = { from: 0, to: 0 };
const someText = fc.oneof(fc.string({ minLength: 1, maxLength: 8 }), fc.constantFrom('and', 'OR', 'not', '..', '*', '\\', 'a:b', '::', '>5', 'now-7d', '`', '"')).filter((text) => !text.includes('\0'));
/** A pattern as the parser writes it: only `*`, `?` and backslash are escaped. */
const pattern = fc.array(fc.oneof(fc.constantFrom('*', '?'), someText.map((text) => text.slice(0, 3).replace(/[*?\\]/g, '\\$&'))), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')).filter((text) => /(?:^|[^\\])(?:\\\\)*[*?]/.test(text) && text !== '*');
const simpleTest: fc.Arbitrary<Test> = fc.oneof(
  someText.map((text): Test => ({ kind: 'word', text, ...NOWHERE })),
  fc.oneof(someText, fc.constant('')).map((text): Test => ({ kind: 'phrase', text, ...NOWHERE })),
  fc.oneof(someText, fc.constant('')).map((text): Test => ({ kind: 'exact', text, ...NOWHERE })),
  pattern.filter((text) => text.replace(/\\./g, '').replace(/[^*?]/g, '').length <= LIMITS.wildcards).map((text): Test => ({ kind: 'wildcard', pattern: text, ...NOWHERE })),
  fc.constant<Test>({ kind: 'exists', ...NOWHERE }),
);
const compareTest = fc.tuple(fc.constantFrom('<', '<=', '>', '>=', '='), someText).map(([operator, value]): Test => ({ kind: 'compare', operator, value, ...NOWHERE }) as Test);
const rangeTest = fc
  .record({ low: fc.option(someText, { nil: undefined }), high: fc.option(someText, { nil: undefined }), lowInclusive: fc.boolean(), highInclusive: fc.boolean() })
  .filter(({ low, high }) => low !== undefined || high !== undefined)
  .map((range): Test => ({ kind: 'range', ...range, ...NOWHERE }));
const anyTest = fc.oneof(
  fc.array(simpleTest, { minLength: 1, maxLength: 3 }),
  fc.array(fc.oneof(simpleTest, compareTest), { minLength: 2, maxLength: 3 }),
).map((tests): Test => ({ kind: 'any', tests, ...NOWHERE }));
const path = fc.array(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_-]{0,5}$/).filter((name) => !/^(and|or|not)$/i.test(name)), { minLength: 1, maxLength: 3 });
const termNode = fc.tuple(path, fc.oneof(simpleTest, compareTest, rangeTest, anyTest)).map(([names, test]): Node => ({ kind: 'term', path: names, name: NOWHERE, test, ...NOWHERE }));
const leaf: fc.Arbitrary<Node> = fc.oneof(termNode, simpleTest.map((test): Node => ({ kind: 'text', test, ...NOWHERE })));
const { node: anyNode } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('node'), { minLength: 2, maxLength: 3 })).map(([kind, nodes]): Node => ({ kind, nodes, ...NOWHERE })),
    tie('node').map((node): Node => ({ kind: 'not', node, ...NOWHERE })),
    fc.tuple(path, fc.tuple(tie('node'), termNode)).map(([names, nodes]): Node => ({ kind: 'nested', path: names, name: NOWHERE, node: { kind: 'and', nodes: [...nodes], ...NOWHERE }, ...NOWHERE })),
  ),
}));

describe('any query', () => {
  it('printed and parsed is the same', () => {
    fc.assert(
      fc.property(anyNode, (node) => {
        expect(tree(print(node))).toEqual(bare(node));
      }),
      { numRuns: 1000 },
    );
  });

  const hostile = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(fc.constantFrom('(', ')', '[', ']', '"', '`', ':', '..', ',', ' ', '\\', 'and', 'or', 'not ', 'a', 'x:', '>', '=', '!', '*', '?', '::', '\0', '\u2028'), { maxLength: 40 }).map((parts) => parts.join('')),
  );

  it('of any text fails only with a QueryError that has a place in it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const error = failure(text);
        if (error) {
          expect(error.from).toBeLessThanOrEqual(error.to);
          expect(error.to).toBeLessThanOrEqual(text.length);
        } else {
          // What parses says the same when it is printed.
          expect(tree(print(parse(text)))).toEqual(tree(text));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('has tokens that follow each other and cover all but white space', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        let at = 0;
        for (const token of tokenize(text)) {
          expect(text.slice(at, token.from)).toMatch(/^\s*$/);
          expect(token.to).toBeGreaterThan(token.from);
          at = token.to;
        }
        expect(text.slice(at)).toMatch(/^\s*$/);
      }),
      { numRuns: 1000 },
    );
  });

  it('can have any value, quoted', () => {
    fc.assert(
      fc.property(fc.oneof(someText, fc.constant('')), (value) => {
        for (const text of [`x:${quoteValue(value)}`, `x:[${quoteValue(value)}]`, `x:(${quoteValue(value)} or b)`, `x:${quoted(value, '"')}`, `x:${quoted(value, '`')}`]) {
          const { test } = parse(text) as Extract<Node, { kind: 'term' }>;
          const first = test.kind === 'any' ? test.tests[0]! : test;
          expect('text' in first && first.text).toBe(value);
        }
      }),
    );
  });
});

it('tokens of a query, for highlighting', () => {
  const text = 'a.b:[1 .. "x"] and not c<`y` (z, d:(e';
  expect(tokenize(text).map((token) => `${token.kind} ${text.slice(token.from, token.to)}`)).toEqual([
    'field a.b', 'operator :', 'open [', 'word 1', 'dots ..', 'phrase "x"', 'close ]', 'keyword and', 'keyword not', 'field c', 'operator <', 'exact `y`',
    'open (', 'word z,', 'field d', 'operator :', 'open (', 'word e',
  ]);
  expect(tokenize('a:"b').at(-1)).toEqual({ kind: 'phrase', from: 2, to: 4, closed: false });
});
