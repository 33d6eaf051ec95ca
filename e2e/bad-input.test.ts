/**
 * Images that are broken or hostile: one clear line, the right exit code, bounded memory, and nothing
 * half-written. Peak memory is what the system counted for the process.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { ScanReport } from '@plimsoll/model';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeDockerArchive, writeOciLayout, type BuiltImage, type ImageSpec } from './support/images.ts';
import { databaseOf, makeWorkplace, type Workplace } from './support/plimsoll.ts';
import type { RunResult } from './support/run.ts';
import { SAMPLE, SAMPLE_ADVISORIES, SAMPLE_PACKAGES } from './support/sample.ts';
import { dir, file, hardlink, member, symlink, tar, type TarEntry } from './support/tar.ts';

/** The bound for big images. */
const MAX_MEMORY_MB = 350;

let place: Workplace;
let database: string;
let cache: string;
let count = 0;

beforeAll(async () => {
  place = makeWorkplace();
  database = await databaseOf(place, SAMPLE_ADVISORIES);
  // Loaded into the process before the command line: it notes the peak when the process ends.
  writeFileSync(
    place.path('peak.mjs'),
    "import { writeFileSync } from 'node:fs';\nprocess.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)));\n",
  );
});
beforeEach(() => {
  cache = place.path(`cache-${String(count++)}`);
});
afterAll(() => {
  place.remove();
});

interface Measured extends RunResult {
  /** Peak resident memory in MB. */
  memory: number;
}

async function scan(reference: string): Promise<Measured> {
  const peak = place.path('peak');
  const env = { NODE_OPTIONS: `--import=${pathToFileURL(place.path('peak.mjs')).href}`, PEAK_FILE: peak };
  const result = await place.plimsoll(['scan', reference, '--format', 'json', '--db', database, '--cache-dir', cache], { env });
  return { ...result, memory: Number(readFileSync(peak, 'utf8')) / 1024 };
}

/** Exit code 2 and one line with these in it; the cache has no unfinished file. */
async function expectRefused(reference: string, ...says: (string | RegExp)[]): Promise<void> {
  const { code, stdout, stderr, memory } = await scan(reference);
  expect([code, stdout], stderr).toEqual([2, '']);
  expect(stderr).toMatch(/^plimsoll: [^\n]+\n$/);
  expect(stderr).toContain(reference);
  for (const each of says) expect(stderr).toMatch(each instanceof RegExp ? each : new RegExp(each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  expect(memory).toBeLessThan(MAX_MEMORY_MB);
  expect(leftovers()).toEqual([]);
}

async function expectScanned(reference: string): Promise<ScanReport> {
  const { code, stdout, stderr, memory } = await scan(reference);
  expect(code, stderr).toBe(0);
  expect(memory).toBeLessThan(MAX_MEMORY_MB);
  expect(leftovers()).toEqual([]);
  return JSON.parse(stdout) as ScanReport;
}

/** Files of the cache that no later scan would read: what a write begun and not ended leaves. */
function leftovers(): string[] {
  if (!existsSync(cache)) return [];
  return (readdirSync(cache, { recursive: true }) as string[]).filter((name) => /part|tmp|temp|new$/.test(name));
}

const npm = (name: string, version = '1.0.0') => file('app/node_modules/x/package.json', JSON.stringify({ name, version }));
const names = (report: ScanReport) => report.packages.map(({ name }) => name).sort();

function layout(name: string, spec: ImageSpec = SAMPLE): { path: string; image: BuiltImage; blob: (digest: string) => string } {
  const path = place.path(name);
  const [image] = writeOciLayout(path, spec);
  return { path, image: image!, blob: (digest) => join(path, 'blobs/sha256', digest.slice('sha256:'.length)) };
}

function archive(name: string, entries: TarEntry[]): string {
  const path = place.path(name);
  writeDockerArchive(path, { layers: [{ entries }] });
  return path;
}

describe('an image that is broken is refused', () => {
  it('a docker-archive that ends within a layer', async () => {
    const path = place.path('cut.tar');
    writeDockerArchive(path, SAMPLE);
    writeFileSync(path, readFileSync(path).subarray(0, 4000));
    await expectRefused(path);
  });

  it('a gzipped docker-archive that is cut', async () => {
    const path = place.path('cut.tar.gz');
    writeDockerArchive(path, { layers: [{ entries: [file('noise', noise(1 << 20))] }] }, { gzip: true });
    writeFileSync(path, readFileSync(path).subarray(0, 500_000));
    await expectRefused(path);
  });

  it.each([0, 1, 2])('an OCI layer that is cut (%i: plain, gzip, zstd)', async (index) => {
    const { path, image, blob } = layout(`cut-layer-${String(index)}`);
    const { digest, blob: bytes } = image.layers[index]!;
    writeFileSync(blob(digest), bytes.subarray(0, bytes.length / 2));
    await expectRefused(path, digest.slice('sha256:'.length));
  });

  it('a layer whose bytes are not those of its digest', async () => {
    const { path, image, blob } = layout('digest');
    const bytes = Buffer.from(image.layers[0]!.blob);
    bytes[bytes.length - 1] = 1;
    writeFileSync(blob(image.layers[0]!.digest), bytes);
    await expectRefused(path, /digest/);
  });

  it('a layer that the manifest names and that is missing', async () => {
    const { path, image, blob } = layout('missing');
    rmSync(blob(image.layers[1]!.digest));
    await expectRefused(path, image.layers[1]!.digest.slice('sha256:'.length), 'missing');
  });

  it('a layer of an unknown media type', async () => {
    const { path } = layout('media', { layers: [{ entries: [npm('a')], mediaType: 'application/vnd.example.layer.v9+squashfs' }] });
    await expectRefused(path, 'application/vnd.example.layer.v9+squashfs');
  });

  it.each([
    ['no JSON', '{"layers":'],
    ['deep', '['.repeat(1_000_000)],
    ['of the wrong shape', '{"schemaVersion":2,"config":7,"layers":{"length":1e9}}'],
    ['nothing', 'null'],
  ])('a manifest that is %s', async (title, text) => {
    const path = place.path(`manifest-${title.replaceAll(' ', '-')}`);
    const digest = createHash('sha256').update(text).digest('hex');
    mkdirSync(join(path, 'blobs/sha256'), { recursive: true });
    writeFileSync(join(path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    writeFileSync(join(path, 'blobs/sha256', digest), text);
    const manifests = [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: `sha256:${digest}`, size: text.length }];
    writeFileSync(join(path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    await expectRefused(path);
  });
});

describe('what is hostile in a layer does no harm', () => {
  it('paths and links that lead outside', async () => {
    const outside = place.path('outside');
    const entries = [
      file(`../../../../../../../..${outside}`, 'x'),
      file(outside, 'x'),
      symlink('etc/out', '../../../../../../../../etc'),
      file('etc/out/plimsoll-was-here', 'x'),
      hardlink('stolen/package.json', '/etc/passwd'),
      symlink('lib/apk/db/installed', '/etc/passwd'),
      npm('a'),
    ];
    const report = await expectScanned(archive('outside.tar', entries));
    expect(names(report)).toEqual(['a']);
    expect([existsSync(outside), existsSync('/etc/plimsoll-was-here')]).toEqual([false, false]);
  });

  it('links in a loop', async () => {
    const entries = [symlink('etc/os-release', '../usr/lib/os-release'), symlink('usr/lib/os-release', '../../etc/os-release'), symlink('a', 'b'), symlink('b', 'a'), hardlink('c', 'd'), hardlink('d', 'c'), npm('a')];
    expect(names(await expectScanned(archive('loop.tar', entries)))).toEqual(['a']);
  });

  it('the same path again and again: the last one counts', async () => {
    const report = await expectScanned(archive('twice.tar', [npm('first'), dir('app/node_modules/x'), npm('second'), npm('third')]));
    expect(names(report)).toEqual(['third']);
  });

  it('a sparse file of 10 GB', async () => {
    const size = 10 * 1024 ** 3;
    const sparse = (path: string): TarEntry => ({ path, sparse: { size, chunks: [{ offset: 0, data: Buffer.from('x'.repeat(512)) }], format: 'pax-1.0' } });
    const report = await expectScanned(archive('sparse.tar', [sparse('var/lib/dpkg/status'), sparse('app/node_modules/y/package.json'), npm('a')]));
    expect(names(report)).toContain('a');
    expect(report.complete).toBe(false);
  });

  it('a layer of 2 GB in 2 MB of gzip is refused as a bomb', async () => {
    // A gzip stream may consist of many: the same 64 MB over and over again. @see RFC 1952, section 2.2
    const head = member({ path: 'zeros', claimedSize: 2 * 1024 ** 3 })[0]!;
    const rest = tar([npm('a')]);
    const zeros = gzipSync(Buffer.alloc(64 << 20), { level: 9 });
    const blob = Buffer.concat([gzipSync(head), ...Array.from({ length: 32 }, () => zeros), gzipSync(rest)]);
    const hash = createHash('sha256').update(head);
    const block = Buffer.alloc(64 << 20);
    for (let i = 0; i < 32; i++) hash.update(block);
    const diffId = `sha256:${hash.update(rest).digest('hex')}`;
    const path = layoutOf('bomb', blob, diffId);
    await expectRefused(path, createHash('sha256').update(blob).digest('hex'), 'decompression bomb');
  }, 120_000);

  it('names of a megabyte and text that a terminal would obey', async () => {
    const entries = [
      file('app/node_modules/long/package.json', JSON.stringify({ name: 'n'.repeat(1 << 20), version: '1.0.0' })),
      file('app/node_modules/evil/package.json', JSON.stringify({ name: 'evil\u001b[2J', version: '1.0.0' })),
      file('app/node_modules/proto/package.json', '{"name":"__proto__","version":"1.0.0","__proto__":{"polluted":1}}'),
      file('app/node_modules/deep/package.json', `{"name":${'['.repeat(200_000)}`),
      npm('a'),
    ];
    const path = archive('names.tar', entries);
    const report = await expectScanned(path);
    expect(names(report)).toContain('a');
    expect(names(report).filter((name) => name.length > 1024 || name.includes('\u001b'))).toEqual([]);
    const { stdout, stderr } = await place.plimsoll(['scan', path, '--db', database, '--all']);
    expect(`${stdout}${stderr}`).not.toContain('\u001b');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(1000);
  });
});

it('a whole image, scanned after a broken one with the same layers and cache, is whole', async () => {
  const { path, image, blob } = layout('mended');
  writeFileSync(blob(image.layers[2]!.digest), image.layers[2]!.blob.subarray(0, 100));
  await expectRefused(path);
  writeFileSync(blob(image.layers[2]!.digest), image.layers[2]!.blob);
  const report = await expectScanned(path);
  expect(report.packages.map(({ name, version, layer }) => `${name} ${version} ${String(layer)}`).sort()).toEqual(SAMPLE_PACKAGES);
  expect(report.complete).toBe(true);
});

/** An OCI layout of one gzipped layer that was made elsewhere. */
function layoutOf(name: string, blob: Buffer, diffId: string): string {
  const path = place.path(name);
  mkdirSync(join(path, 'blobs/sha256'), { recursive: true });
  const put = (bytes: Buffer | string) => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(path, 'blobs/sha256', hex), bytes);
    return { digest: `sha256:${hex}`, size: Buffer.byteLength(bytes) };
  };
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...put(blob) };
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', ...put(JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [diffId] } })) };
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = { mediaType, ...put(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] })) };
  writeFileSync(join(path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  return path;
}

/** Bytes that do not compress, the same each time. */
function noise(length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let i = 0; i < length / 32; i++) blocks.push(createHash('sha256').update(String(i)).digest());
  return Buffer.concat(blocks);
}
