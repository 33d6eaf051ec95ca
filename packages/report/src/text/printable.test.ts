import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutEnd, cutMiddle, printable, textWidth, wrap } from './printable.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 200 });

describe('printable', () => {
  it('is one line without controls, and stable', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = printable(text);
        expect(once).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(printable(once)).toBe(once);
      }),
    );
  });

  it('keeps letters of any script', () => {
    expect(printable('naïve-пакет-包-é')).toBe('naïve-пакет-包-é');
  });

  it('bounds what it is given', () => {
    expect(printable('x'.repeat(1_000_000)).length).toBeLessThan(5000);
  });
});

describe('cutting and wrapping', () => {
  it('keeps to the width', () => {
    fc.assert(
      fc.property(anyText.map(printable), fc.integer({ min: 1, max: 50 }), (text, width) => {
        expect(textWidth(cutMiddle(text, width))).toBeLessThanOrEqual(width);
        expect(textWidth(cutEnd(text, width))).toBeLessThanOrEqual(width);
        for (const line of wrap(text, width)) expect(textWidth(line)).toBeLessThanOrEqual(width);
        expect(wrap(text, width).join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });

  it('keeps both ends of a name', () => {
    expect(cutMiddle('org.apache.logging.log4j:log4j-core', 20)).toBe('org.apache…og4j-core');
    expect(cutMiddle('abc', 1)).toBe('…');
  });
});
