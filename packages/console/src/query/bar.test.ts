import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accept, faultOf, faultOfProblem, paint, remember } from './bar.ts';

describe('the query bar', () => {
  it('paints every character once, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(paint(text, null).map((piece) => piece.text).join('')).toBe(text);
      }),
    );
  });

  it('gives tokens their colours', () => {
    expect(paint('state:running and x', null).filter((piece) => piece.text.trim() !== '').map((piece) => [piece.text, piece.kind])).toEqual([
      ['state', 'field'], [':', 'operator'], ['running', 'word'], ['and', 'keyword'], ['x', 'word'],
    ]);
  });

  it('marks what is wrong, and a place behind the end', () => {
    const wrong = (text: string, from: number, to: number) => paint(text, { from, to, message: '', expected: [] }).filter((piece) => piece.wrong).map((piece) => piece.text).join('');
    expect(wrong('state:running and nosuch:5', 18, 24)).toBe('nosuch');
    expect(wrong('state:', 6, 6)).toBe(' ');
    expect(wrong('a (b', 2, 2)).toBe('(');
  });

  it('finds mistakes of grammar at their place', () => {
    expect(faultOf('state:running and (x:1 or y:2)')).toBeNull();
    expect(faultOf('')).toBeNull();
    const fault = faultOf('state:running and (severity:5');
    expect(fault?.from).toBe(18);
    expect(fault?.expected.length).toBeGreaterThan(0);
  });

  it('takes the place of a mistake from the server', () => {
    const problem = { type: 'urn:x', title: 'No', status: 400, detail: 'Character 3: no such field', code: 'query-field' };
    expect(faultOfProblem(problem)).toBeNull();
    expect(faultOfProblem({ ...problem, position: { from: 2, to: 5, expected: ['name'] } })).toEqual({ from: 2, to: 5, message: 'Character 3: no such field', expected: ['name'] });
  });

  it('puts a suggestion where it belongs and the cursor behind it', () => {
    expect(accept('sta and x:1', 0, 3, 'state:')).toEqual({ text: 'state: and x:1', cursor: 6 });
  });

  it('remembers the last queries, each once, newest first', () => {
    expect(remember(['b', 'a'], ' a ')).toEqual(['a', 'b']);
    expect(remember(['a'], '  ')).toEqual(['a']);
    expect(remember(['c', 'b', 'a'], 'd', 3)).toEqual(['d', 'c', 'b']);
  });
});
