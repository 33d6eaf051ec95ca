import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SCHEMES } from './index.ts';

/** Grammars of real versions, small alphabets so that near-equal ones are frequent. */
const number = fc.oneof(
  fc.constantFrom('0', '00', '1', '01', '2', '10'),
  fc.nat(30).map(String),
  fc.constant('12345678901234567890'),
);
const dotted = fc.array(number, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
const word = fc.constantFrom('a', 'b', 'alpha', 'beta', 'rc', 'dev', 'pre', 'x', 'SNAPSHOT', 'final', 'sp', 'm');
const optional = (arbitrary: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), arbitrary);
const join = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((texts) => texts.join(''));
const prefixed = (prefix: string, arbitrary: fc.Arbitrary<string>) => optional(arbitrary.map((text) => prefix + text));
const loose = fc
  .array(fc.oneof(number, word, fc.constantFrom('.', '-', '_', '~', '^', '+', ':', '')), { maxLength: 8 })
  .map((parts) => parts.join(''));
const semverLike = join(
  optional(fc.constant('v')),
  dotted,
  prefixed('-', fc.array(fc.oneof(number, word), { minLength: 1, maxLength: 3 }).map((ids) => ids.join('.'))),
  prefixed('+', word),
);

const GRAMMARS: Record<string, fc.Arbitrary<string>> = {
  dpkg: join(prefixed('', number.map((n) => `${n}:`)), dotted, optional(fc.constantFrom('~', '+', '~rc', '+dfsg', 'a')), optional(number), prefixed('-', loose)),
  rpm: join(prefixed('', number.map((n) => `${n}:`)), dotted, optional(fc.constantFrom('~', '^', '~rc1', '^git')), optional(number), prefixed('-', join(dotted, optional(fc.constantFrom('.el8', '.el9_1'))))),
  apk: join(dotted, optional(fc.constantFrom('a', 'b')), fc.array(join(fc.constantFrom('_alpha', '_rc', '_git', '_p', '_pre'), optional(number)), { maxLength: 2 }).map((s) => s.join('')), prefixed('~', fc.constantFrom('ab', 'ab1')), prefixed('-r', number)),
  semver: semverLike,
  bitnami: semverLike,
  go: fc.oneof(semverLike, join(fc.constantFrom('go', 'v', ''), dotted, optional(join(fc.constantFrom('rc', 'beta'), number)))),
  nuget: semverLike,
  numeric: fc.array(fc.oneof(number, word), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('-')),
  pep440: fc.oneof(
    join(prefixed('', number.map((n) => `${n}!`)), dotted, optional(join(fc.constantFrom('a', 'b', '.rc', '-pre_'), optional(number))), optional(join(fc.constantFrom('.post', '-r', '-'), number)), optional(join(fc.constantFrom('.dev', 'dev'), optional(number))), prefixed('+', fc.array(fc.oneof(number, fc.constantFrom('ubuntu', 'a1')), { minLength: 1, maxLength: 2 }).map((s) => s.join('.')))),
    loose,
  ),
  maven: fc.array(fc.tuple(fc.oneof(number, word), fc.constantFrom('.', '-', '')), { minLength: 1, maxLength: 4 }).map((parts) => parts.flat().join('')),
  rubygems: fc.array(fc.oneof(number, word), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.')),
  composer: join(optional(fc.constant('v')), dotted, optional(join(fc.constantFrom('-alpha', '-beta', 'RC', '-patch', '-dev', '-stable', '.x'), optional(number)))),
};

const sign = Math.sign;

describe.each(SCHEMES.map((scheme) => [scheme.name, scheme] as const))('%s order', (name, scheme) => {
  const version = fc.oneof({ weight: 4, arbitrary: GRAMMARS[name]! }, { weight: 1, arbitrary: loose });
  const compare = (a: string, b: string) => sign(scheme.compare(a, b));

  it('has a grammar here', () => {
    expect(GRAMMARS[name]).toBeDefined();
  });

  it('is total, reflexive and antisymmetric', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(compare(a, a)).toBe(0);
        // A copy that is not the same string object must be equal too, by parsing.
        expect(compare(`${a} `.slice(0, -1), a)).toBe(0);
        const forth = compare(a, b);
        expect([-1, 0, 1]).toContain(forth);
        expect(compare(b, a) + forth).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  it('is transitive, equality included', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const sorted = [a, b, c].sort(compare);
        expect(compare(sorted[0]!, sorted[1]!)).toBeLessThanOrEqual(0);
        expect(compare(sorted[1]!, sorted[2]!)).toBeLessThanOrEqual(0);
        expect(compare(sorted[0]!, sorted[2]!)).toBe(
          Math.min(compare(sorted[0]!, sorted[1]!), compare(sorted[1]!, sorted[2]!)),
        );
      }),
      { numRuns: 1500 },
    );
  });

  it('never throws on anything', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.string({ maxLength: 40 }), (a, b) => {
        expect(compare(a, b) + compare(b, a)).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('copes with very long versions', () => {
    const long = ['1.'.repeat(50_000), '1-'.repeat(50_000), 'a'.repeat(100_000), '9'.repeat(100_000), '_rc'.repeat(30_000)];
    for (const a of long) for (const b of long) expect(compare(a, b) + compare(b, a)).toBe(0);
  });
});
