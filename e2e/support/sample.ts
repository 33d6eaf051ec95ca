/** An image whose packages and findings are known, for tests of the way in and of the way out. */
import type { ImageSpec } from './images.ts';
import type { OsvRecord } from './plimsoll.ts';
import { dir, file, opaque, symlink, whiteout, type TarEntry } from './tar.ts';

const paragraph = (name: string, version: string, origin: string) => `P:${name}\nV:${version}\nA:x86_64\no:${origin}\nL:MIT\nF:usr/share/${name}\nR:readme\n`;
const apkDatabase = (musl: string) =>
  [paragraph('musl', musl, 'musl'), paragraph('libssl1.1', '1.1.1c-r0', 'openssl'), paragraph('libcrypto1.1', '1.1.1c-r0', 'openssl')].join('\n');
const npm = (name: string, version: string) => JSON.stringify({ name, version, license: 'MIT' });

const OS_RELEASE = 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.11.5\nPRETTY_NAME="Alpine Linux v3.11"\n';
const METADATA = 'Metadata-Version: 2.1\nName: Django\nVersion: 2.2.0\nLicense: BSD\n';
const GEM = 'Gem::Specification.new do |s|\n  s.name = "rack".freeze\n  s.version = "2.0.1"\n  s.licenses = ["MIT".freeze]\nend\n';

const BASE: TarEntry[] = [
  dir('etc'),
  file('etc/os-release', OS_RELEASE),
  file('lib/apk/db/installed', apkDatabase('1.1.22-r0')),
  file('opt/cache/node_modules/hidden/package.json', npm('hidden', '1.0.0')),
];
const APPLICATION: TarEntry[] = [
  file('app/node_modules/lodash/package.json', npm('lodash', '4.17.15')),
  file('app/node_modules/removed/package.json', npm('removed', '1.0.0')),
  file('usr/lib/python3/site-packages/Django-2.2.0.dist-info/METADATA', METADATA),
  symlink('app/current', 'node_modules'),
];
const CHANGE: TarEntry[] = [
  file('lib/apk/db/installed', apkDatabase('1.1.24-r2')),
  whiteout('app/node_modules/removed'),
  opaque('opt/cache'),
  file('usr/lib/ruby/gems/2.5.0/specifications/rack-2.0.1.gemspec', GEM),
];

export const SAMPLE: ImageSpec = {
  tag: 'plimsoll-tests/sample:1',
  config: { User: '1000', Cmd: ['/app/run'] },
  layers: [
    { entries: BASE, createdBy: 'ADD rootfs.tar /' },
    { entries: APPLICATION, createdBy: 'RUN npm install', compression: 'gzip' },
    { entries: CHANGE, createdBy: 'RUN apk upgrade', compression: 'zstd' },
  ],
};

/** What a container of the image sees. */
export const SAMPLE_ROOTFS: TarEntry[] = [
  ...BASE.filter(({ path }) => path === 'etc/' || path === 'etc/os-release'),
  ...APPLICATION.filter(({ path }) => !path.includes('/removed/')),
  ...CHANGE.filter(({ path }) => !path.includes('.wh.')),
];

/** `NAME VERSION LAYER` */
export const SAMPLE_PACKAGES = [
  'Django 2.2.0 1',
  'libcrypto1.1 1.1.1c-r0 0',
  'libssl1.1 1.1.1c-r0 0',
  'lodash 4.17.15 1',
  'musl 1.1.24-r2 2',
  'rack 2.0.1 2',
];

export const SAMPLE_ADVISORIES: OsvRecord[] = [
  { id: 'ALPINE-CVE-2019-1549', upstream: ['CVE-2019-1549'], affected: [['Alpine:v3.11', 'openssl', '1.1.1d-r0']], cvss: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N' },
  { id: 'ALPINE-CVE-2019-14697', upstream: ['CVE-2019-14697'], affected: [['Alpine:v3.11', 'musl', '1.1.23-r2']] },
  { id: 'GHSA-p6mc-m468-83gw', aliases: ['CVE-2020-8203'], affected: [['npm', 'lodash', '4.17.19']], cvss: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:H' },
  { id: 'GHSA-0000-0000-0001', affected: [['npm', 'removed', '2.0.0']] },
  { id: 'GHSA-0000-0000-0002', affected: [['npm', 'hidden', '2.0.0']] },
  { id: 'PYSEC-2019-16', aliases: ['CVE-2019-19844', 'GHSA-vfq6-hq5r-27r6'], affected: [['PyPI', 'django', '2.2.9']], cvss: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
  { id: 'GHSA-5f9h-9pjv-v6j7', aliases: ['CVE-2020-8161'], affected: [['RubyGems', 'rack']], cvss: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N' },
];

/** As `findingLines` writes them. */
export const SAMPLE_FINDINGS = [
  'CVE-2019-1549 libcrypto1.1 1.1.1c-r0 → 1.1.1d-r0',
  'CVE-2019-1549 libssl1.1 1.1.1c-r0 → 1.1.1d-r0',
  'CVE-2019-19844 Django 2.2.0 → 2.2.9',
  'CVE-2020-8161 rack 2.0.1 → none',
  'CVE-2020-8203 lodash 4.17.15 → 4.17.19',
];
