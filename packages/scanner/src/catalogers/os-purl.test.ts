import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPurl, parsePurl, type OsRelease } from '@plimsoll/model';
import { osPurl } from './os-purl.ts';

function os(id: string, versionId?: string): OsRelease {
  return { id, idLike: [], prettyName: id, ...(versionId === undefined ? {} : { versionId }) };
}

describe('purls of OS packages', () => {
  it('have the distribution as namespace and qualifier', () => {
    const source = { name: 'openssl', version: '1.1.1n-0+deb11u3' };
    const deb = { type: 'deb', name: 'libssl1.1', version: '1.1.1n-0+deb11u3', arch: 'amd64', purl: '' } as const;
    expect(osPurl(deb, os('debian', '11'))).toBe('pkg:deb/debian/libssl1.1@1.1.1n-0%2Bdeb11u3?arch=amd64&distro=debian-11');
    expect(osPurl({ ...deb, source }, os('debian', '11'))).toBe(
      'pkg:deb/debian/libssl1.1@1.1.1n-0%2Bdeb11u3?arch=amd64&distro=debian-11&upstream=openssl',
    );
    const apk = { type: 'apk', name: 'libstdc++', version: '9.2.0-r3', arch: 'x86_64', purl: '' } as const;
    expect(osPurl(apk, os('alpine', '3.11.5'))).toBe('pkg:apk/alpine/libstdc%2B%2B@9.2.0-r3?arch=x86_64&distro=alpine-3.11.5');
  });

  it('have the rpm epoch and module as qualifiers', () => {
    const pkg = { type: 'rpm', name: 'nginx', version: '1:1.22.1-3.module_el8', arch: 'x86_64', modularity: 'nginx:1.22:1:a', purl: '' } as const;
    expect(osPurl(pkg, os('almalinux', '8.9'))).toBe(
      'pkg:rpm/almalinux/nginx@1.22.1-3.module_el8?arch=x86_64&distro=almalinux-8.9&epoch=1&rpmmod=nginx%3A1.22%3A1%3Aa',
    );
  });

  it('use the vendor names of the purl specification', () => {
    const pkg = { type: 'rpm', name: 'bash', version: '5-1', purl: '' } as const;
    expect(osPurl(pkg, os('rhel', '9.4'))).toBe('pkg:rpm/redhat/bash@5-1?distro=rhel-9.4');
    expect(osPurl(pkg, os('opensuse-leap', '15.5'))).toBe('pkg:rpm/opensuse/bash@5-1?distro=opensuse-leap-15.5');
    expect(osPurl(pkg, os('sles', '15.5'))).toBe('pkg:rpm/suse/bash@5-1?distro=sles-15.5');
    expect(osPurl(pkg, { ...os('debian'), codename: 'trixie' })).toBe('pkg:rpm/debian/bash@5-1?distro=debian-trixie');
    expect(osPurl(pkg, undefined)).toBe('pkg:rpm/bash@5-1');
  });

  it('are what the general writer writes, for any text', () => {
    const word = fc.oneof(
      fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'aBz09._+~:@-*/ %?#&=é') }),
      fc.string({ minLength: 1, maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.constantFrom('deb' as const, 'apk' as const), word, word, word, word, (type, name, version, arch, upstream) => {
        const pkg = { type, name, version, arch, source: { name: upstream, version: `${version}x` }, purl: 'fallback' };
        let expected = 'fallback';
        try {
          const qualifiers = { arch, distro: 'x-1', upstream: `${upstream}@${version}x` };
          expected = formatPurl({ type, namespace: 'x', name, version, qualifiers });
        } catch {
          // A name of spaces or slashes alone.
        }
        expect(osPurl(pkg, os('x', '1'))).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('can be read back', () => {
    const pkg = { type: 'deb', name: 'g++', version: '4:12.2.0-3~x', arch: 'amd64', source: { name: 'gcc-defaults', version: '1.203' }, purl: '' } as const;
    expect(parsePurl(osPurl(pkg, os('debian', '12')))).toMatchObject({
      type: 'deb',
      namespace: 'debian',
      name: 'g++',
      version: '4:12.2.0-3~x',
      qualifiers: { arch: 'amd64', distro: 'debian-12', upstream: 'gcc-defaults@1.203' },
    });
  });
});
