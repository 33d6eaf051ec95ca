/** An image for each cataloguer, scanned by the command line: which packages, by which purl, from which layer and file. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { ScanReport } from '@plimsoll/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../packages/scanner/src/catalogers/os-package.fixtures.ts';
import { elfWithText, makeElf } from '../packages/scanner/src/formats/elf.fixtures.ts';
import { writeZip } from '../packages/scanner/src/formats/zip.fixtures.ts';
import { writeDockerArchive } from './support/images.ts';
import { haveAll, titled } from './support/needs.ts';
import { databaseOf, makeWorkplace, type Workplace } from './support/plimsoll.ts';
import { file, symlink, type TarEntry } from './support/tar.ts';

interface Case {
  name: string;
  cataloger: string;
  osRelease?: string;
  entries: TarEntry[];
  /** `PURL FILE` of each package, by purl. */
  expected: string[];
}

const OS = {
  debian: 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  alpine: 'ID=alpine\nVERSION_ID=3.11.5\nPRETTY_NAME="Alpine Linux v3.11"\n',
  alma: 'ID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="8.10"\nPRETTY_NAME="AlmaLinux 8.10"\n',
};

const json = (path: string, value: unknown) => file(path, JSON.stringify(value));
const pom = (group: string, artifact: string, version: string) => ({
  name: `META-INF/maven/${group}/${artifact}/pom.properties`,
  data: `groupId=${group}\nartifactId=${artifact}\nversion=${version}\n`,
});
const manifest = (lines: string) => ({ name: 'META-INF/MANIFEST.MF', data: `Manifest-Version: 1.0\r\n${lines}\r\n` });

const DPKG_STATUS = [
  'Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: 3.0.11-1~deb12u2\n',
  'Package: bash\nStatus: install ok installed\nArchitecture: amd64\nSource: bash (5.2.15-2)\nVersion: 5.2.15-2+b2\n',
  'Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1.0\n',
].join('\n');

const RPM_PURLS = [
  'pkg:rpm/almalinux/demo-libs@9.0-3.el8?',
  'pkg:rpm/almalinux/demo@1.2-3.el8?',
  ...Array.from({ length: 23 }, (_, i) => `pkg:rpm/almalinux/filler-${String(i + 1).padStart(2, '0')}@1-3.el8?`),
];

const CASES: Case[] = [
  {
    name: 'dpkg',
    cataloger: 'dpkg',
    osRelease: OS.debian,
    entries: [file('var/lib/dpkg/status', DPKG_STATUS)],
    expected: [
      'pkg:deb/debian/bash@5.2.15-2%2Bb2?arch=amd64&distro=debian-12&upstream=bash%405.2.15-2 var/lib/dpkg/status',
      'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl var/lib/dpkg/status',
    ],
  },
  {
    name: 'dpkg in a distroless image',
    cataloger: 'dpkg',
    osRelease: OS.debian,
    entries: [
      file('var/lib/dpkg/status.d/tzdata', 'Package: tzdata\nVersion: 2024a-0+deb12u1\nArchitecture: all\n'),
      file('var/lib/dpkg/status.d/tzdata.md5sums', 'd41d8cd98f00b204e9800998ecf8427e  usr/sbin/tzselect\n'),
    ],
    expected: ['pkg:deb/debian/tzdata@2024a-0%2Bdeb12u1?arch=all&distro=debian-12 var/lib/dpkg/status.d/tzdata'],
  },
  {
    name: 'apk',
    cataloger: 'apk',
    osRelease: OS.alpine,
    entries: [file('lib/apk/db/installed', 'P:libssl1.1\nV:1.1.1d-r3\nA:x86_64\no:openssl\nL:OpenSSL\n\nP:musl\nV:1.1.24-r2\nA:x86_64\no:musl\n')],
    expected: [
      'pkg:apk/alpine/libssl1.1@1.1.1d-r3?arch=x86_64&distro=alpine-3.11.5&upstream=openssl lib/apk/db/installed',
      'pkg:apk/alpine/musl@1.1.24-r2?arch=x86_64&distro=alpine-3.11.5 lib/apk/db/installed',
    ],
  },
  {
    name: 'npm',
    cataloger: 'npm',
    entries: [
      json('app/node_modules/lodash/package.json', { name: 'lodash', version: '4.17.15' }),
      json('app/node_modules/@babel/core/package.json', { name: '@babel/core', version: '7.9.0' }),
      // A project's own files say what it wants, not what is installed.
      json('app/package.json', { name: 'app', version: '1.0.0', dependencies: { express: '^4.0.0' } }),
      json('app/package-lock.json', { lockfileVersion: 2, packages: { 'node_modules/express': { version: '4.17.1', dev: true } } }),
    ],
    expected: [
      'pkg:npm/%40babel/core@7.9.0 app/node_modules/@babel/core/package.json',
      'pkg:npm/lodash@4.17.15 app/node_modules/lodash/package.json',
    ],
  },
  {
    name: 'Python',
    cataloger: 'python',
    entries: [
      file('usr/lib/python3/site-packages/Flask_SQLAlchemy-2.5.1.dist-info/METADATA', 'Metadata-Version: 2.1\nName: Flask_SQLAlchemy\nVersion: 2.5.1\n'),
      file('usr/lib/python3/site-packages/PyYAML-5.3.1.egg-info', 'Metadata-Version: 1.1\nName: PyYAML\nVersion: 5.3.1\n'),
      file('usr/lib/python3/site-packages/six-1.16.0-py3.9.egg/EGG-INFO/PKG-INFO', 'Metadata-Version: 1.2\nName: six\nVersion: 1.16.0\n'),
    ],
    expected: [
      'pkg:pypi/flask-sqlalchemy@2.5.1 usr/lib/python3/site-packages/Flask_SQLAlchemy-2.5.1.dist-info/METADATA',
      'pkg:pypi/pyyaml@5.3.1 usr/lib/python3/site-packages/PyYAML-5.3.1.egg-info',
      'pkg:pypi/six@1.16.0 usr/lib/python3/site-packages/six-1.16.0-py3.9.egg/EGG-INFO/PKG-INFO',
    ],
  },
  {
    name: 'RubyGems',
    cataloger: 'rubygems',
    entries: [
      file('usr/lib/ruby/gems/3.1.0/specifications/rack-2.0.1.gemspec', 'Gem::Specification.new do |s|\n  s.name = "rack".freeze\n  s.version = "2.0.1"\nend\n'),
    ],
    expected: ['pkg:gem/rack@2.0.1 usr/lib/ruby/gems/3.1.0/specifications/rack-2.0.1.gemspec'],
  },
  {
    name: 'Java, archives in archives',
    cataloger: 'java',
    entries: [
      file(
        'srv/shop.ear',
        writeZip([
          pom('com.example', 'shop', '1.0'),
          { name: 'shop.war', data: writeZip([{ name: 'WEB-INF/lib/log4j-core-2.14.1.jar', data: writeZip([pom('org.apache.logging.log4j', 'log4j-core', '2.14.1')]) }]) },
        ]),
      ),
      file('srv/commons-io-2.6.jar', writeZip([manifest('Bundle-SymbolicName: org.apache.commons.io\r\nImplementation-Version: 2.6\r\nImplementation-Vendor-Id: commons-io')])),
    ],
    expected: [
      'pkg:maven/com.example/shop@1.0 srv/shop.ear',
      'pkg:maven/commons-io/commons-io@2.6 srv/commons-io-2.6.jar',
      'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1 srv/shop.ear!/shop.war!/WEB-INF/lib/log4j-core-2.14.1.jar',
    ],
  },
  {
    name: 'Composer',
    cataloger: 'composer',
    entries: [json('var/www/vendor/composer/installed.json', { packages: [{ name: 'symfony/http-kernel', version: 'v4.4.13' }] })],
    expected: ['pkg:composer/symfony/http-kernel@4.4.13 var/www/vendor/composer/installed.json'],
  },
  {
    name: 'NuGet',
    cataloger: 'nuget',
    entries: [
      json('app/shop.deps.json', {
        runtimeTarget: { name: '.NETCoreApp,Version=v8.0' },
        targets: { '.NETCoreApp,Version=v8.0': { 'shop/1.0.0': { runtime: { 'shop.dll': {} } }, 'Newtonsoft.Json/12.0.3': { runtime: { 'lib/Newtonsoft.Json.dll': {} } } } },
        libraries: { 'shop/1.0.0': { type: 'project' }, 'Newtonsoft.Json/12.0.3': { type: 'package' } },
      }),
    ],
    expected: ['pkg:nuget/Newtonsoft.Json@12.0.3 app/shop.deps.json'],
  },
  {
    name: 'Rust programs that carry their list',
    cataloger: 'rust-auditable',
    entries: [
      file(
        'usr/local/bin/app',
        makeElf({
          sections: [{ name: '.dep-v0', data: deflateSync(JSON.stringify({
            packages: [
              { name: 'app', version: '0.1.0', source: 'local', root: true },
              { name: 'autocfg', version: '1.0.1', source: 'crates.io', kind: 'build' },
              { name: 'smallvec', version: '1.6.0', source: 'crates.io' },
            ],
          })) }],
        }),
        0o755,
      ),
    ],
    expected: ['pkg:cargo/app@0.1.0 usr/local/bin/app', 'pkg:cargo/smallvec@1.6.0 usr/local/bin/app'],
  },
  {
    name: 'known programs',
    cataloger: 'known-programs',
    entries: [
      file('usr/sbin/nginx', elfWithText('nginx version: nginx/1.25.3\n'), 0o755),
      symlink('usr/bin/nginx', '../sbin/nginx'),
      file('usr/local/bin/ls', elfWithText('nginx version: nginx/1.25.3\n'), 0o755),
    ],
    expected: ['pkg:generic/nginx@1.25.3 usr/sbin/nginx'],
  },
];

let place: Workplace;
let database: string;

async function scanOf(name: string, entries: TarEntry[], osRelease?: string): Promise<ScanReport> {
  const archive = place.path(`${name.replace(/\W+/g, '-')}.tar`);
  writeDockerArchive(archive, {
    layers: [
      { entries: osRelease === undefined ? [file('etc/motd', 'hello')] : [file('etc/os-release', osRelease)], createdBy: 'ADD rootfs.tar /' },
      { entries, createdBy: 'RUN install' },
    ],
  });
  return place.scan(archive, ['--db', database]);
}

const lines = (report: ScanReport) => report.packages.map(({ purl, paths }) => `${purl} ${paths.join(' ')}`).sort();

beforeAll(async () => {
  place = makeWorkplace();
  database = await databaseOf(place, [{ id: 'GHSA-0000-0000-0001', affected: [['npm', 'none', '1.0.0']] }]);
});
afterAll(() => {
  place.remove();
});

describe('an image with packages of one kind', () => {
  it.each(CASES)('$name', async ({ name, cataloger, entries, osRelease, expected }) => {
    const report = await scanOf(name, entries, osRelease);
    expect(lines(report)).toEqual(expected);
    for (const pkg of report.packages) expect(pkg).toMatchObject({ cataloger, layer: 1 });
    expect(report.image.layers[1]?.createdBy).toBe('RUN install');
    expect(report.warnings).toEqual([]);
    expect(report.complete).toBe(true);
  });

  it.each(['rpmdb.sqlite', 'Packages.db', 'Packages'])('rpm in the form of %s', async (form) => {
    const path = `var/lib/rpm/${form}`;
    const report = await scanOf(`rpm-${form}`, [file(path, fixture(form))], OS.alma);
    expect(report.packages.map(({ purl }) => purl.replace(/\?.*/, '?')).sort()).toEqual(RPM_PURLS);
    const demo = report.packages.find(({ name }) => name === 'demo');
    expect(demo?.purl).toMatch(/^pkg:rpm\/almalinux\/demo@1\.2-3\.el8\?arch=noarch&distro=almalinux-8\.10&epoch=2&/);
    for (const pkg of report.packages) expect(pkg).toMatchObject({ cataloger: 'rpm', layer: 1, paths: [path] });
    expect(report.os?.ecosystem).toBe('AlmaLinux:8');
    expect(report.complete).toBe(true);
  });

  it.each(CASES.filter(({ cataloger }) => ['dpkg', 'apk'].includes(cataloger)))('$name: a package that a lower layer brought stays with that layer', async ({ entries, osRelease }) => {
    const report = await scanOf('lower', [file('etc/changed', '')], osRelease);
    expect(report.packages).toEqual([]);
    const archive = place.path('upper.tar');
    writeDockerArchive(archive, { layers: [{ entries: [file('etc/os-release', osRelease ?? ''), ...entries] }, { entries }] });
    expect((await place.scan(archive, ['--db', database])).packages.every(({ layer }) => layer === 0)).toBe(true);
  });
});

describe('a broken package database', () => {
  it.each([
    ['var/lib/rpm/rpmdb.sqlite', fixture('rpmdb.sqlite').subarray(0, 9000)],
    ['var/lib/rpm/Packages.db', Buffer.from('RpmP broken from here on')],
    ['var/lib/rpm/Packages', fixture('Packages').subarray(0, 5000)],
    ['var/lib/dpkg/status', Buffer.from('\0\0no package database\0')],
    ['lib/apk/db/installed', Buffer.from('P:musl\nV:1.1.24-r2\n\nP:cut')],
  ])('%s is a warning, the rest is kept, and the result says that it is incomplete', async (path, content) => {
    const entries = [file(path, content), json('app/node_modules/lodash/package.json', { name: 'lodash', version: '4.17.15' })];
    const report = await scanOf(`broken-${path}`, entries, OS.alma);
    expect(report.packages.map(({ name }) => name)).toContain('lodash');
    expect(report.complete).toBe(false);
    expect(report.warnings.filter(({ incomplete }) => incomplete).map((warning) => [warning.path, warning.layer])).toContainEqual([path, 1]);
    const { code, stderr } = await place.plimsoll(['scan', place.path(`broken-${path}.tar`.replace(/\W+/g, '-').replace(/-tar$/, '.tar')), '--format', 'json', '--db', database]);
    expect(code).toBe(0);
    expect(stderr).toContain(`incomplete: layer 2: ${path}`);
  });
});

describe.skipIf(!haveAll('go'))(titled('a program built by Go', 'go'), () => {
  it('tells its modules and standard library', async () => {
    const source = place.path('go');
    const write = (path: string, text: string) => {
      mkdirSync(join(source, path, '..'), { recursive: true });
      writeFileSync(join(source, path), text);
    };
    write('go.mod', 'module example.com/shop\n\ngo 1.18\n\nrequire example.com/till v1.5.0\n\nreplace example.com/till v1.5.0 => ./till\n');
    write('main.go', 'package main\n\nimport "example.com/till"\n\nfunc main() { println(till.Open()) }\n');
    write('till/go.mod', 'module example.com/till\n\ngo 1.18\n');
    write('till/till.go', 'package till\n\nfunc Open() string { return "open" }\n');
    const cache = { GOPATH: join(source, 'path'), GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GO111MODULE: 'on' };
    execFileSync('go', ['build', '-o', 'app', '-ldflags=-s -w', '.'], { cwd: source, env: { ...process.env, ...cache }, stdio: 'pipe' });
    const version = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim().replace(/^go/, '');
    const report = await scanOf('go-program', [file('usr/local/bin/app', readFileSync(join(source, 'app')), 0o755)]);
    expect(report.packages.map(({ name, cataloger, layer, paths }) => [name, cataloger, layer, ...paths])).toEqual([
      ['example.com/shop', 'go-binary', 1, 'usr/local/bin/app'],
      ['example.com/till', 'go-binary', 1, 'usr/local/bin/app'],
      ['stdlib', 'go-binary', 1, 'usr/local/bin/app'],
    ]);
    expect(report.packages.find(({ name }) => name === 'stdlib')?.purl).toMatch(new RegExp(`^pkg:golang/stdlib@v?${version.replaceAll('.', '\\.')}`));
  }, 240_000);
});

describe('packages that a distribution installed', () => {
  it('name their owner, and are not judged twice', async () => {
    const entries = [
      file('var/lib/dpkg/status', 'Package: python3-yaml\nStatus: install ok installed\nArchitecture: amd64\nSource: pyyaml\nVersion: 6.0-3+b2\n'),
      file('var/lib/dpkg/info/python3-yaml.list', '/.\n/usr/lib/python3/dist-packages/PyYAML-6.0.egg-info\n'),
      file('usr/lib/python3/dist-packages/PyYAML-6.0.egg-info', 'Metadata-Version: 1.1\nName: PyYAML\nVersion: 6.0\n'),
    ];
    const report = await scanOf('owned', entries, OS.debian);
    expect(report.packages.map(({ name, ownedBy }) => [name, ownedBy]).sort()).toEqual([['PyYAML', 'python3-yaml'], ['python3-yaml', undefined]]);
  });
});
