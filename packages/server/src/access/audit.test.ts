import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redacted } from './audit.ts';

describe('the copy for the audit log', () => {
  it('leaves out what has a secret’s name, at any depth', () => {
    expect(redacted({ password: 'x', currentPassword: 'x', oidc: { clientSecret: 'x', name: 'Company' }, list: [{ token: 'x' }], code: 'x', sbom: 'x' })).toEqual({
      password: '…', currentPassword: '…', oidc: { clientSecret: '…', name: 'Company' }, list: [{ token: '…' }], code: '…', sbom: '…',
    });
  });

  it('is small, whatever it is a copy of, and touches no prototype', () => {
    const nested = JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>;
    expect(Object.getPrototypeOf(redacted(nested))).toBe(Object.prototype);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything({ maxDepth: 8, maxKeys: 100 }), { maxKeys: 100 }), (value) => {
        const copy = redacted(value);
        expect(Object.keys(copy).length).toBeLessThanOrEqual(40);
        const depth = (item: unknown): number => (typeof item === 'object' && item !== null ? 1 + Math.max(0, ...Object.values(item).map(depth)) : 0);
        expect(depth(copy)).toBeLessThanOrEqual(5);
        expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });
});
