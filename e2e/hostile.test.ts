/**
 * The command line against images whose author means harm. Each ends in few clear lines, the right exit
 * code, bounded memory, and leaves nothing half-written: neither in the cache, nor in the temporary folder,
 * nor as output. The memory is what the system counted for the process.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateRawSync, gzipSync } from 'node:zlib';
import type { ScanReport } from '@plimsoll/model';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildImage, ociLayoutFiles, writeDockerArchive, writeOciLayout } from './support/images.ts';
import { needs, REPOSITORY, titled } from './support/needs.ts';
import { dir, file, hardlink, member, symlink, tar, type TarEntry } from './support/tar.ts';

const MAX_MEMORY_MB = 400;
/** For a database of as many packages as three whole distributions have. */
const MAX_MEMORY_OF_MANY_PACKAGES_MB = 600;
/** A run that takes longer is ended, which fails the test. */
const MAX_MILLISECONDS = 120_000;
const MAX_LINE = 2500;

const OS = file('etc/os-release', 'ID=debian\nVERSION_ID="11"\n');
const STATUS = 'var/lib/dpkg/status';
const bash = (name = 'bash') => `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.1-2\n`;

let work: string;
let peak: string;

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
  megabytes: number;
}

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'plimsoll-hostile-'));
  // Builds what is stale, so that no test does.
  const built = spawnSync(process.execPath, [join(REPOSITORY, 'bin/plimsoll.mjs'), '--version'], { encoding: 'utf8' });
  expect(built.status).toBe(0);
  peak = join(work, 'peak.mjs');
  writeFileSync(peak, "import { writeFileSync } from 'node:fs';\nprocess.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)));\n");
}, 300_000);
beforeEach(() => {
  for (const folder of ['tmp', 'cache']) {
    rmSync(join(work, folder), { recursive: true, force: true });
    mkdirSync(join(work, folder));
  }
});
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

/** Runs the command line with a temporary folder of its own, and checks what holds whatever the input. */
async function plimsoll(...args: string[]): Promise<Outcome> {
  return plimsollWithin(MAX_MEMORY_MB, args);
}

async function plimsollWithin(memory: number, args: string[]): Promise<Outcome> {
  const peakFile = join(work, 'peak');
  const child = spawn(process.execPath, ['--import', pathToFileURL(peak).href, join(REPOSITORY, 'bin/plimsoll.mjs'), ...args], {
    env: { ...process.env, TMPDIR: join(work, 'tmp'), PEAK_FILE: peakFile, PLIMSOLL_NO_BUILD: '1', FORCE_COLOR: '0', COLUMNS: '120' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: MAX_MILLISECONDS,
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const outcome = { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), megabytes: code === null ? Infinity : Number(readFileSync(peakFile, 'utf8')) / 1024 };
  expect([0, 2], outcome.stderr).toContain(code);
  expect(outcome.megabytes).toBeLessThan(memory);
  expect(readdirSync(join(work, 'tmp'))).toEqual([]);
  expect(files(join(work, 'cache')).filter((name) => name.endsWith('.part'))).toEqual([]);
  // JSON is for programs: it escapes what JSON has to, and keeps the rest as it is.
  for (const text of [outcome.stderr, ...(args.includes('json') ? [] : [outcome.stdout])]) {
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  }
  for (const line of outcome.stderr.split('\n')) expect(line.length).toBeLessThan(MAX_LINE);
  return outcome;
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' });
}

const scan = (reference: string, ...more: string[]) => plimsoll('scan', reference, '--offline', '--cache-dir', join(work, 'cache'), ...more);

async function refused(reference: string): Promise<string> {
  const { code, stderr, stdout } = await scan(reference);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^plimsoll: [^\n]+\n$/);
  return stderr;
}

async function report(reference: string): Promise<ScanReport> {
  const { code, stdout, stderr } = await scan(reference, '--format', 'json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as ScanReport;
}

/** A tar that is a root file system of one layer. */
function rootfs(entries: TarEntry[]): string {
  const path = join(work, 'rootfs.tar');
  writeFileSync(path, tar([OS, ...entries]));
  return `rootfs:${path}`;
}

function folder(name: string, entries: Record<string, string> = {}): string {
  const root = join(work, name);
  for (const [path, content] of Object.entries({ 'etc/os-release': 'ID=debian\nVERSION_ID="11"\n', [STATUS]: bash(), ...entries })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** A zip of one deflated entry, given deflated already. */
function zipOf(name: string, deflated: Buffer, size: number): Buffer {
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(deflated.length, 18);
  local.writeUInt32LE(size, 22);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(deflated.length, 20);
  central.writeUInt32LE(size, 24);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + deflated.length, 16);
  return Buffer.concat([local, Buffer.from(name), deflated, central, Buffer.from(name), end]);
}

describe('bombs', () => {
  const tenGigabytes = 10 * 2 ** 30;

  it('10 MB of gzip that unpack to 10 GB', async () => {
    const path = join(work, 'bomb.tar.gz');
    const fd = openSync(path, 'w');
    writeSync(fd, gzipSync(Buffer.concat(member({ path: 'zeros', claimedSize: tenGigabytes }))));
    const zeros = gzipSync(Buffer.alloc(64 << 20), { level: 9 });
    for (let i = 0; i < 160; i++) writeSync(fd, zeros);
    closeSync(fd);
    expect(await refused(`rootfs:${path}`)).toMatch(/bomb\.tar\.gz.*decompression bomb/);
  });

  it('a zstd layer of repeated bytes, and one that wants a window of a gigabyte', async () => {
    const blocks = Buffer.alloc(4 * 40_000);
    for (let i = 0; i < 40_000; i++) blocks.writeUIntLE((131_072 << 3) | 2, i * 4, 3);
    const path = join(work, 'bomb.tar.zst');
    const header = gzipless(Buffer.concat(member({ path: 'zeros', claimedSize: tenGigabytes })));
    writeFileSync(path, Buffer.concat([header, Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 11 << 3]), blocks]));
    expect(await refused(`rootfs:${path}`)).toMatch(/bomb\.tar\.zst.*decompression bomb/);
    writeFileSync(path, Buffer.concat([header, Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 20 << 3]), blocks]));
    expect(await refused(`rootfs:${path}`)).toMatch(/window of 1073741824 bytes/);
  });

  /** A zstd frame that stores its content. */
  function gzipless(bytes: Buffer): Buffer {
    const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32LE(bytes.length, 5);
    head.writeUIntLE((bytes.length << 3) | 1, 9, 3);
    return Buffer.concat([head, bytes]);
  }

  it('a jar in a jar in a jar, of gigabytes', async () => {
    let size = 600 << 20;
    let inner = deflateRawSync(Buffer.alloc(size), { level: 9 });
    for (let depth = 0; depth < 4; depth++) {
      const jar = zipOf(depth === 0 ? 'META-INF/MANIFEST.MF' : `lib/inner${depth}.jar`, inner, size);
      size = jar.length;
      inner = deflateRawSync(jar);
    }
    const { complete, warnings } = await report(rootfs([file(STATUS, bash()), file('app/bomb.jar', zipOf('lib/outer.jar', inner, size))]));
    expect(complete).toBe(false);
    expect(warnings.map((w) => [w.path, w.incomplete])).toEqual([['app/bomb.jar', true]]);
  });

  it('sparse files of 10 GB, wanted and not', async () => {
    const sparse = { size: tenGigabytes, chunks: [{ offset: 0, data: Buffer.from('PK\u0003\u0004') }] };
    const { packages, complete } = await report(rootfs([{ path: 'data.bin', sparse }, { path: 'app/x.jar', sparse: { ...sparse, format: 'pax-1.0' } }, file(STATUS, bash())]));
    expect(packages.map((p) => p.name)).toEqual(['bash']);
    expect(complete).toBe(false);
  });
});

describe('many and large', () => {
  it('a tar of a million entries', async () => {
    const path = join(work, 'million.tar');
    const fd = openSync(path, 'w');
    writeSync(fd, Buffer.concat([OS, file(STATUS, bash())].flatMap(member)));
    const thousand = Buffer.concat(Array.from({ length: 1000 }, (_, i) => member({ path: `srv/file-number-${String(i)}`, mode: 0o4755 })).flat());
    for (let i = 0; i < 1000; i++) writeSync(fd, thousand);
    closeSync(fd);
    expect((await report(`rootfs:${path}`)).packages).toHaveLength(1);
  });

  it('a package database of 100,000 packages', async () => {
    const status = Array.from({ length: 100_000 }, (_, i) => bash(`package-${String(i)}`)).join('\n');
    const { code, stdout } = await plimsollWithin(MAX_MEMORY_OF_MANY_PACKAGES_MB, ['scan', rootfs([file(STATUS, status)]), '--offline', '--cache-dir', join(work, 'cache')]);
    expect(code).toBe(0);
    expect(stdout).toContain('100000 deb');
  });

  it('names of a megabyte in the tar, in package databases and in tags', async () => {
    // One byte less: the longest name that an extended header of a megabyte can hold.
    const long = 'n'.repeat((1 << 20) - 1);
    const { packages, complete } = await report(rootfs([
      { path: long, longNames: 'gnu' },
      file(STATUS, `${bash(long)}\n${bash()}`),
      file('app/node_modules/x/package.json', JSON.stringify({ name: long, version: '1.0.0' })),
    ]));
    expect(packages.map((p) => p.name)).toEqual(['bash']);
    expect(complete).toBe(false);
    const archive = join(work, 'tagged.tar');
    writeDockerArchive(archive, { tag: `a/${long}:1`, layers: [{ entries: [OS] }] });
    expect((await scan(archive)).code).toBe(0);
    expect(await refused(`docker-archive:${archive}:other`)).toContain('has no image "other"');
  });

  it('folders a thousand deep and opaque ones by the ten thousand', async () => {
    const long = `${'d'.repeat(250)}/`.repeat(15);
    const entries = Array.from({ length: 20_000 }, (_, i): TarEntry => ({ path: `${long}${String(i)}/.wh..wh..opq` }));
    const { packages } = await report(rootfs([...entries, dir('x/'.repeat(1000)), file(STATUS, bash())]));
    expect(packages).toHaveLength(1);
  });
});

describe('one layer named sixty thousand times', () => {
  it('is more than an image can have', async () => {
    const path = join(work, 'layers.tar');
    const names = Array.from({ length: 60_000 }, () => 'l');
    const image = buildImage({ layers: [{ entries: [OS] }] });
    const config = JSON.stringify({ rootfs: { type: 'layers', diff_ids: names.map(() => image.layers[0]!.diffId) } });
    for (const compress of [(bytes: Buffer) => bytes, (bytes: Buffer) => gzipSync(bytes)]) {
      writeFileSync(path, compress(tar([file('l', image.layers[0]!.tar), file('c.json', config), file('manifest.json', JSON.stringify([{ Config: 'c.json', Layers: names }]))])));
      expect(await refused(`docker-archive:${path}`)).toMatch(/layers\.tar: manifest\.json names 60000 layers/);
    }
  });
});

it('an archive that streams by with five thousand layers is none', async () => {
  const path = join(work, 'streamed.tar.gz');
  writeFileSync(path, gzipSync(tar(Array.from({ length: 5000 }, (_, i) => file(`l${String(i)}`, tar([file(`f${String(i)}`)]))))));
  expect(await refused(`docker-archive:${path}`)).toMatch(/streamed\.tar\.gz has more than 4000 layers/);
});

describe('text that a terminal would obey', () => {
  const evil = '\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e\r';

  it('in packages, paths, tags, labels and history stays off the terminal', async () => {
    const archive = join(work, 'escapes.tar');
    writeDockerArchive(archive, {
      tag: `shop:${evil}`,
      config: { Labels: { [evil]: evil, 'org.opencontainers.image.base.name': evil }, Env: [`PASSWORD=${evil}`], User: evil, Cmd: [evil] },
      history: [{ created_by: evil, comment: evil }, { created_by: 'CMD', empty_layer: true }],
      layers: [{
        entries: [
          file('etc/os-release', `ID=debian\nVERSION_ID="11"\nPRETTY_NAME="${evil}"\n`),
          file(STATUS, `${bash(evil)}\n${bash()}\nPackage: openssl\nStatus: install ok installed\nArchitecture: ${evil}\nMaintainer: ${evil}\nVersion: 1.1.1k-1\n`),
          file(`${evil}/x.jar`, 'no zip'),
          { ...file(`bin/${evil}`, 'x'), mode: 0o4777 },
          file(`srv/${evil}.pem`, '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n'),
        ],
      }],
    });
    expect((await scan(archive, '--all')).code).toBe(0);
    expect((await plimsoll('explain', archive, 'CVE-2022-0778', '--offline', '--no-cache')).code).toBe(0);
    expect(await refused(`docker-archive:${archive}:missing`)).toContain('has no image');
    const { complete, packages } = await report(archive);
    expect(complete).toBe(false);
    expect(packages.map((p) => p.name)).toEqual(['bash', 'openssl']);
  });

  it('in names of layers and media types', async () => {
    const layout = join(work, 'layout-types');
    writeOciLayout(layout, { layers: [{ entries: [OS], mediaType: `application/${evil}` }] });
    expect(await refused(`oci:${layout}`)).toMatch(/layer 1 .*media type/);
  });
});

describe('hostile JSON', () => {
  const image = buildImage({ layers: [{ entries: [OS, file(STATUS, bash())] }] });
  const layoutWith = (name: string, content: string | Buffer) => {
    const root = join(work, 'layout-json');
    rmSync(root, { recursive: true, force: true });
    for (const [path, bytes] of ociLayoutFiles([image])) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), path === name ? content : bytes);
    }
    return `oci:${root}`;
  };

  it.each([
    ['brackets a million deep', () => '['.repeat(1_000_000) + ']'.repeat(1_000_000), /index\.json is no JSON of an image: it nests deeper/],
    ['a digest of brackets', () => `{"manifests":[{"digest":${'['.repeat(90)}${']'.repeat(90)}}]}`, /no digest/],
    ['100 MB of text', () => `{"manifests":"${'x'.repeat(100 << 20)}"}`, /index\.json is \d+ bytes long/],
    ['no object', () => 'null', /names no image/],
    ['names of the prototype', () => '{"__proto__":{"manifests":[]},"constructor":{"prototype":{}}}', /names no image/],
    ['half of it', () => '{"manifests":[{"dig', /is no JSON/],
  ])('in the index: %s', async (_what, content, message) => {
    expect(await refused(layoutWith('index.json', content()))).toMatch(message);
  });

  it('in packages: nesting, doubled and prototype keys', async () => {
    const npm = (name: string, content: string) => file(`app/node_modules/${name}/package.json`, content);
    const { packages } = await report(rootfs([
      file(STATUS, bash()),
      npm('deep', `{"name":"deep","version":"1.0.0","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
      npm('twice', '{"name":"a","version":"1.0.0","name":"twice","version":"2.0.0"}'),
      npm('proto', '{"__proto__":{"name":"evil","version":"6.6.6"},"name":"proto","version":"1.0.0","license":{"__proto__":null}}'),
      file('app/vendor/composer/installed.json', '{"packages":{"__proto__":[]},"dev-package-names":{"length":1e9}}'),
      file('app/x.deps.json', '{"libraries":{"__proto__/1.0.0":{"type":"package"},"constructor/1":{"type":"package"}}}'),
    ]));
    const names = packages.map((p) => `${p.name}@${p.version}`);
    expect(names).toEqual(expect.arrayContaining(['bash@5.1-2', 'twice@2.0.0', 'proto@1.0.0']));
    expect(names).not.toContain('evil@6.6.6');
  });
});

describe('package databases that are damaged', () => {
  const sqlite = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4080, 0xff)]);
  it.each([
    ['var/lib/rpm/rpmdb.sqlite', sqlite],
    ['var/lib/rpm/Packages', Buffer.alloc(8192, 0x61)],
    ['var/lib/rpm/Packages.db', Buffer.from(`RpmP${'\xff'.repeat(5000)}`, 'latin1')],
    ['lib/apk/db/installed', Buffer.from('P:musl\nno colon here\n\nV:only a version\n\n')],
    [STATUS, Buffer.from(`${bash()}\nPackage broken\n\x00\xff\xfe\nVersion\n`, 'latin1')],
  ])('%s: a warning that names layer and file, the rest is kept', async (path, content) => {
    const { complete, warnings, packages } = await report(rootfs([
      file(path, content),
      file('app/node_modules/kept/package.json', '{"name":"kept","version":"1.0.0"}'),
    ]));
    expect(packages.map((p) => p.name)).toContain('kept');
    expect(complete).toBe(false);
    expect(warnings).toEqual(expect.arrayContaining([expect.objectContaining({ path, layer: 0, incomplete: true })]));
  });
});

describe('links and paths', () => {
  it('that lead in circles or outside, in a tar', async () => {
    const { packages } = await report(rootfs([
      hardlink('a/package.json', 'b/package.json'), hardlink('b/package.json', 'a/package.json'), hardlink('var/lib/rpm/Packages', 'var/lib/rpm/Packages'),
      symlink('loop', 'loop'), symlink('up', '../../../etc'), file('../../etc/passwd', 'x'), file('/../x/package.json', '{"name":"out","version":"1.0.0"}'),
      hardlink('app/node_modules/x/package.json', '../../etc/shadow'), file(STATUS, bash()),
    ]));
    expect(packages.map((p) => p.name)).toEqual(['bash']);
  });

  it('that lead in circles or outside, in an OCI layout', async () => {
    const layout = join(work, 'layout-links');
    const [image] = writeOciLayout(layout, { layers: [{ entries: [OS] }] });
    const blob = (digest: string) => join(layout, 'blobs', digest.replace(':', '/'));
    const layer = image!.layers[0]!.digest;
    rmSync(blob(layer));
    symlinkSync(blob(layer), blob(layer));
    expect(await refused(`oci:${layout}`)).toMatch(/layer blobs\/sha256\/[0-9a-f]{64} is missing/);
    rmSync(blob(layer));
    symlinkSync('/etc/passwd', blob(layer));
    expect(await refused(`oci:${layout}`)).toMatch(/leads out of the folder/);
  });

  it('of an image archive, a hundred thousand of them', async () => {
    const path = join(work, 'links.tar');
    writeFileSync(path, Buffer.concat([file('manifest.json', '[]'), ...Array.from({ length: 110_000 }, (_, i) => symlink(`l${String(i)}`, `l${String(i + 1)}`))].flatMap(member)));
    expect(await refused(`docker-archive:${path}`)).toMatch(/links\.tar has more than 100000 files/);
  });
});

describe.skipIf(!needs('linux').present)(titled('a folder as root file system', 'linux'), () => {
  it('with loops, pipes, sockets, a sparse file of 10 GB and names that are no text', async () => {
    const root = folder('root-odd');
    symlinkSync('.', join(root, 'here'));
    symlinkSync('/', join(root, 'etc/root'));
    expect(spawnSync('mkfifo', [join(root, 'pipe.jar')]).status).toBe(0);
    const server = createServer().listen(join(root, 's.jar'));
    const sparse = openSync(join(root, 'huge.jar'), 'w', 0o755);
    ftruncateSync(sparse, 10 * 2 ** 30);
    closeSync(sparse);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff, 0xfe]), Buffer.from('.jar')]), 'x');
    try {
      const { packages, complete, warnings } = await report(`dir:${root}`);
      expect(packages.map((p) => p.name)).toEqual(['bash']);
      expect(complete).toBe(false);
      expect(warnings.map((w) => w.path)).toContain('huge.jar');
    } finally {
      server.close();
    }
  });

  it('deeper than the system takes paths: the rest is kept', async () => {
    const root = folder('root-deep');
    // Made step by step from within, for the whole path is too long for the system.
    const step = 'const { mkdirSync } = require("node:fs"); for (let i = 0; i < 20; i++) { mkdirSync("d".repeat(250)); process.chdir("d".repeat(250)); }';
    try {
      expect(spawnSync(process.execPath, ['-e', step], { cwd: root }).status).toBe(0);
      const { packages, complete } = await report(`dir:${root}`);
      expect(packages.map((p) => p.name)).toEqual(['bash']);
      expect(complete).toBe(false);
    } finally {
      // Node's own removal goes by whole paths, too.
      spawnSync('rm', ['-rf', root]);
    }
  });

  it('whose files change while they are read', async () => {
    const root = folder('root-changing');
    const changing = join(root, 'app.jar');
    writeFileSync(changing, Buffer.alloc(1 << 20, 'x'));
    const timer = setInterval(() => { truncateSync(changing, Math.floor(Math.random() * (1 << 20))); }, 1);
    try {
      for (let i = 0; i < 3; i++) expect((await report(`dir:${root}`)).packages.map((p) => p.name)).toEqual(['bash']);
    } finally {
      clearInterval(timer);
    }
  });
});

describe('feeds that are cut in half', () => {
  it('leave no database, and keep the one that was there', async () => {
    const feeds = join(work, 'feeds');
    mkdirSync(join(feeds, 'Debian'), { recursive: true });
    const record = JSON.stringify({ id: 'DSA-1-1', modified: '2024-01-01T00:00:00Z', affected: [{ package: { ecosystem: 'Debian:11', name: 'bash' }, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '9' }] }] }] });
    const whole = zipOf('DSA-1-1.json', deflateRawSync(Buffer.from(record)), record.length);
    const zip = join(feeds, 'Debian', 'all.zip');
    const out = join(work, 'feeds.db');
    writeFileSync(out, 'what was there');
    for (const cut of [whole.subarray(0, whole.length >> 1), Buffer.alloc(0), Buffer.alloc(1 << 20, 0xff)]) {
      writeFileSync(zip, cut);
      const { code, stderr } = await plimsoll('db', 'build', '--from', feeds, '--out', out);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^plimsoll: [^\n]*all\.zip[^\n]*\n$/);
      expect(readFileSync(out, 'utf8')).toBe('what was there');
      expect(readdirSync(work).filter((name) => name.startsWith('feeds.db'))).toEqual(['feeds.db']);
    }
  });
});

describe('output', () => {
  it('is not begun for an image that is refused', async () => {
    const path = join(work, 'cut.tar');
    writeFileSync(path, tar([OS, file(STATUS, bash())]).subarray(0, 1200));
    const out = join(work, 'result.json');
    const { code } = await scan(`rootfs:${path}`, '--format', 'json', '--output', out);
    expect(code).toBe(2);
    expect(readdirSync(work).filter((name) => name.startsWith('result'))).toEqual([]);
    expect(files(join(work, 'cache')).filter((name) => /layer|note/.test(name) && name.includes('.'))).toEqual([]);
  });
});
