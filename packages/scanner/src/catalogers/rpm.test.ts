import { describe, expect, it } from 'vitest';
import { fixture, readDatabase } from './os-package.fixtures.ts';
import { rpm } from './rpm.ts';
import { buildRpmDatabases, FILLERS, hasTool, type RpmDatabases } from './rpm.fixtures.ts';

const FORMS = [
  ['SQLite', 'rpmdb.sqlite'],
  ['Berkeley DB', 'Packages'],
  ['ndb', 'Packages.db'],
] as const;

function read(file: string, content: Buffer) {
  return readDatabase(rpm, `var/lib/rpm/${file}`, content);
}

/** Every package once, by name, without regard to the order of the database. */
function names(packages: { name: string }[]): string[] {
  return packages.map((p) => p.name).sort();
}

const EXPECTED = ['demo', 'demo-libs', ...Array.from({ length: FILLERS - 1 }, (_, i) => `filler-${String(i + 1).padStart(2, '0')}`)];

describe.each(FORMS)('an rpm database in the form of %s', (_form, file) => {
  const bytes = fixture(file);

  it('lists every installed package, without imported keys and removed packages', () => {
    const { packages, warnings } = read(file, bytes);
    expect(warnings).toEqual([]);
    expect(names(packages)).toEqual(EXPECTED);
  });

  it('gives epoch, module, licence, vendor and source', () => {
    const { packages } = read(file, bytes);
    expect(packages.find((p) => p.name === 'demo')).toEqual({
      name: 'demo',
      version: '2:1.2-3.el8',
      type: 'rpm',
      arch: 'noarch',
      source: { name: 'demo', version: '2:1.2-3.el8' },
      licenses: ['MIT and BSD'],
      vendor: 'Plimsoll Tests',
      modularity: 'demo:rhel8:8090:abc',
      purl: 'pkg:rpm/demo@1.2-3.el8?arch=noarch&epoch=2&rpmmod=demo%3Arhel8%3A8090%3Aabc&upstream=demo%401.2-3.el8',
    });
  });

  it('gives a package with a version of its own the epoch of its source', () => {
    const libs = read(file, bytes).packages.find((p) => p.name === 'demo-libs')!;
    expect(libs.version).toBe('9.0-3.el8');
    expect(libs.source).toEqual({ name: 'demo', version: '2:1.2-3.el8' });
  });

  it('knows the owners of files that may be evidence, but not of folders', () => {
    const { owns } = read(file, bytes);
    expect(owns.find((o) => o.package === 'demo')!.paths).toEqual(['usr/bin/demo', 'usr/lib/python3/demo.dist-info/METADATA']);
    expect(owns.find((o) => o.package === 'demo-libs')!.paths).toEqual(['usr/lib/libdemo.so.1']);
  });

  it('cut off anywhere, keeps what is there and warns when a package is lost', () => {
    const lengths = [...Array.from({ length: 600 }, (_, i) => i + 1), ...Array.from({ length: bytes.length / 509 }, (_, i) => 600 + i * 509)];
    for (const length of lengths.filter((n) => n < bytes.length)) {
      const { packages, warnings } = read(file, bytes.subarray(0, length));
      expect(packages.length).toBeLessThanOrEqual(EXPECTED.length);
      if (packages.length < EXPECTED.length) expect(warnings, `after ${length} bytes`).not.toEqual([]);
    }
  });

  it('with any bytes changed, neither throws nor finds more than it had, nor floods with warnings', () => {
    const random = generator(7);
    for (let round = 0; round < 400; round++) {
      const changed = Buffer.from(bytes);
      // A flip here and there, or a run of them in the structures at a page's start.
      const page = Math.floor((random() * bytes.length) / 4096) * 4096;
      for (let i = 0; i < 1 + (round % 4); i++) {
        const at = round % 2 === 0 ? Math.floor(random() * bytes.length) : page + Math.floor(random() * 128);
        if (at < changed.length) changed[at] = Math.floor(random() * 256);
      }
      const { packages, warnings } = read(file, changed);
      expect(packages.length).toBeLessThanOrEqual(EXPECTED.length + 1);
      expect(warnings.length).toBeLessThanOrEqual(10);
    }
  });

  it('filled with zeros from any page on, ends', () => {
    for (let at = 0; at < bytes.length; at += 4096) {
      const changed = Buffer.from(bytes);
      changed.fill(0, at, Math.min(at + 4096, bytes.length));
      expect(read(file, changed).packages.length).toBeLessThanOrEqual(EXPECTED.length);
    }
  });
});

/** mulberry32: the same numbers on every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe('other files of rpm', () => {
  it('warns of a write-ahead log, for its changes are not in the database', () => {
    const { packages, warnings } = read('rpmdb.sqlite-wal', Buffer.alloc(100));
    expect(packages).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^rpm-wal: .*rpmdb --rebuilddb/)]);
  });

  it('warns of a file that is no database', () => {
    expect(read('Packages', Buffer.from('hello')).warnings).toEqual([expect.stringMatching(/^rpm-database-corrupt: it is in none of the forms/)]);
  });

  it('looks in the folders of RHEL, openSUSE, Fedora and OSTree', () => {
    for (const path of ['var/lib/rpm/Packages', 'usr/lib/sysimage/rpm/Packages.db', 'usr/lib/sysimage/rpm/rpmdb.sqlite', 'usr/share/rpm/rpmdb.sqlite']) {
      expect(rpm.selects.paths).toContain(path);
    }
  });
});

describe('the manifest of distroless Azure Linux', () => {
  const MANIFEST = 'var/lib/rpmmanifest/container-manifest-2';

  it('gives packages with epoch and source', () => {
    const text =
      'openssl-libs\t1.1.1k-21.cm2\t1678893741\t1675904861\tMicrosoft Corporation\t(none)\t4365632\tx86_64\t0\topenssl-1.1.1k-21.cm2.src.rpm\n' +
      'shadow\t4.9-12.cm2\t1678893742\t1675904862\tMicrosoft Corporation\t2\t1\tx86_64\t2\tshadow-utils-4.9-12.cm2.src.rpm\n';
    const { packages, warnings } = readDatabase(rpm, MANIFEST, text);
    expect(warnings).toEqual([]);
    expect(packages.map(({ name, version, arch, source, vendor }) => ({ name, version, arch, source, vendor }))).toEqual([
      {
        name: 'openssl-libs',
        version: '1.1.1k-21.cm2',
        arch: 'x86_64',
        source: { name: 'openssl', version: '1.1.1k-21.cm2' },
        vendor: 'Microsoft Corporation',
      },
      {
        name: 'shadow',
        version: '2:4.9-12.cm2',
        arch: 'x86_64',
        source: { name: 'shadow-utils', version: '2:4.9-12.cm2' },
        vendor: 'Microsoft Corporation',
      },
    ]);
  });

  it('leaves out broken lines and warns', () => {
    const { packages, warnings } = readDatabase(rpm, MANIFEST, 'half\ta line\n\n');
    expect(packages).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^rpm-manifest-corrupt: 1 of its lines/)]);
  });
});

const hasRpm = hasTool('rpm') && hasTool('rpmbuild');

describe.skipIf(!hasRpm)(`databases that rpm makes here${hasRpm ? '' : ' (skipped: needs rpm and rpmbuild)'}`, () => {
  const built: RpmDatabases | undefined = hasRpm ? buildRpmDatabases() : undefined;

  for (const [file, bytes, needs] of [
    ['rpmdb.sqlite', built?.sqlite, ''],
    ['Packages', built?.bdb, 'db5.3_load'],
    ['Packages.db', built?.ndb, 'an rpm with the ndb backend'],
  ] as const) {
    it.skipIf(!bytes)(`${file} has the packages that rpm lists${bytes ? '' : ` (skipped: needs ${needs})`}`, () => {
      const expected = built!.listing
        .map((line) => line.split('\t'))
        .filter(([name]) => name !== 'gpg-pubkey')
        .map(([name, epoch, version, release, arch]) => `${name} ${Number(epoch) > 0 ? `${epoch}:` : ''}${version}-${release} ${arch}`);
      const { packages, warnings } = read(file, bytes!);
      expect(warnings).toEqual([]);
      expect(packages.map((p) => `${p.name} ${p.version} ${p.arch}`).sort()).toEqual(expected.sort());
    });
  }
});
