import { closeSync, existsSync, openSync, readdirSync, realpathSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CountingContent, elfWithText, makeElf } from '../formats/elf.fixtures.ts';
import { FileContent } from '../formats/random-access.ts';
import { inspect } from './binary.fixtures.ts';
import { knownPrograms } from './known-programs.ts';
import { KNOWN_PROGRAMS } from './programs/index.ts';

const accepts = (path: string) => knownPrograms.accepts!(path);
const purls = (path: string, content: Buffer) => (accepts(path) ? inspect(knownPrograms, content, path).packages.map((p) => p.purl) : []);

/** Path, text as the real program carries it (read from released builds), package. */
const PROGRAMS: [path: string, text: string, purl: string][] = [
  ['usr/local/apache2/bin/httpd', 'Apache/2.4.57 (Unix)', 'apache@2.4.57'],
  ['usr/sbin/apache2', 'Apache/2.4.71\0 Server at ', 'apache@2.4.71'],
  ['bin/bash', '@(#)Bash version 5.2.15(1) release GNU', 'bash@5.2.15'],
  ['bin/busybox', 'BusyBox v1.35.0 (Debian 1:1.35.0-4+b1)', 'busybox@1.35.0'],
  ['usr/bin/curl', 'curl 7.88.1 (x86_64-pc-linux-gnu) %s', 'curl@7.88.1'],
  ['usr/lib/libcurl.so.4.8.0', 'libcurl/8.5.0', 'curl@8.5.0'],
  ['usr/lib/dart/bin/dart', '3.13.7 (stable) (Thu Oct 22 14:28:57 2026 -0700) on "linux_x64"', 'dart@3.13.7'],
  ['usr/local/bin/envoy', 'envoy.service.discovery.v3.Resource.name\x001.29.1\0', 'envoy@1.29.1'],
  ['usr/bin/git', 'git/2.39.5\0GIT_USER_AGENT', 'git@2.39.5'],
  ['usr/local/sbin/haproxy', ' version 2.8.3-86e043a, released 2023/09/07', 'haproxy@2.8.3'],
  ['usr/sbin/haproxy', ' version 2.6.12-1+deb12u4, released 2026/10/17', 'haproxy@2.6.12'],
  ['opt/jdk/lib/server/libjvm.so', 'OpenJDK 64-Bit Server VM (17.0.2+8-Debian) for linux-amd64 JRE (17.0.2+8-Debian), built on', 'java@17.0.2'],
  ['opt/jre/lib/amd64/server/libjvm.so', 'OpenJDK 64-Bit Server VM (25.382-b05) for linux-amd64 JRE (1.8.0_382-b05), built on', 'java@8.0.382'],
  ['usr/local/bin/keydb-server', 'KeyDB server v=%s sha\0\x006.3.4\0\x006.3.40a1b2c3d4e5f-1701469167000000000\x00', 'keydb@6.3.4'],
  ['usr/local/bin/lua', 'Lua 5.4.4  Copyright (C) 1994-2022 Lua.org, PUC-Rio', 'lua@5.4.4'],
  ['usr/lib/liblua5.1.so.0', '$Lua: Lua 5.1.5 Copyright (C) 1994-2012 Lua.org, PUC-Rio $', 'lua@5.1.5'],
  ['usr/sbin/mariadbd', 'for example 10.1.1-MariaDB-mariadb1precise-log.\0\x0010.11.6-MariaDB-1:10.11.6+maria~ubu2204\0', 'mariadb@10.11.6'],
  ['usr/sbin/mysqld', '10.11.19-MariaDB\0x86_64', 'mariadb@10.11.19'],
  ['usr/local/bin/memcached', 'VERSION 1.6.18\0memcached 1.6.18', 'memcached@1.6.18'],
  ['usr/sbin/mysqld', '/export/home/build/mysql-8.0.35/sql/handler.cc', 'mysql@8.0.35'],
  ['usr/sbin/nginx', 'nginx version: nginx/1.25.3\n', 'nginx@1.25.3'],
  ['usr/local/openresty/nginx/sbin/nginx', 'nginx version: openresty/1.21.4.1\n', 'openresty@1.21.4.1'],
  ['usr/local/bin/node', 'node.js/v20.20.2\0', 'node@20.20.2'],
  ['usr/lib/libnode.so.108', 'node.js/v18.20.4\0', 'node@18.20.4'],
  ['usr/sbin/slapd', '@(#) $OpenLDAP: slapd 2.5.13+dfsg-5 (Feb  8 2023 01:56:12) $', 'openldap@2.5.13'],
  ['usr/lib/libcrypto.so.3', 'OpenSSL 3.0.11 19 Sep 2023', 'openssl@3.0.11'],
  ['lib/libssl.so.1.1', 'OpenSSL 1.1.1d  10 Sep 2019', 'openssl@1.1.1d'],
  ['usr/local/bin/openssl', 'OpenSSL 1.0.2k-fips  26 Jan 2017', 'openssl@1.0.2k'],
  ['usr/bin/perl', 'This is perl 5, version 36, subversion 0 (%-p) built for x86_64', 'perl@5.36.0'],
  ['usr/bin/pgbouncer', 'PgBouncer 1.18.0\0', 'pgbouncer@1.18.0'],
  ['usr/local/bin/php', 'X-Powered-By: PHP/8.2.36\0', 'php@8.2.36'],
  ['usr/local/sbin/php-fpm', 'X-Powered-By: PHP/7.4.33\0', 'php@7.4.33'],
  ['usr/lib/apache2/modules/libphp8.2.so', 'X-Powered-By: PHP/8.2.36\0', 'php@8.2.36'],
  ['usr/local/bin/postgres', 'postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)', 'postgresql@15.20'],
  ['usr/bin/python3.11', 'pymalloc_debug\x003.11.2\0strict', 'python@3.11.2'],
  ['usr/local/lib/libpython3.13.so.1.0', '/opt/versions/3.13.0\0EXEC_PREFIX', 'python@3.13.0'],
  ['usr/lib/libpython3.6m.so.1.0', '3.6.15\0', 'python@3.6.15'],
  ['usr/bin/python2.7', '2.7.18+\0', 'python@2.7.18%2B'],
  ['usr/local/bin/redis-server', 'Redis server v=%s\0\x007.0.0\0\x006.2.5\0\x006.2.58f1c18bfd7fc-1728390128000000000\0', 'redis@6.2.5'],
  ['usr/local/bin/redis-server', 'Redis server v=%s\0\x007.0.1\0\x007.0.15\0\x007.0.151790282056000000000000\0', 'redis@7.0.15'],
  ['usr/bin/redis-server', 'ValkeyModule_Alloc\0\x009.1.2\0valkey9.1.22036e910ab2c-179260013845336800000000\0', 'valkey@9.1.2'],
  ['usr/lib/libruby-3.1.so.3.1.7', 'ruby 3.1.7p261 (2025-03-26 revision 0a3704f218) [x86_64-linux-gnu]', 'ruby@3.1.7'],
  ['usr/lib/libsqlite3.so.0.8.6', 'SQLite format 3\0\0\x003.40.1\0', 'sqlite@3.40.1'],
  ['usr/sbin/varnishd', 'varnish-7.1.1 revision 7cee1c581bead20e88d101ab3d72afb29f14d87a', 'varnish@7.1.1'],
];

const TEXTS: [path: string, text: string, purls: string[]][] = [
  ['usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json', '{}', ['pkg:generic/dotnet@8.0.1']],
  ['usr/share/dotnet/shared/Microsoft.AspNetCore.App/8.0.1/Microsoft.AspNetCore.App.deps.json', '{}', ['pkg:generic/aspnet-core@8.0.1']],
  ['usr/lib/erlang/releases/25/OTP_VERSION', '25.2.3\n', ['pkg:generic/erlang@25.2.3']],
  ['usr/local/go/VERSION', 'go1.22.3\ntime 2024-05-01T19:49:47Z\n', ['pkg:golang/stdlib@v1.22.3', 'pkg:golang/toolchain@v1.22.3']],
  ['usr/local/go/VERSION', 'go1.20', ['pkg:golang/stdlib@v1.20.0', 'pkg:golang/toolchain@v1.20.0']],
  ['opt/java/release', 'IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="21.0.4"\n', ['pkg:generic/java@21.0.4']],
  ['opt/java/release', 'JAVA_VERSION="1.8.0_411"\nOS_NAME="Linux"\n', ['pkg:generic/java@8.0.411']],
  ['opt/rabbitmq/plugins/rabbit-3.10.8/ebin/rabbit.app', "{application, 'rabbit', [\n\t{description, \"RabbitMQ\"},\n\t{vsn, \"3.10.8\"},", ['pkg:generic/rabbitmq@3.10.8']],
  ['var/www/html/wp-includes/version.php', "<?php\n/**\n * @global string $wp_version\n */\n$wp_version = '6.4.2';\n", ['pkg:generic/wordpress@6.4.2']],
  ['opt/drupal/web/core/lib/Drupal.php', "class Drupal {\n\n  /**\n   * The current system version.\n   */\n  const VERSION = '10.1.6';\n", ['pkg:generic/drupal@10.1.6']],
];

describe('knownPrograms', () => {
  it.each(PROGRAMS)('%s with %j', (path, text, purl) => {
    expect(purls(path, elfWithText(text))).toEqual([`pkg:generic/${purl}`]);
  });

  it.each(TEXTS)('%s with %j', (path, text, expected) => {
    expect(knownPrograms.selects.basenames).toContain(path.slice(path.lastIndexOf('/') + 1));
    expect(purls(path, Buffer.from(text))).toEqual(expected);
  });

  it('names the Rust toolchain by the note of its compiler', () => {
    const rustc = (text: string) => purls('usr/local/rustup/bin/rustc', makeElf({ sections: [{ name: '.comment', data: Buffer.from(text), flags: 0 }] }));
    expect(rustc('rustc version 1.95.0 (59807616e 2026-04-14)\0GCC: (GNU) 9.5.0\0')).toEqual(['pkg:generic/rust@1.95.0']);
    expect(rustc('rustc version 1.97.0-nightly (e50aa6fba 2026-05-19)\0')).toEqual(['pkg:generic/rust@1.97.0-nightly']);
    expect(rustc('GCC: (GNU) 9.5.0\0')).toEqual([]);
  });

  it('has a test for each program', () => {
    const tested = new Set([...PROGRAMS.map((p) => p[2]), ...TEXTS.flatMap((t) => t[2].map((p) => p.replace(/^pkg:\w+\//, '')))].map((p) => p.split('@')[0]));
    for (const { name } of KNOWN_PROGRAMS) expect(tested.has(name) || ['golang', 'rust'].includes(name), name).toBe(true);
  });

  it('keeps the Java vendor', () => {
    const { packages } = inspect(knownPrograms, Buffer.from('IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="21.0.4"\n'), 'opt/java/release');
    expect(packages[0]).toMatchObject({ name: 'java', type: 'generic', vendor: 'Eclipse Adoptium' });
  });

  it('finds texts in data behind the read-only one, and in programs stripped of sections', () => {
    expect(purls('usr/local/bin/node', elfWithText('node.js/v20.1.0', '.data'))).toEqual(['pkg:generic/node@20.1.0']);
    const stripped = makeElf({ stripped: true, segmentFlags: 5, sections: [{ name: '.rodata', data: Buffer.from('node.js/v20.1.0') }] });
    expect(purls('usr/local/bin/node', stripped)).toEqual(['pkg:generic/node@20.1.0']);
  });

  it.each([0, 100, 4 * 1024 * 1024 - 1030, 4 * 1024 * 1024 - 8, 4 * 1024 * 1024, 9_000_000])('finds texts wherever they lie: after %i bytes', (before) => {
    const data = Buffer.concat([Buffer.alloc(before, 0x20), Buffer.from('node.js/v20.1.0\0'), Buffer.alloc(5_000_000)]);
    expect(purls('bin/node', makeElf({ sections: [{ name: '.rodata', data }] }))).toEqual(['pkg:generic/node@20.1.0']);
  });
});

describe('knownPrograms takes nothing', () => {
  it.each(['usr/bin/ls', 'usr/lib/libc.so.6', 'usr/bin/python3.11-config', 'usr/lib/node_modules/node/index.js', 'srv/deps.json', 'srv/version.php', 'usr/bin/nodemon', 'usr/lib/libcurly.so.1'])('from the path %s', (path) => {
    expect(accepts(path)).toBe(false);
  });

  it.each([
    ['usr/bin/node', 'v20.1.0'],
    ['usr/bin/nginx', 'Server: nginx'],
    ['usr/lib/libcrypto.so.3', 'OPENSSL_3.0.0\0OpenSSL 3.0.0 or later is needed'],
    ['usr/bin/python3.11', '3.12.1\0'],
    ['usr/bin/python3.11', '13.11.2\0'],
    ['usr/bin/redis-server', 'Redis server v=%s\0\x007.0.0\0'],
    ['usr/bin/redis-server', '\x006.2.5\0\x006.2.58f1c18bfd7fc-1728390128000000000\0'],
    ['usr/lib/libsqlite3.so.0', 'SQLite format 3\0\0\x003.40.1\0\x003.39.0\0'],
    ['usr/lib/libsqlite3.so.0', '\0\x003.40.1\0'],
    ['usr/local/bin/envoy', 'envoy.service.discovery.v3.Resource.name\x001.29.1\0\x001.34.5\0'],
    ['usr/bin/perl', 'This is perl 5, version %s'],
  ])('from an ELF file %s with %j', (path, text) => {
    expect(purls(path, elfWithText(text))).toEqual([]);
  });

  it.each([
    ['usr/local/bin/node', '#!/bin/sh\nexec node.js/v20.1.0\n'],
    ['etc/VERSION', '1.22.3'],
    ['etc/release', 'VERSION="1.0"'],
    ['opt/java/release', 'JAVA_VERSION="latest"'],
    ['usr/lib/erlang/releases/25/OTP_VERSION', 'unknown'],
    ['opt/java/release', `JAVA_VERSION="17.0.1"\n${'x'.repeat(2 << 20)}`],
  ])('from a text file %s', (path, text) => {
    expect(purls(path, Buffer.from(text))).toEqual([]);
  });
});

describe('hostile programs', () => {
  const names = ['node', 'redis-server', 'python3.11', 'envoy', 'libsqlite3.so.0', 'mysqld', 'rustc'];

  it('end soon when a marker is there without end', () => {
    const markers = ['node.js/v', '\x007.', '3.11.', '\x001.', '\x003.', '-MariaDB'].map((m) => m.repeat(1000)).join('');
    const data = Buffer.from(`Redis server v=\0SQLite format 3\0envoy.service.discovery.v3.${markers.repeat(50)}`, 'latin1');
    const bytes = makeElf({ sections: [{ name: '.rodata', data }] });
    for (const name of names) expect(purls(`bin/${name}`, bytes)).toEqual([]);
  });

  it('are read once where a thousand sections claim the same bytes', () => {
    const bytes = makeElf({ sections: Array.from({ length: 1000 }, (_, i) => ({ name: i ? `.rodata.${i}` : '.rodata', data: Buffer.alloc(1000) })) });
    const shoff = Number(bytes.readBigUInt64LE(40));
    for (let i = 1; i <= 1000; i++) {
      bytes.writeBigUInt64LE(0n, shoff + 64 * i + 24);
      bytes.writeBigUInt64LE(BigInt(bytes.length), shoff + 64 * i + 32);
    }
    const content = new CountingContent(bytes);
    expect(inspect(knownPrograms, content, 'bin/node').packages).toEqual([]);
    expect(content.bytes).toBeLessThan(3 * bytes.length);
  });

  it('never throw: cut off and overwritten', () => {
    const seed = elfWithText('Redis server v=%s\0\x006.2.5\0\x006.2.58f1c18bfd7fc-1728390128000000000\0');
    fc.assert(fc.property(fc.constantFrom(...names), fc.nat(seed.length), fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { maxLength: 6 }), (name, length, edits) => {
      const bytes = Buffer.from(seed.subarray(0, length));
      for (const [at, value] of edits) if (at < length) bytes[at] = value;
      expect(inspect(knownPrograms, bytes, `bin/${name}`).packages.length).toBeLessThanOrEqual(1);
    }), { numRuns: 500 });
  });
});

/** The programs of this machine, where their versions can be known otherwise. */
describe('programs at hand', () => {
  const look = (path: string) => {
    const fd = openSync(path, 'r');
    try {
      const real = realpathSync(path).slice(1);
      return accepts(real) ? inspect(knownPrograms, new FileContent(fd), real).packages.map((p) => p.purl) : [];
    } finally {
      closeSync(fd);
    }
  };

  it('the Node.js that runs this test', () => {
    const inLibrary = process.config.variables['node_shared' as keyof typeof process.config.variables];
    expect(look(process.execPath)).toEqual(inLibrary ? [] : [`pkg:generic/node@${process.versions.node}`]);
  });

  const PLACES: [string, RegExp][] = [
    ['/bin/bash', /^pkg:generic\/bash@\d+\.\d+\.\d+$/],
    ['/usr/bin/perl', /^pkg:generic\/perl@5\.\d+\.\d+$/],
    ['/usr/bin/git', /^pkg:generic\/git@2\.\d+\.\d+/],
    ['/usr/local/go/VERSION', /^pkg:golang\/stdlib@v1\.\d+\.\d+$/],
    ...['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib']
      .filter((dir) => existsSync(dir))
      .flatMap((dir) => readdirSync(dir).filter((f) => /^libcrypto\.so\.[13]/.test(f)).map((f): [string, RegExp] => [`${dir}/${f}`, /^pkg:generic\/openssl@\d\.\d\.\d+[a-z]?$/])),
  ];
  for (const [path, purl] of PLACES) {
    it.skipIf(!existsSync(path))(`${path} (skipped: needs it)`, () => expect(look(path)[0]).toMatch(purl));
  }
});
