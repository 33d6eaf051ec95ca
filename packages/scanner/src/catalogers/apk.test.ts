import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { apk } from './apk.ts';
import { fixture, readDatabase } from './os-package.fixtures.ts';

const INSTALLED = 'lib/apk/db/installed';

const MUSL = `C:Q1rquop7dlhyMFiT2uY9VcytyRTE4=
P:musl-utils
V:1.1.24-r2
A:x86_64
T:the musl c library (libc) implementation
L:MIT BSD GPL2+
o:musl
F:
F:sbin
R:ldconfig
a:0:0:755
F:usr
F:usr/share
R:readme.txt
F:usr/bin
R:getent
`;

describe('the apk database', () => {
  it('gives name, version, architecture, origin, licence and the files that may be evidence', () => {
    expect(readDatabase(apk, INSTALLED, `${MUSL}\n`)).toEqual({
      packages: [
        {
          name: 'musl-utils',
          version: '1.1.24-r2',
          type: 'apk',
          arch: 'x86_64',
          source: { name: 'musl', version: '1.1.24-r2' },
          licenses: ['MIT BSD GPL2+'],
          purl: 'pkg:apk/musl-utils@1.1.24-r2?arch=x86_64&upstream=musl',
        },
      ],
      owns: [{ package: 'musl-utils', paths: ['sbin/ldconfig', 'usr/bin/getent'] }],
      warnings: [],
    });
  });

  it('takes a package without origin as its own source, and files of the root folder', () => {
    const { packages, owns } = readDatabase(apk, INSTALLED, 'P:a\nV:1\nF:\nR:x.jar\n\n');
    expect(packages[0]!.source).toEqual({ name: 'a', version: '1' });
    expect(owns).toEqual([{ package: 'a', paths: ['x.jar'] }]);
  });

  it('lists what the image alpine:3.11 has', () => {
    const { packages, owns, warnings } = readDatabase(apk, INSTALLED, fixture('apk-3.11'));
    expect(warnings).toEqual([]);
    expect(packages.map((p) => `${p.name} ${p.version}`)).toEqual([
      'musl 1.1.24-r2',
      'busybox 1.31.1-r9',
      'alpine-baselayout 3.2.0-r3',
      'alpine-keys 2.1-r2',
      'libcrypto1.1 1.1.1d-r3',
      'libssl1.1 1.1.1d-r3',
      'ca-certificates-cacert 20191127-r1',
      'libtls-standalone 2.9.1-r0',
      'ssl_client 1.31.1-r9',
      'zlib 1.2.11-r3',
      'apk-tools 2.10.4-r3',
      'scanelf 1.2.4-r0',
      'musl-utils 1.1.24-r2',
      'libc-utils 0.7.2-r0',
    ]);
    expect(packages.find((p) => p.name === 'libssl1.1')!.source).toEqual({ name: 'openssl', version: '1.1.1d-r3' });
    expect(owns.find((o) => o.package === 'libssl1.1')!.paths).toContain('lib/libssl.so.1.1');
    expect(owns.find((o) => o.package === 'busybox')!.paths).toContain('bin/busybox');
  });

  it('keeps whole entries before the place where the file is cut off, and warns', () => {
    const text = fixture('apk-3.11').toString();
    const all = readDatabase(apk, INSTALLED, text).packages.length;
    for (let length = 1; length < text.length; length += 37) {
      const { packages, warnings } = readDatabase(apk, INSTALLED, text.slice(0, length));
      expect(packages.length).toBeLessThanOrEqual(all);
      if (text[length - 1] !== '\n') expect(warnings).toHaveLength(1);
    }
  });

  it('leaves out entries without name or version and warns once', () => {
    const { packages, warnings } = readDatabase(apk, INSTALLED, `V:1\n\nP:b\n\n${MUSL}\n`);
    expect(packages.map((p) => p.name)).toEqual(['musl-utils']);
    expect(warnings).toEqual([expect.stringMatching(/^apk-installed-corrupt: 2 of its entries/)]);
  });

  it('bounds what a long folder with many files costs', () => {
    const text = `P:a\nV:1\nF:${'d'.repeat(1 << 20)}/bin\n${'R:x\n'.repeat(200_000)}\n`;
    expect(readDatabase(apk, INSTALLED, text).owns).toEqual([]);
  });
});

const rootfs = fileURLToPath(new URL('../../../../../shared/images/alpine-minirootfs-3.16.9-x86_64.tar.gz', import.meta.url));

describe.skipIf(!existsSync(rootfs))(`a real root file system${existsSync(rootfs) ? '' : ' (skipped: needs ../shared)'}`, () => {
  it('has as many packages as its database has names', () => {
    const text = spawnSync('tar', ['xOzf', rootfs, './lib/apk/db/installed'], { encoding: 'utf8' }).stdout;
    const { packages, warnings } = readDatabase(apk, INSTALLED, text);
    expect(warnings).toEqual([]);
    expect(packages.map((p) => p.name)).toEqual([...text.matchAll(/^P:(.*)$/gm)].map((m) => m[1]));
    expect(packages.length).toBeGreaterThan(10);
  });
});
