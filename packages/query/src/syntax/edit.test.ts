import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasTerm, withoutTerm, withTerm } from './edit.ts';

describe('a term is added', () => {
  it.each([
    ['', 'state:running', 'state:running'],
    ['  ', 'state:running', 'state:running'],
    ['nginx', 'state:running', 'nginx and state:running'],
    ['a:1 b:2', 'c:3', 'a:1 b:2 and c:3'],
    ['a:1 or b:2', 'c:3', '(a:1 or b:2) and c:3'],
    ['(a:1) or (b:2)', 'c:3', '((a:1) or (b:2)) and c:3'],
    ['(a:1 or b:2)', 'c:3', '(a:1 or b:2) and c:3'],
    ['a:1', 'b:1 or c:1', 'a:1 and (b:1 or c:1)'],
    ['state:running', 'STATE:"Running"', 'state:running'],
    ['a:"unfinished', 'b:1', 'a:"unfinished and b:1'],
  ])('%s + %s', (query, term, result) => {
    expect(withTerm(query, term)).toBe(result);
  });
});

describe('a term is taken out, and the rest stays as it was written', () => {
  it.each([
    ['state:running', 'state:running', ''],
    ['a:1 and state:running', 'state:running', 'a:1'],
    ['state:running and  a : 1', 'state:running', 'a : 1'],
    ['a:1 state:running  b:2', 'state:"running"', 'a:1  b:2'],
    ['(a:1 or b:2) and c:3', 'c:3', 'a:1 or b:2'],
    ['(a:1 or b:2) and (c:3 or d:4) and e:5', 'e:5', '(a:1 or b:2) and (c:3 or d:4)'],
    ['a:1 and not b:2', 'not b:2', 'a:1'],
    ['a:1 and (b:2)', 'b:2', 'a:1'],
    ['x:(a:1 and b:2) and c:3', 'x:(a:1 and b:2)', 'c:3'],
    ['tags:(a and b)', 'tags:a', 'tags:(a and b)'],
    ['a:1 or b:2', 'a:1', 'a:1 or b:2'],
    ['a:1', 'a:`1`', 'a:1'],
    ['a:"unfinished', 'b:1', 'a:"unfinished'],
  ])('%s - %s', (query, term, result) => {
    expect(withoutTerm(query, term)).toBe(result);
  });
});

it('a term is there only where every row has to have it', () => {
  expect(hasTerm('a:1 and b:2', 'B:2')).toBe(true);
  expect(hasTerm('a:1 or b:2', 'b:2')).toBe(false);
  expect(hasTerm('not b:2', 'b:2')).toBe(false);
  expect(hasTerm('b:22', 'b:2')).toBe(false);
  expect(hasTerm('b:[2, 3]', 'b:(2 or 3)')).toBe(true);
  expect(hasTerm('', '')).toBe(false);
});

it('what was added can be taken out again', () => {
  const queries = fc.constantFrom('', 'a:1', 'a:1 or b:2', 'a:1 b:2', 'not a:1', '(a:1 or b:2) and c:3', 'x:(a:1 b:2)', 'tags:(u and v)', 'a:[1 .. 2] or "w x"', 'nginx');
  const terms = fc.constantFrom('z:9', 'z:"9 9"', 'z:>9', 'not z:9', 'z:(a:1 and b:1)', 'z:[9, 8]', 'z:`9`', '"9"', 'z:9 or y:8');
  fc.assert(
    fc.property(queries, terms, (query, term) => {
      const added = withTerm(query, term);
      expect(hasTerm(added, term)).toBe(true);
      expect(withoutTerm(added, term)).toBe(query);
    }),
  );
});
