import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeywordScanner } from './keyword-scanner.ts';

function hits(keywords: string[], text: string): string[] {
  const out: string[] = [];
  new KeywordScanner(keywords).scan(Buffer.from(text, 'latin1'), (index, offset) => {
    out.push(`${keywords[index]}@${offset}`);
    return true;
  });
  return out.sort();
}

describe('KeywordScanner', () => {
  it('finds keywords at start, middle and end, without regard to case, and overlapping ones', () => {
    expect(hits(['token', 'tokens'], 'TOKENS and ToKeN')).toEqual(['token@0', 'token@11', 'tokens@0']);
  });

  it('stops when told to', () => {
    let calls = 0;
    new KeywordScanner(['abcd']).scan(Buffer.from('abcdabcdabcd'), () => ++calls < 2);
    expect(calls).toBe(2);
  });

  it('refuses keywords too short to search for', () => {
    expect(() => new KeywordScanner(['abc'])).toThrow(/abc/);
  });

  it('finds what a plain search finds, for any keywords and text', () => {
    const letters = fc.constantFrom('a', 'b', 'A', '-', '_', '\n');
    const word = fc.string({ unit: letters, minLength: 4, maxLength: 8 });
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 6, selector: (w) => w.toLowerCase() }), fc.string({ unit: letters, maxLength: 200 }), (words, text) => {
        const expected: string[] = [];
        for (const w of words) {
          for (let at = 0; at + w.length <= text.length; at++) {
            if (text.slice(at, at + w.length).toLowerCase() === w.toLowerCase()) expected.push(`${w}@${at}`);
          }
        }
        expect(hits(words, text)).toEqual(expected.sort());
      }),
      { numRuns: 300 },
    );
  });
});
