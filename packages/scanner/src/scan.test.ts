import { InputError, type Sbom } from '@plimsoll/model';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, dockerArchiveEntries, buildImage, writeDockerArchive, writeOciArchive, writeOciLayout, writeRootfs, type ImageSpec } from '../../../e2e/support/images.ts';
import { dir, file, hardlink, tar, whiteout } from '../../../e2e/support/tar.ts';
import { FolderLayerCache } from './layers/cache.ts';
import { scanImage } from './scan.ts';

const STATUS = ['bash 5.2-1', 'libc6 2.36-9']
  .map((line) => line.split(' ') as [string, string])
  .map(([name, version]) => `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`)
  .join('\n');

const BASE = [
  dir('etc'),
  file('etc/os-release', 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n'),
  file('var/lib/dpkg/status', STATUS),
  file('app/node_modules/old/package.json', '{"name":"old","version":"1.0.0"}'),
];
const APP = [
  whiteout('app/node_modules/old'),
  file('app/node_modules/left-pad/package.json', '{"name":"left-pad","version":"1.3.0","license":"WTFPL"}'),
];

const image = (compression: 'none' | 'gzip' | 'zstd' = 'none'): ImageSpec => ({
  layers: [
    { entries: BASE, compression },
    { entries: APP, compression },
  ],
  tag: 'shop/cart:1.2',
});

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-scan-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const offline = { offline: true, env: { HOME: '/nonexistent', DOCKER_HOST: 'unix:///nonexistent.sock' } };
const scan = (reference: string) => scanImage(reference, offline);
const names = (sbom: Sbom) => sbom.packages.map((p) => `${p.purl} ${p.layer} ${p.paths.join()}`);

describe('scanImage', () => {
  it('finds the same by every way in', async () => {
    writeDockerArchive(at('docker.tar'), image());
    writeDockerArchive(at('docker.tar.gz'), image(), { gzip: true });
    writeOciArchive(at('oci.tar'), image('gzip'));
    writeOciLayout(at('layout'), image('zstd'));
    const expected = [
      'pkg:deb/debian/bash@5.2-1?arch=amd64&distro=debian-12 0 var/lib/dpkg/status',
      'pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12 0 var/lib/dpkg/status',
      'pkg:npm/left-pad@1.3.0 1 app/node_modules/left-pad/package.json',
    ];
    const results = await Promise.all(['docker.tar', 'docker.tar.gz', 'oci.tar', 'layout'].map((name) => scan(at(name))));
    for (const result of results) {
      expect(names(result)).toEqual(expected);
      expect(result.os).toMatchObject({ id: 'debian', ecosystem: 'Debian:12' });
      expect(result.warnings).toEqual([]);
      expect(result.image.layers.map((layer) => layer.diffId)).toEqual(results[0]!.image.layers.map((layer) => layer.diffId));
      expect(result.image.id).toBe(results[0]!.image.id);
    }
    expect(results.map((r) => r.image.kind)).toEqual(['docker-archive', 'docker-archive', 'oci-archive', 'oci']);
    expect(results[0]!.image.tags).toEqual(['shop/cart:1.2']);
    expect(results[3]!.image.digest).toMatch(/^sha256:/);
  });

  it('finds the same in a root file system, as folder, tar and compressed tar', async () => {
    const rootfs = [...BASE.slice(0, 3), APP[1]!];
    writeRootfs(at('rootfs'), rootfs);
    writeFileSync(at('rootfs.tar'), tar(rootfs));
    writeFileSync(at('rootfs.tgz'), gzipSync(tar(rootfs)));
    const [asFolder, ...asTars] = await Promise.all(['rootfs', 'rootfs.tar', 'rootfs.tgz'].map((name) => scan(at(name))));
    expect(asFolder!.packages).toHaveLength(3);
    for (const result of asTars) expect(names(result)).toEqual(names(asFolder!));
    expect(asTars[0]!.image.layers[0]!.diffId).toBe(digestOf(tar(rootfs)));
  });

  it('names each layer’s step of the history', async () => {
    writeDockerArchive(at('history.tar'), {
      ...image(),
      layers: [
        { entries: BASE, createdBy: '/bin/sh -c #(nop) ADD file:1234 in / ' },
        { entries: APP, createdBy: 'RUN /bin/sh -c npm ci # buildkit' },
      ],
    });
    const { image: read } = await scan(at('history.tar'));
    expect(read.layers.map((layer) => layer.createdBy)).toEqual(['ADD file:1234 in /', 'RUN npm ci']);
  });

  it('chooses by platform, and says which there are', async () => {
    const arm: ImageSpec = { layers: [{ entries: [file('node_modules/arm/package.json', '{"name":"arm","version":"1.0.0"}')] }], platform: { os: 'linux', architecture: 'arm64' } };
    writeOciLayout(at('multi'), { ...image(), tag: 'test/image:latest' }, arm);
    const chosen = await scanImage(at('multi'), { ...offline, platform: { os: 'linux', architecture: 'arm64' } });
    expect(chosen.packages.map((p) => p.name)).toEqual(['arm']);
    writeDockerArchive(at('amd64.tar'), image());
    await expect(scanImage(at('amd64.tar'), { ...offline, platform: { os: 'linux', architecture: 'arm64' } })).rejects.toThrow(/is for linux\/amd64, not for linux\/arm64/);
    await expect(scanImage(at('multi'), { ...offline, platform: { os: 'linux', architecture: 's390x' } })).rejects.toThrow(/no image for linux\/s390x; choose with --platform: linux\/amd64, linux\/arm64/);
  });

  it('asks which image of a layout is meant, and takes the named one', async () => {
    const indexOf = () => JSON.parse(readFileSync(join(at('two'), 'index.json'), 'utf8')) as { manifests: unknown[] };
    writeOciLayout(at('two'), image());
    const first = indexOf();
    writeOciLayout(at('two'), { layers: [{ entries: [file('node_modules/b/package.json', '{"name":"b","version":"1.0.0"}')] }], tag: 'b:1' });
    writeFileSync(join(at('two'), 'index.json'), JSON.stringify({ ...first, manifests: [...first.manifests, ...indexOf().manifests] }));
    await expect(scan(at('two'))).rejects.toThrow(/holds several images: choose one by adding :TAG, of 1\.2, 1/);
    expect((await scan(`${at('two')}:1`)).packages.map((p) => p.name)).toEqual(['b']);
  });

  it('reads hard links to content that only another name makes interesting, where the source can be read twice', async () => {
    const entries = [file('ostree/objects/ab', '{"name":"linked","version":"1.0.0"}'), hardlink('app/node_modules/linked/package.json', 'ostree/objects/ab')];
    writeDockerArchive(at('links.tar'), { layers: [{ entries }] });
    const result = await scan(at('links.tar'));
    expect(names(result)).toEqual(['pkg:npm/linked@1.0.0 0 app/node_modules/linked/package.json']);
    expect(result.warnings).toEqual([]);
  });

  it('reads a layer once and then from the cache, with the same result', async () => {
    for (const [name, write] of [
      ['cached.tar', () => writeDockerArchive(at('cached.tar'), image())],
      ['cached.tar.gz', () => writeDockerArchive(at('cached.tar.gz'), image(), { gzip: true })],
      ['cached-rootfs.tar', () => writeFileSync(at('cached-rootfs.tar'), tar(BASE))],
    ] as const) {
      write();
      const cacheFolder = at(`cache-${name}`);
      let bytes = 0;
      const cached = () => scanImage(at(name), { ...offline, cache: new FolderLayerCache(cacheFolder, 'test'), onProgress: (done) => (bytes = done) });
      const first = await cached();
      expect(bytes).toBeGreaterThan(0);
      bytes = 0;
      expect(await cached()).toEqual(first);
      expect(bytes).toBe(0);
      // A damaged cache is as none.
      for (const file of readdirSync(join(cacheFolder, 'layers'))) truncateSync(join(cacheFolder, 'layers', file), 40);
      expect(await cached()).toEqual(first);
      expect(readdirSync(join(cacheFolder, 'layers')).filter((file) => file.endsWith('.part'))).toEqual([]);
    }
  });

  it('keeps what a compressed archive could tell of a layer out of the cache where another source could tell more', async () => {
    const entries = [file('ostree/objects/ab', '{"name":"linked","version":"1.0.0"}'), hardlink('app/node_modules/linked/package.json', 'ostree/objects/ab')];
    writeDockerArchive(at('once.tar.gz'), { layers: [{ entries }] }, { gzip: true });
    writeDockerArchive(at('twice.tar'), { layers: [{ entries }] });
    const cached = (name: string) => scanImage(at(name), { ...offline, cache: new FolderLayerCache(at('cache-links'), 'test') });
    for (let run = 0; run < 2; run++) {
      expect((await cached('once.tar.gz')).warnings).toMatchObject([{ code: 'hard-link-unread', incomplete: true }]);
    }
    const whole = await cached('twice.tar');
    expect(whole.packages.map((p) => p.name)).toEqual(['linked']);
    // And the whole one serves both.
    expect((await cached('once.tar.gz')).packages).toEqual(whole.packages);
  });

  it('scans again by itself when a cached layer is damaged', async () => {
    writeDockerArchive(at('damaged.tar.gz'), image(), { gzip: true });
    writeFileSync(at('damaged-rootfs.tar'), tar(BASE));
    const layers = at('cache-damaged/layers');
    for (const name of ['damaged.tar.gz', 'damaged-rootfs.tar']) {
      const cached = () => scanImage(at(name), { ...offline, cache: new FolderLayerCache(at('cache-damaged'), 'test') });
      const first = await cached();
      for (const damage of [
        (path: string) => truncateSync(path, 40),
        // The right length, so that only reading tells.
        (path: string) => writeFileSync(path, readFileSync(path).fill(0x20, 16)),
      ]) {
        for (const entry of readdirSync(layers).filter((entry) => entry.endsWith('.layer'))) damage(join(layers, entry));
        expect(await cached()).toEqual(first);
      }
    }
  });

  it('reads a compressed archive with members that belong to no image', async () => {
    const members = [
      file('blobs/sha256/attestation', Buffer.from(`{"predicate":"${'x'.repeat(9 << 20)}"}`)),
      ...dockerArchiveEntries(buildImage(image())),
      file('README.md', '# An image\n'.repeat(100)),
    ];
    writeFileSync(at('foreign.tar.gz'), gzipSync(tar(members), { level: 1 }));
    writeDockerArchive(at('foreign.tar'), image());
    const cached = () => scanImage(at('foreign.tar.gz'), { ...offline, cache: new FolderLayerCache(at('cache-foreign'), 'test') });
    const first = await cached();
    expect(names(first)).toEqual(names(await scan(at('foreign.tar'))));
    expect(first.warnings).toEqual([]);
    expect(await cached()).toEqual(first);
    const notes = readdirSync(at('cache-foreign/layers')).filter((name) => name.endsWith('.note'));
    expect(notes).toHaveLength(1);
    writeFileSync(join(at('cache-foreign/layers'), notes[0]!), '{}');
    expect(await cached()).toEqual(first);
  });

  it('finds the base image by its layers, by the history, and by name', async () => {
    const baseSpec: ImageSpec = { layers: [{ entries: BASE }], tag: 'base:1' };
    writeDockerArchive(at('base.tar'), baseSpec);
    writeDockerArchive(at('app.tar'), image());
    const base = await scan(at('base.tar'));
    const byLayers = await scanImage(at('app.tar'), { ...offline, knownImages: [{ reference: 'base:1', diffIds: base.image.layers.map((l) => l.diffId!) }] });
    expect(byLayers.image.base).toEqual({ reference: 'base:1', foundBy: 'layers', layers: 1 });
    expect(byLayers.image.layers.map((l) => l.fromBase)).toEqual([true, false]);
    const byName = await scanImage(at('app.tar'), { ...offline, base: at('base.tar') });
    expect(byName.image.base).toMatchObject({ reference: at('base.tar'), foundBy: 'flag', layers: 1 });
    await expect(scanImage(at('base.tar'), { ...offline, base: at('app.tar') })).rejects.toThrow(/is not the base of/);
  });
});

describe('scanImage on bad input', () => {
  const failure = (reference: string) => scan(reference).then(() => undefined, (error: unknown) => error);
  const expectInputError = async (reference: string, message: RegExp) => {
    const error = await failure(reference);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
    expect((error as InputError).message).not.toContain('\n');
  };

  it('says that a file is missing', () => expectInputError('./no/such.tar', /there is no file or folder \.\/no\/such\.tar/));
  it('says that offline forbids the registry', () => expectInputError('alpine:3.19', /--offline forbids/));
  it('says what a reference may be', () => expectInputError('No Such Image', /neither a file or folder here nor an image reference/));

  it('names the layer that is cut off, in a plain and in a compressed archive', async () => {
    writeDockerArchive(at('whole.tar'), { layers: [{ entries: [file('big', Buffer.alloc(300_000, 7))] }] });
    const whole = readFileSync(at('whole.tar'));
    writeFileSync(at('cut.tar'), whole.subarray(0, 200_000));
    await expectInputError(`docker-archive:${at('cut.tar')}`, /cut\.tar is cut off within /);
    writeFileSync(at('cut.tar.gz'), gzipSync(whole, { level: 0 }).subarray(0, 200_000));
    await expectInputError(`docker-archive:${at('cut.tar.gz')}`, /cut\.tar\.gz.*(?:cut off|ends at byte)/);
  });

  it('names the layer whose content is not what the config says', async () => {
    const built = buildImage(image());
    const other = buildImage({ layers: [{ entries: [file('x', 'other')] }, { entries: APP }] });
    const entries = dockerArchiveEntries(built).map((entry) =>
      entry.path.startsWith(built.layers[0]!.diffId.slice(7)) && entry.path.endsWith('layer.tar') ? { ...entry, content: other.layers[0]!.tar } : entry,
    );
    for (const [name, bytes] of [['swapped.tar', tar(entries)], ['swapped.tar.gz', gzipSync(tar(entries))]] as const) {
      writeFileSync(at(name), bytes);
      await expectInputError(at(name), /layer .*its diff ID is sha256:[0-9a-f]+, but the image names sha256:/);
    }
  });

  it('names a member of a compressed archive that the image needs and that is corrupt or too large, from the cache as well', async () => {
    const built = buildImage(image());
    const members = dockerArchiveEntries(built);
    const swapped = (ending: string, content: Buffer) => gzipSync(tar(members.map((entry) => (entry.path.endsWith(ending) ? { ...entry, content } : entry))), { level: 1 });
    const cache = () => new FolderLayerCache(at('cache-corrupt'), 'test');
    for (const [name, bytes, message] of [
      ['corrupt-layer.tar.gz', swapped(`${built.layers[1]!.diffId.slice(7)}/layer.tar`, Buffer.alloc(2000, 0x55)), new RegExp(`corrupt-layer\\.tar\\.gz: layer ${built.layers[1]!.diffId.slice(7)}/layer\\.tar: `)],
      ['large-config.tar.gz', swapped(`${built.id.slice(7)}.json`, Buffer.alloc(9 << 20, '{')), /large-config\.tar\.gz: [0-9a-f]+\.json is \d+ bytes long; manifests and configs are at most/],
    ] as const) {
      writeFileSync(at(name), bytes);
      for (let run = 0; run < 2; run++) {
        const error = await scanImage(at(name), { ...offline, cache: cache() }).catch((error: unknown) => error);
        expect(error).toBeInstanceOf(InputError);
        expect((error as InputError).message).toMatch(message);
      }
    }
  });

  it('names a blob that is missing or damaged in a layout', async () => {
    const [built] = writeOciLayout(at('broken-layout'), image('gzip'));
    const blob = (digest: string) => join(at('broken-layout'), 'blobs/sha256', digest.slice(7));
    const layerBlob = blob(digestOf(built!.layers[1]!.blob));
    cpSync(layerBlob, at('saved-blob'));
    rmSync(layerBlob);
    await expectInputError(at('broken-layout'), /the layer blobs\/sha256\/[0-9a-f]+ is missing/);
    const damaged = readFileSync(at('saved-blob'));
    damaged[damaged.length - 6]! ^= 0xff;
    writeFileSync(layerBlob, damaged);
    await expectInputError(at('broken-layout'), /layer .*(?:corrupt|digest)/);
    writeFileSync(blob(built!.id), '{}');
    await expectInputError(at('broken-layout'), /the blob sha256:[0-9a-f]+ has the digest/);
  });

  it('refuses layers that are none, by media type', async () => {
    writeOciLayout(at('helm'), image());
    const index = JSON.parse(readFileSync(join(at('helm'), 'index.json'), 'utf8')) as { manifests: { digest: string; size: number }[] };
    const path = (digest: string) => join(at('helm'), 'blobs/sha256', digest.slice(7));
    const manifest = readFileSync(path(index.manifests[0]!.digest), 'utf8').replace(/"application\/vnd\.oci\.image\.layer[^"]*"/, '"application/vnd.cncf.helm.chart.content.v1.tar+gzip"');
    const digest = digestOf(manifest);
    writeFileSync(path(digest), manifest);
    index.manifests[0] = { ...index.manifests[0]!, digest, size: manifest.length };
    writeFileSync(join(at('helm'), 'index.json'), JSON.stringify(index));
    await expectInputError(at('helm'), /layer 1 \(sha256:[0-9a-f]+\) has the media type "application\/vnd\.cncf\.helm/);
  });

  it('says that JSON is hostile or none', async () => {
    writeFileSync(at('deep.tar'), tar([file('manifest.json', '['.repeat(200_000))]));
    await expectInputError(at('deep.tar'), /manifest\.json is no JSON/);
    writeFileSync(at('empty.tar'), tar([file('manifest.json', '[]')]));
    await expectInputError(at('empty.tar'), /has no image/);
    writeFileSync(at('large.tar'), tar([file('manifest.json', Buffer.alloc(9 << 20, 0x20))]));
    await expectInputError(at('large.tar'), /manifests and configs are at most/);
  });

  it('refuses a layout whose blobs are links out of it', async () => {
    const [built] = writeOciLayout(at('escaping'), image());
    const blob = join(at('escaping'), 'blobs/sha256', built!.layers[0]!.diffId.slice(7));
    cpSync(blob, at('outside'));
    rmSync(blob);
    const { symlinkSync } = await import('node:fs');
    symlinkSync(at('outside'), blob);
    await expectInputError(at('escaping'), /is a link that leads out of the folder/);
  });

  it('keeps the rest when a package database is broken, and says that the result is incomplete', async () => {
    const broken = file('var/lib/rpm/rpmdb.sqlite', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(5000, 0xff)]));
    writeDockerArchive(at('broken-rpm.tar'), { layers: [{ entries: [...BASE, broken] }] });
    const result = await scan(at('broken-rpm.tar'));
    expect(result.packages).toHaveLength(3);
    expect(result.warnings).toMatchObject([{ layer: 0, path: 'var/lib/rpm/rpmdb.sqlite', incomplete: true }]);
  });

  it('leaves no temporary files behind', async () => {
    const temporary = at('tmp');
    mkdirSync(temporary);
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary;
    try {
      // Above the size that is kept in memory, and not a Java archive: the cataloguer gives up on it.
      writeFileSync(at('big-jar.tar'), tar([file('app/big.jar', Buffer.alloc(70 << 20, 1))]));
      const result = await scan(`rootfs:${at('big-jar.tar')}`);
      expect(result.warnings).toMatchObject([{ path: 'app/big.jar', incomplete: true }]);
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});
