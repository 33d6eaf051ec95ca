import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dpkg } from './dpkg.ts';
import { readDatabase } from './os-package.fixtures.ts';

const STATUS = 'var/lib/dpkg/status';

const LIBSSL = `Package: libssl1.1
Status: install ok installed
Priority: optional
Section: libs
Maintainer: Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>
Architecture: amd64
Multi-Arch: same
Source: openssl
Version: 1.1.1n-0+deb11u3
Depends: libc6 (>= 2.25)
Description: Secure Sockets Layer toolkit - shared libraries
 Package: not-a-field
 Version: 0
`;

function status(...stanzas: string[]) {
  return readDatabase(dpkg, STATUS, `${stanzas.join('\n')}\n`);
}

describe('the dpkg status file', () => {
  it('gives name, version, architecture, source and a purl that knows no distribution', () => {
    const { packages, warnings } = status(LIBSSL);
    expect(warnings).toEqual([]);
    expect(packages).toEqual([
      {
        name: 'libssl1.1',
        version: '1.1.1n-0+deb11u3',
        type: 'deb',
        arch: 'amd64',
        source: { name: 'openssl', version: '1.1.1n-0+deb11u3' },
        vendor: 'Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>',
        purl: 'pkg:deb/libssl1.1@1.1.1n-0%2Bdeb11u3?arch=amd64&upstream=openssl',
      },
    ]);
  });

  it('takes the source version in brackets, and the binary package itself where no source is named', () => {
    const { packages } = status(
      'Package: gcc\nStatus: install ok installed\nVersion: 4:12.2.0-3\nSource: gcc-defaults (1.203)\n',
      'Package: bash\nStatus: install ok installed\nVersion: 5.2.15-2+b2\nSource: bash (5.2.15-2)\n',
      'Package: adduser\nStatus: install ok installed\nVersion: 3.134\n',
    );
    expect(packages.map((p) => p.source)).toEqual([
      { name: 'gcc-defaults', version: '1.203' },
      { name: 'bash', version: '5.2.15-2' },
      { name: 'adduser', version: '3.134' },
    ]);
  });

  it.each([
    ['install ok installed', true],
    ['hold ok installed', true],
    ['install ok half-configured', true],
    ['install ok unpacked', true],
    ['install ok half-installed', true],
    ['install ok triggers-pending', true],
    ['deinstall ok installed', true],
    ['deinstall ok config-files', false],
    ['purge ok not-installed', false],
  ])('Status: %s counts as on disk: %s', (words, onDisk) => {
    const { packages, warnings } = status(`Package: x\nStatus: ${words}\nVersion: 1\n`);
    expect(packages.length).toBe(onDisk ? 1 : 0);
    expect(warnings).toEqual([]);
  });

  it('reads carriage returns, several empty lines and a last stanza without an empty line after it', () => {
    const text = 'Package: a\r\nVersion: 1\r\n\r\n\n\nPackage: b\nVersion: 2\n';
    expect(readDatabase(dpkg, STATUS, text).packages.map((p) => `${p.name} ${p.version}`)).toEqual(['a 1', 'b 2']);
  });

  it('keeps the whole entries of a damaged file and warns once', () => {
    const result = status('Package: a\nStatus: install ok installed\n', 'Version: 2\nStatus: install ok installed\n', LIBSSL);
    expect(result.packages.map((p) => p.name)).toEqual(['libssl1.1']);
    expect(result.warnings).toEqual([expect.stringMatching(/^dpkg-status-corrupt: 2 of its entries/)]);
  });

  it('warns of every place where the file may be cut off within a line', () => {
    const text = `${LIBSSL}\n${LIBSSL.replace('libssl1.1', 'other')}`;
    for (let length = 1; length < text.length; length++) {
      const { packages, warnings } = readDatabase(dpkg, STATUS, text.slice(0, length));
      expect(packages.length).toBeLessThanOrEqual(2);
      if (text[length - 1] !== '\n') expect(warnings).toHaveLength(1);
    }
  });

  it('refuses a name of a megabyte and control characters, and goes on', () => {
    const result = status(`Package: ${'x'.repeat(1 << 20)}\nVersion: 1\n`, 'Package: a\u0007b\nVersion: 1\n', 'Package: fine\nVersion: 1\n');
    expect(result.packages.map((p) => p.name)).toEqual(['fine']);
    expect(result.warnings).toHaveLength(2);
    expect(result.warnings.join('').length).toBeLessThan(1000);
  });

  it('stops at a hundred thousand packages', () => {
    const text = Array.from({ length: 100_002 }, (_, i) => `Package: p${i}\nVersion: 1\n`).join('\n');
    const result = readDatabase(dpkg, STATUS, text);
    expect(result.packages).toHaveLength(100_000);
    expect(result.warnings).toEqual([expect.stringMatching(/^too-many-packages/)]);
  });
});

describe('distroless status.d', () => {
  it('takes a stanza without a status as installed', () => {
    const { packages, warnings } = readDatabase(dpkg, 'var/lib/dpkg/status.d/tzdata', 'Package: tzdata\nVersion: 2024a-0+deb12u1\nArchitecture: all');
    expect(packages.map((p) => p.purl)).toEqual(['pkg:deb/tzdata@2024a-0%2Bdeb12u1?arch=all']);
    expect(warnings).toEqual([]);
  });

  it('takes ownership, and nothing else, from md5sums', () => {
    const sum = 'd41d8cd98f00b204e9800998ecf8427e';
    const text = `${sum}  usr/sbin/nologin\n${sum}  usr/share/doc/base/copyright\n${sum}  ./usr/lib/x86_64-linux-gnu/libz.so.1.2.13\n`;
    expect(readDatabase(dpkg, 'var/lib/dpkg/status.d/base.md5sums', text)).toEqual({
      packages: [],
      owns: [{ package: 'base', paths: ['usr/sbin/nologin', 'usr/lib/x86_64-linux-gnu/libz.so.1.2.13'] }],
      warnings: [],
    });
  });
});

describe('file lists', () => {
  it('names the package without its architecture, and only files that may be evidence', () => {
    const text = '/.\n/usr\n/usr/bin\n/usr/bin/openssl\n/usr/lib\n/usr/lib/ssl\n/usr/lib/ssl/misc\n/usr/lib/ssl/misc/CA.pl\n/usr/lib/libz.so.1\n/usr/share/doc/x\n';
    expect(readDatabase(dpkg, 'var/lib/dpkg/info/openssl:amd64.list', text).owns).toEqual([
      { package: 'openssl', paths: ['usr/bin/openssl', 'usr/lib/libz.so.1'] },
    ]);
  });

  it('wants lists, but not the other files beside them', () => {
    expect(dpkg.accepts!('var/lib/dpkg/info/openssl.list')).toBe(true);
    expect(dpkg.accepts!('var/lib/dpkg/info/openssl.postinst')).toBe(false);
    expect(dpkg.accepts!('var/lib/dpkg/info/openssl.md5sums')).toBe(false);
    expect(dpkg.accepts!('var/lib/dpkg/status.d/openssl.md5sums')).toBe(true);
    expect(dpkg.accepts!(STATUS)).toBe(true);
  });
});

const hasDpkg = existsSync(`/${STATUS}`) && spawnSync('dpkg-query', ['--version']).status === 0;

describe.skipIf(!hasDpkg)(`this machine's own packages${hasDpkg ? '' : ' (skipped: needs dpkg)'}`, () => {
  it('are those that dpkg-query lists', () => {
    const format = '${db:Status-Status} ${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\\n';
    const listed = spawnSync('dpkg-query', ['-W', '-f', format], { encoding: 'utf8', maxBuffer: 64 << 20 }).stdout;
    const expected = listed.trim().split('\n').filter((line) => !/^(?:config-files|not-installed) /.test(line)).map((line) => line.replace(/^\S+ /, ''));
    const { packages, warnings } = readDatabase(dpkg, STATUS, readFileSync(`/${STATUS}`));
    const found = packages.map((p) => `${p.name} ${p.version} ${p.arch} ${p.source!.name} ${p.source!.version}`);
    expect(warnings).toEqual([]);
    expect(found.sort()).toEqual(expected.sort());
  });
});
