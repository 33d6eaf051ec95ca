import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from './challenge.ts';

const read = (header: string) => parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('parseChallenges', () => {
  it.each<[string, unknown]>([
    ['Basic realm="x"', [['basic', { realm: 'x' }]]],
    ['Bearer realm="https://a/t",service="s",scope="repository:a/b:pull,push"', [['bearer', { realm: 'https://a/t', service: 's', scope: 'repository:a/b:pull,push' }]]],
    ['BEARER Realm = token , x="a\\"b"', [['bearer', { realm: 'token', x: 'a"b' }]]],
    ['Negotiate, Basic realm="y", Bearer realm="z"', [['negotiate', {}], ['basic', { realm: 'y' }], ['bearer', { realm: 'z' }]]],
    ['', []],
    ['realm="x"', []],
    ['Bearer realm="unclosed', [['bearer', {}]]],
    ['Bearer =', []],
  ])('%s', (header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  it('reads any header to an end', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', '=', '"', ',', ' ', '\\', 'é') }), (header) => Array.isArray(parseChallenges(header))));
  });
});
