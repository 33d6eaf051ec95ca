import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReference, parseReference } from './reference.ts';

const hex = 'a1'.repeat(32);

describe('parseReference', () => {
  it.each([
    ['alpine', 'docker.io/library/alpine:latest'],
    ['alpine:3.19', 'docker.io/library/alpine:3.19'],
    [`alpine:3.19@sha256:${hex}`, `docker.io/library/alpine:3.19@sha256:${hex}`],
    [`alpine@sha256:${hex}`, `docker.io/library/alpine@sha256:${hex}`],
    ['acme/shop', 'docker.io/acme/shop:latest'],
    ['docker.io/alpine', 'docker.io/library/alpine:latest'],
    ['index.docker.io/library/alpine', 'docker.io/library/alpine:latest'],
    ['ghcr.io/acme/shop/web:1', 'ghcr.io/acme/shop/web:1'],
    ['localhost/shop', 'localhost/shop:latest'],
    ['localhost:5000/shop', 'localhost:5000/shop:latest'],
    ['[::1]:5000/shop:2', '[::1]:5000/shop:2'],
    ['127.0.0.1:5000/a__b/c.d-e:V_1', '127.0.0.1:5000/a__b/c.d-e:V_1'],
    ['REG/shop', 'reg/shop:latest'],
  ])('%s is %s', (text, full) => {
    expect(formatReference(parseReference(text))).toBe(full);
  });

  it.each([
    ['', 'empty'], ['Alpine', 'lower case'], ['a b', 'white space'], ['https://x.io/a', 'scheme'], ['a:', 'tag'], [`a:${'x'.repeat(129)}`, 'tag'], ['a@sha256:12', 'digest'],
    [`a@md5:${hex}`, 'digest'], ['x.io/', 'name is missing'], ['a//b', 'name is missing'], ['../a', '".." is not a registry'], ['a/../b', '".." cannot'], ['a___b', 'a___b'], ['-a', '-a'], ['x.io:port/a', 'host'],
    [`a/${'b/'.repeat(130)}c`, '255'], ['a\u001b[31m', 'cannot'],
  ])('refuses %j: %s', (text, why) => {
    expect(() => parseReference(text)).toThrow(why);
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'reference-invalid' }));
  });

  it('reads what it writes', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,6}$/);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom('', 'reg.io/', 'localhost:1/'), fc.constantFrom('', ':v1.2-x', `@sha256:${hex}`), (parts, registry, rest) => {
        const reference = parseReference(registry + parts.join('/') + rest);
        expect(parseReference(formatReference(reference))).toEqual(reference);
      }),
    );
  });

  it('takes or refuses any text, never anything else', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => {
        try {
          expect(parseReference(text).repository).not.toBe('');
        } catch (error) {
          expect(error).toMatchObject({ code: 'reference-invalid' });
        }
      }),
    );
  });
});
