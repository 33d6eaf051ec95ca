import { deflateSync } from 'node:zlib';
import { apk } from '../catalogers/apk.ts';
import type { Cataloger, FileCatalogue } from '../catalogers/cataloger.ts';
import { composer } from '../catalogers/composer.ts';
import { dpkg } from '../catalogers/dpkg.ts';
import { goBinary } from '../catalogers/go-binary.ts';
import { java } from '../catalogers/java.ts';
import { knownPrograms } from '../catalogers/known-programs.ts';
import { npm } from '../catalogers/npm.ts';
import { nuget } from '../catalogers/nuget.ts';
import { fixture } from '../catalogers/os-package.fixtures.ts';
import { python } from '../catalogers/python.ts';
import { rpm } from '../catalogers/rpm.ts';
import { rubygems } from '../catalogers/rubygems.ts';
import { rustAuditable } from '../catalogers/rust-auditable.ts';
import { elfWithText, makeElf } from '../formats/elf.fixtures.ts';
import { MemoryContent } from '../formats/random-access.ts';
import { writeZip } from '../formats/zip.fixtures.ts';
import type { FuzzTarget } from './target.ts';

const MAX_NAME = 4096;
const MAX_MESSAGE = 4096;
/** Control characters would reach the person's terminal. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** What every cataloguer promises of its result, whatever the file. */
function check(result: FileCatalogue | undefined): void {
  for (const { name, version, purl } of result?.packages ?? []) {
    if (name === '' || version === '' || !purl.startsWith('pkg:')) throw new Error(`a package without name, version or purl: ${JSON.stringify([name, version, purl])}`);
    if (name.length > MAX_NAME || version.length > MAX_NAME) throw new Error(`a package's name has ${name.length} characters, its version ${version.length}`);
    if (CONTROL.test(name) || CONTROL.test(version) || CONTROL.test(purl)) throw new Error(`control characters in ${JSON.stringify([name, version, purl])}`);
  }
}

function offered(name: string, cataloger: Cataloger, paths: readonly string[], seeds: () => (Buffer | string)[], tokens?: readonly string[]): FuzzTarget {
  return {
    name,
    ...(tokens ? { tokens } : {}),
    seeds: () => seeds().map((seed) => Buffer.from(seed)),
    run(input) {
      for (const path of paths) {
        const warn = (code: string, message: string) => {
          if (message.length > MAX_MESSAGE || CONTROL.test(message)) throw new Error(`the warning ${code} has ${message.length} characters or control characters: ${JSON.stringify(message.slice(0, 200))}`);
        };
        check(cataloger.catalogue({ path, mode: 0o755, content: new MemoryContent(input) }, { warn }));
      }
    },
  };
}

/** The first `length` bytes of an archive database: whole ones are too large to be tried often. */
const head = (name: string, length: number) => fixture(name).subarray(0, length);

const RPM_FOLDER = 'var/lib/rpm';
const JAR = () =>
  writeZip([
    { name: 'META-INF/MANIFEST.MF', data: 'Manifest-Version: 1.0\r\nImplementation-Title: shop\r\nImplementation-Version: 1.2.3\r\nBundle-SymbolicName: org.acme.shop;singleton:=true\r\n\r\n' },
    { name: 'META-INF/maven/org.acme/shop/pom.properties', data: 'version=1.2.3\ngroupId=org.acme\nartifactId=shop\n' },
    { name: 'BOOT-INF/lib/inner-2.0.jar', stored: true, data: writeZip([{ name: 'META-INF/MANIFEST.MF', data: 'Bundle-Version: 2.0\r\nBundle-SymbolicName: inner\r\n' }]) },
  ]);

const GO_LINES = 'path\tgithub.com/acme/app\nmod\tgithub.com/acme/app\tv1.2.3\th1:x=\ndep\tgolang.org/x/net\tv0.1.0\th1:y=\n=>\tgithub.com/fork/net\tv0.1.1\th1:z=\nbuild\t-ldflags="-X main.version=1.2.3"\nbuild\tvcs.revision=abc\n';
function goProgram(bits: 32 | 64): Buffer {
  const block = Buffer.alloc(32);
  block.write('\xff Go buildinf:', 'latin1');
  block[14] = 8;
  block[15] = 2;
  const frame = Buffer.alloc(16, 0x5a);
  const modules = Buffer.concat([frame, Buffer.from(GO_LINES), frame]);
  const version = Buffer.from('go1.22.3');
  const length = Buffer.from([(modules.length & 0x7f) | 0x80, modules.length >> 7]);
  return makeElf({ bits, sections: [{ name: '.go.buildinfo', flags: 3, data: Buffer.concat([block, Buffer.from([version.length]), version, length, modules]) }] });
}

const CRATES = JSON.stringify({ packages: [{ name: 'adler', version: '0.2.3', source: 'registry' }, { name: 'app', version: '0.1.0', root: true, dependencies: [0] }] });
const SITE = 'usr/lib/python3/dist-packages';
const METADATA = 'Metadata-Version: 2.1\nName: Flask\nVersion: 2.0.1\nLicense: BSD-3-Clause\nClassifier: License :: OSI Approved :: BSD License\nHome-page: https://example.org\n\nText of\nmany lines.\n';
const DEPS = JSON.stringify({
  targets: { '.NETCoreApp,Version=v8.0': { 'Newtonsoft.Json/12.0.3': { runtime: { 'lib/x.dll': {} } } } },
  libraries: { 'Newtonsoft.Json/12.0.3': { type: 'package', sha512: 'x' }, 'shop/1.0.0': { type: 'project' } },
});

const PROGRAM_PATHS = ['usr/local/bin/node', 'usr/local/bin/python3.11', 'usr/lib/libcrypto.so.3', 'usr/sbin/nginx', 'bin/busybox', 'usr/local/bin/redis-server', 'usr/lib/libjvm.so', 'usr/local/go/VERSION', 'opt/jdk/release', 'usr/local/bin/php', 'usr/local/bin/ruby', 'usr/sbin/mysqld'];

/** A target for each cataloguer, and for each file format that one reads. */
export const CATALOGER_TARGETS: readonly FuzzTarget[] = [
  offered('dpkg', dpkg, ['var/lib/dpkg/status', 'var/lib/dpkg/status.d/libc6', 'var/lib/dpkg/info/libc6:amd64.list'], () => [
    'Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: same\nSource: glibc (2.31-13)\nVersion: 2.31-13+deb11u3\nDescription: C library\n more of it\n\nPackage: bash\nStatus: deinstall ok config-files\nVersion: 5.1-2\n',
    '/.\n/usr\n/usr/bin\n/usr/bin/openssl\n/usr/lib/x86_64-linux-gnu/libssl.so.3\n',
  ], ['Package: ', 'Version: ', 'Source: ', 'Status: install ok installed\n', '\n\n', ' (1:2)']),
  offered('apk', apk, ['lib/apk/db/installed'], () => [head('apk-3.11', 4096), 'P:musl\nV:1.2.3-r4\nA:x86_64\no:musl\nL:MIT\nF:lib\nR:libc.musl-x86_64.so.1\na:0:0:777\n\n'], ['\nP:', '\nV:', '\nF:', '\nR:', '\n\n']),
  offered('rpm-sqlite', rpm, [`${RPM_FOLDER}/rpmdb.sqlite`], () => [fixture('rpmdb.sqlite')], ['SQLite format 3\0', 'CREATE TABLE Packages']),
  offered('rpm-ndb', rpm, [`${RPM_FOLDER}/Packages.db`], () => [fixture('Packages.db')], ['RpmP', 'Slot', 'BlbS', 'BlbE']),
  offered('rpm-bdb', rpm, [`${RPM_FOLDER}/Packages`], () => [fixture('Packages')]),
  offered('rpm-manifest', rpm, ['var/lib/rpmmanifest/container-manifest-2'], () => ['bash\t5.1.8-1.cm2\t1\t2\tMicrosoft Corporation\t(none)\t10\tx86_64\t0\tbash-5.1.8-1.cm2.src.rpm\n'], ['\t', '.src.rpm']),
  offered('java', java, ['app/shop-1.2.3.jar', 'app/x.kar'], () => [JAR()], ['PK\u0003\u0004', 'PK\u0001\u0002', 'PK\u0005\u0006', 'PK\u0006\u0006', 'META-INF/MANIFEST.MF', '.jar']),
  offered('go-binary', goBinary, ['usr/local/bin/app'], () => [goProgram(64), goProgram(32)], ['\xff Go buildinf:', 'dep\t', '=>\t', 'mod\t', '-ldflags=']),
  offered('rust-auditable', rustAuditable, ['usr/local/bin/app'], () => [makeElf({ sections: [{ name: '.dep-v0', data: deflateSync(CRATES) }] }), makeElf({ sections: [{ name: '.dep-v0', data: deflateSync(CRATES, { level: 0 }) }] })]),
  offered('known-programs', knownPrograms, PROGRAM_PATHS, () => [
    elfWithText('OpenSSL 3.0.2 15 Mar 2022'), elfWithText('nginx version: nginx/1.21.6'), elfWithText('BusyBox v1.35.0 (2022)'), elfWithText('node v18.1.0 /deps/ v18.1.0'), elfWithText('Redis server v=7.0.0 sha=%s:%d'), elfWithText('3.11.2'), 'go1.20.1\ntime 2023\n', 'JAVA_VERSION="17.0.1"\nIMPLEMENTOR="x"\n',
  ], ['OpenSSL ', 'nginx/', 'BusyBox v', 'JAVA_VERSION=', 'PHP/', 'go1.']),
  offered('npm', npm, ['usr/lib/node_modules/a/package.json', 'app/node_modules/@b/c/package.json', 'root/.yarn/cache/a-npm-1.0.0-0123456789-abcdef.zip'], () => [
    '{"name": "lodash", "version": "4.17.20", "license": "MIT"}', '{"name": "@b/c", "version": "1.0.0", "licenses": [{"type": "MIT"}], "_id": "x"}',
    writeZip([{ name: 'node_modules/a/package.json', data: '{"name":"a","version":"1.0.0"}' }]),
  ], ['"name":', '"version":', '"license":', 'null', '1e999']),
  offered('python', python, [`${SITE}/Flask-2.0.1.dist-info/METADATA`, `${SITE}/Flask.egg-info/PKG-INFO`, `${SITE}/Flask-2.0.1.egg-info`, `${SITE}/Flask-2.0.1-py3.9.egg`], () => [METADATA, writeZip([{ name: 'EGG-INFO/PKG-INFO', data: METADATA }])], ['Name: ', 'Version: ', 'License: ', 'Classifier: License :: ', '\n\n']),
  offered('rubygems', rubygems, ['usr/lib/ruby/gems/3.0.0/specifications/rake-13.0.6.gemspec'], () => [
    '# -*- encoding: utf-8 -*-\n# stub: rake 13.0.6 ruby lib\n\nGem::Specification.new do |s|\n  s.name = "rake".freeze\n  s.version = "13.0.6"\n  s.licenses = ["MIT".freeze]\nend\n',
    'Gem::Specification.new do |s|\n  s.name = "rake"\n  s.version = Gem::Version.new("1.2")\n  s.license = \'MIT\'\nend\n',
  ], ['# stub: ', 's.name = ', '.freeze', 's.licenses = [', '"', "'"]),
  offered('composer', composer, ['app/vendor/composer/installed.json'], () => ['{"packages": [{"name": "symfony/http-kernel", "version": "v5.4.0", "license": ["MIT"], "type": "library"}], "dev-package-names": []}'], ['"packages":', '"dev-package-names":']),
  offered('nuget', nuget, ['app/shop.deps.json'], () => [DEPS], ['"libraries":', '"targets":', '"type": "package"']),
];
