import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryContent } from '../formats/random-access.ts';
import { sqliteRows } from '../formats/sqlite.ts';

/** Packages named `filler-NN`, so many that the table of packages needs more than one page. */
export const FILLERS = 24;

const HEAD = `
Release: 3.el8
Summary: Test package
License: MIT and BSD
Vendor: Plimsoll Tests
BuildArch: noarch
`;

/** A package with epoch and module, whose header is longer than a page, and a package beside it without an epoch. */
const DEMO = `
Name: demo
Epoch: 2
Version: 1.2${HEAD}
ModularityLabel: demo:rhel8:8090:abc
%description
%package libs
Summary: Test package with a version of its own
Epoch: 0
Version: 9.0
%description libs
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/lib/python3/demo.dist-info %{buildroot}/usr/share/demo
echo x > %{buildroot}/usr/bin/demo
echo x > %{buildroot}/usr/lib/python3/demo.dist-info/METADATA
echo x > %{buildroot}/usr/lib/libdemo.so.1
for i in $(seq 1 200); do : > %{buildroot}/usr/share/demo/file-$i.txt; done
%files
/usr/bin/demo
/usr/lib/python3
/usr/share/demo
%files libs
/usr/lib/libdemo.so.1
`;

const KEY = `
Name: gpg-pubkey
Version: fd431d51${HEAD}
%description
%files
`;

const FILLER_SPEC = `
Name: filler
Version: 1${HEAD}
%description
${Array.from({ length: FILLERS }, (_, i) => {
  const name = String(i).padStart(2, '0');
  return `%package -n filler-${name}\nSummary: Test package\n%description -n filler-${name}\n%files -n filler-${name}\n`;
}).join('')}`;

export function hasTool(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}

function run(command: string, args: string[], input?: string): string {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 << 20, ...(input === undefined ? {} : { input }) });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${result.stderr}`);
  return result.stdout;
}

/** Databases of the same packages, made by rpm and Berkeley DB's own tools; what a tool cannot make is absent. */
export interface RpmDatabases {
  sqlite: Buffer;
  ndb?: Buffer;
  bdb?: Buffer;
  /** The headers in the order of their numbers. */
  headers: Buffer[];
  /** What `rpm -qa` says: name, epoch, version, release, architecture and source rpm, tab-separated. */
  listing: string[];
}

export function buildRpmDatabases(): RpmDatabases {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-rpm-'));
  try {
    for (const [name, spec] of [['demo', DEMO], ['key', KEY], ['filler', FILLER_SPEC]] as const) {
      const path = join(folder, `${name}.spec`);
      writeFileSync(path, spec);
      run('rpmbuild', ['-bb', '--define', `_topdir ${folder}/top`, path]);
    }
    const rpms = readdirSync(join(folder, 'top/RPMS/noarch')).map((file) => join(folder, 'top/RPMS/noarch', file));
    const sqlite = install(folder, 'sqlite', rpms)!;
    const headers = [...sqliteRows(new MemoryContent(sqlite), 'Packages', (problem) => { throw new Error(problem); })]
      .map(({ values }) => values.find((value) => Buffer.isBuffer(value))!);
    const listing = rpm(folder, 'sqlite', ['-qa', '--qf', '%{NAME}\\t%{EPOCH}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\t%{SOURCERPM}\\n']);
    const ndb = install(folder, 'ndb', rpms);
    const bdb = hasTool('db5.3_load') ? loadBerkeley(join(folder, 'Packages'), headers) : undefined;
    return {
      sqlite,
      ...(ndb ? { ndb } : {}),
      ...(bdb ? { bdb } : {}),
      headers,
      listing: listing.trim().split('\n'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rpm(folder: string, backend: string, args: string[]): string {
  return run('rpm', ['--dbpath', join(folder, backend), '--define', `_db_backend ${backend}`, ...args]);
}

/** Undefined when this rpm was built without the backend: it falls back to one that keeps nothing. */
function install(folder: string, backend: 'sqlite' | 'ndb', rpms: string[]): Buffer | undefined {
  mkdirSync(join(folder, backend));
  rpm(folder, backend, ['--initdb']);
  const file = { sqlite: 'rpmdb.sqlite', ndb: 'Packages.db' }[backend];
  if (!readdirSync(join(folder, backend)).includes(file)) return undefined;
  rpm(folder, backend, ['-i', '--justdb', '--nodeps', '--noscripts', ...rpms]);
  // A package that was there and is gone leaves free pages behind.
  rpm(folder, backend, ['-e', '--justdb', '--nodeps', '--noscripts', 'filler-00']);
  return readFileSync(join(folder, backend, file));
}

/** rpm itself no longer writes Berkeley DB; its loader does, from the key and value pairs that rpm would store. */
function loadBerkeley(path: string, headers: Buffer[]): Buffer {
  const number = (n: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(n);
    return bytes;
  };
  const pairs = [[number(0), number(headers.length)], ...headers.map((header, i) => [number(i + 1), header])];
  const dump = pairs.flat().map((bytes) => ` ${bytes.toString('hex')}\n`).join('');
  run('db5.3_load', ['-t', 'hash', path], `VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=4096\nHEADER=END\n${dump}DATA=END\n`);
  return readFileSync(path);
}
