import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNestedDeeper } from './nesting.ts';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('the depth of JSON', () => {
  it('is that of its value, whatever its texts hold', () => {
    const texts = fc.oneof(fc.string(), fc.constantFrom('[', '"', '\\', '\\"', '{"[', ']]}}', '\\\\"['));
    const values = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 6 }, texts, fc.integer(), fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(texts, tie('value'), { maxKeys: 3 })),
    })).value;
    fc.assert(
      fc.property(values, fc.boolean(), (value, spaced) => {
        const json = JSON.stringify(value, null, spaced ? 2 : 0);
        expect(isNestedDeeper(json, depthOf(value))).toBe(false);
        if (depthOf(value) > 0) expect(isNestedDeeper(json, depthOf(value) - 1)).toBe(true);
      }),
    );
  });

  it('is bounded for what is no JSON', () => {
    expect(isNestedDeeper('['.repeat(1_000_000), 64)).toBe(true);
    expect(isNestedDeeper(`"${'\\"'.repeat(100_000)}`, 64)).toBe(false);
    expect(isNestedDeeper(']]]][[', 1)).toBe(false);
  });
});
