import { describe, expect, it } from 'vitest';
import { schemeFor, SCHEMES } from './index.ts';

/** Versions in ascending order, from each specification's own text or test data; `=` joins equal ones. */
const ASCENDING: Record<string, string[]> = {
  // Debian policy 5.6.12 and deb-version(7)
  Debian: ['~~', '~~a', '~', '', '1.0~beta1~svn1245', '1.0~beta1', '1.0', '1.0+dfsg-1', '1.0.1-1', '1.1-1~deb12u1', '1.1-1', '1.1-1+b1', '1.1-1.1', 'a', '1:0.1 = 01:0.1'],
  // rpm's tests/rpmvercmp.at
  AlmaLinux: ['1.0~rc1~git123', '1.0~rc1', '1.0', '1.0^', '1.0^git1~pre', '1.0^git1', '1.0^git2', '1.0.1', '2.0', '2.0.1', '2.0.1a', '5.5p1', '5.5p2', '5.5p10', '10xyz', '10.1xyz', '0:20101121 = 20101121', '20101122', '1:1.0-1.el8', '1:1.0-1.el8_10', '1:1.0-2.el8 = 1:1.0-2_el8'],
  // apk-tools, test/unit/version_test.data
  Alpine: ['0.1.0_alpha_pre2', '0.1.0_alpha', '0.1.0_alpha1', '0.1.3_pre9', '0.1.3', '1.0_rc1', '1.0', '1.0-r0', '1.0-r1', '1.0_git20230101-r0', '1.0_p1-r0', '1.0a', '1.0b', '1.01', '1.1', '1.1~1234', '1.1.0', '1.2.10', '6.0'],
  // semver.org rule 11
  npm: ['1.0.0-0', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0 = v1.0.0 = 1.0 = 1.0.0+build.5', '1.2.0', '1.10.0'],
  Bitnami: ['1.24.0-rc.1', '1.24.0', '1.24.0-1', '1.24.0-10', '1.24.1'],
  // PEP 440, "Summary of permitted suffixes and relative ordering"
  PyPI: ['not a version', '1.dev0', '1.0.dev456', '1.0a1', '1.0a2.dev456', '1.0a12.dev456', '1.0a12 = 1.0-alpha.12', '1.0b1.dev456', '1.0b2', '1.0b2.post345.dev456', '1.0b2.post345', '1.0rc1.dev456', '1.0rc1 = 1.0c1 = 1.0preview1', '1.0 = v1.0.0', '1.0+abc.5', '1.0+abc.7', '1.0+5', '1.0.post456.dev34', '1.0.post456 = 1.0-456 = 1.0r456', '1.1.dev1', '1.1', '2012.4', '1!0.1'],
  // maven.apache.org/pom.html, "Version Order Specification", and ComparableVersionTest
  Maven: ['1-alpha2snapshot', '1-alpha2', '1-alpha-123', '1-beta-2', '1-m2', '1-m11', '1-rc = 1-cr', '1-rc2 = 1-cr2', '1-SNAPSHOT', '1 = 1.0.0 = 1-ga = 1.final = 1-0', '1-sp', '1-abc', '1-foo2', '1-foo10', '1-1', '1-2', '1.1', '1.3', '31.0-android', '31.0-jre', '31.1-android', '2024.1'],
  // Gem::Version documentation
  RubyGems: ['1.0.a', '1.0.a.2', '1.0.a10 = 1.0.a.10', '1.0.b1', '1.0-1', '1.0.rc1', '1 = 1.0.0', '1.0.2', '1.9', '1.10.0.beta', '1.10'],
  // go.dev/ref/mod: pseudo-versions and +incompatible; go.dev/doc/toolchain
  Go: ['v0.0.0-20190101000000-abcdefabcdef', 'v0.0.0-20200101000000-0123456789ab', 'v0.1.0', 'v1.2.3-pre', 'v1.2.3-pre.0.20191109021931-daa7c04131f5', 'v1.2.3 = 1.2.3', 'v1.2.4-0.20191109021931-daa7c04131f5', 'v1.2.4', '1.22.0-0', 'go1.22beta1', 'go1.22rc1 = 1.22.0-rc.1', 'go1.22rc2', 'go1.22 = v1.22.0 = go1.22.0 X:boringcrypto', 'go1.22.3', 'v2.0.0+incompatible = 2.0.0'],
  NuGet: ['1.0.1-aaa = 1.0.1-AAA', '1.0.1-alpha', '1.0.1-alpha10', '1.0.1-alpha2', '1.0.1-beta', '1.0.1-rc', '1.0.1-zzz', '1.0.1 = 1.0.1.0 = 1.0.1+meta', '1.0.1.1', '1.0.2'],
  // php.net version_compare, composer/semver's normalisation
  Packagist: ['dev-main', '1.0-dev', '1.0-alpha1 = 1.0.0-a1', '1.0-beta', '1.0RC1 = 1.0.0-RC1', '1.0 = 1.0.0.0 = v1.0 = 1.0-stable', '1.0-patch1 = 1.0pl1', '1.0.1', '1.10.0'],
  CRAN: ['1.2', '1.2-0', '1.2.3 = 1.2-3', '1.10'],
};

describe.each(Object.entries(ASCENDING))('published examples of %s', (ecosystem, lines) => {
  const scheme = schemeFor(ecosystem)!;
  const groups = lines.map((line) => (line === '' ? [''] : line.split(' = ')));

  it('keeps the order, every pair', () => {
    const wrong: string[] = [];
    groups.forEach((group, i) => {
      groups.forEach((other, j) => {
        for (const a of group) for (const b of other) {
          if (Math.sign(scheme.compare(a, b)) !== Math.sign(i - j)) wrong.push(`${a} ? ${b}`);
        }
      });
    });
    expect(wrong).toEqual([]);
  });
});

describe('schemeFor', () => {
  it('ignores the release and knows every ecosystem that a scheme names', () => {
    expect(schemeFor('Debian:12')?.name).toBe('dpkg');
    expect(schemeFor('Red Hat:enterprise_linux:8::appstream')?.name).toBe('rpm');
    for (const scheme of SCHEMES) for (const name of scheme.ecosystems) expect(schemeFor(name)).toBe(scheme);
  });

  it('gives no scheme for an unknown ecosystem or an object member’s name', () => {
    expect(schemeFor('Nonesuch:1')).toBeUndefined();
    expect(schemeFor('constructor')).toBeUndefined();
  });

  it('lists each ecosystem once', () => {
    const names = SCHEMES.flatMap((scheme) => scheme.ecosystems);
    expect(new Set(names).size).toBe(names.length);
  });
});
