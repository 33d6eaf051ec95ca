/** The same image by every way in gives the same packages and findings. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ScanReport } from '@plimsoll/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withDockerEngine } from './support/engine.ts';
import { buildImage, writeDockerArchive, writeOciArchive, writeOciLayout, writeRootfs } from './support/images.ts';
import { haveAll, SHARED, titled } from './support/needs.ts';
import { databaseOf, findingLines, makeWorkplace, packagesWithoutLayer, type Workplace } from './support/plimsoll.ts';
import { REGISTRY_PASSWORD, REGISTRY_USER, startRegistry, type TestRegistry } from './support/registry.ts';
import { SAMPLE, SAMPLE_ADVISORIES, SAMPLE_FINDINGS, SAMPLE_PACKAGES, SAMPLE_ROOTFS } from './support/sample.ts';
import { tar } from './support/tar.ts';

let place: Workplace;
let database: string;
let archive: string;
/** By docker-archive; the other ways are compared with it. */
let reference: ScanReport;

/** Each scan without the layer cache: every way in has to read the bytes itself. */
const scan = (ref: string, args: string[] = [], env: Record<string, string> = {}) => place.scan(ref, ['--db', database, '--no-cache', ...args], { env });

function expectSameImage(report: ScanReport): void {
  expect(report.packages).toEqual(reference.packages);
  expect(findingLines(report.findings)).toEqual(SAMPLE_FINDINGS);
  expect(report.findings.map(({ id, layer: { index, diffId, createdBy } }) => ({ id, index, diffId, createdBy })))
    .toEqual(reference.findings.map(({ id, layer: { index, diffId, createdBy } }) => ({ id, index, diffId, createdBy })));
  expect(report.image.id).toBe(reference.image.id);
  expect(report.complete).toBe(true);
}

/** A root file system has no layers; what is in it is the same. */
function expectSameContents(report: ScanReport): void {
  expect(packagesWithoutLayer(report.packages)).toEqual(packagesWithoutLayer(reference.packages));
  expect(findingLines(report.findings)).toEqual(SAMPLE_FINDINGS);
  expect(report.complete).toBe(true);
}

beforeAll(async () => {
  place = makeWorkplace();
  database = await databaseOf(place, SAMPLE_ADVISORIES);
  archive = place.path('sample.tar');
  writeDockerArchive(archive, SAMPLE);
  reference = await scan(archive);
});
afterAll(() => {
  place.remove();
});

describe('one image as files', () => {
  it('docker-archive: what is known of it', () => {
    expect(reference.image.kind).toBe('docker-archive');
    expect(reference.packages.map(({ name, version, layer }) => `${name} ${version} ${String(layer)}`).sort()).toEqual(SAMPLE_PACKAGES);
    expectSameImage(reference);
    expect(reference.findings.find(({ id }) => id === 'CVE-2020-8161')?.layer.createdBy).toBe('RUN apk upgrade');
  });

  it('docker-archive, gzipped', async () => {
    const path = place.path('sample.tar.gz');
    writeDockerArchive(path, SAMPLE, { gzip: true });
    const report = await scan(path);
    expect(report.image.kind).toBe('docker-archive');
    expectSameImage(report);
  });

  it('OCI layout, with gzip and zstd layers', async () => {
    const path = place.path('layout');
    writeOciLayout(path, SAMPLE);
    const report = await scan(path);
    expect(report.image.kind).toBe('oci');
    expectSameImage(report);
  });

  it('OCI archive', async () => {
    const path = place.path('sample.oci.tar');
    writeOciArchive(path, SAMPLE);
    const report = await scan(path);
    expect(report.image.kind).toBe('oci-archive');
    expectSameImage(report);
  });

  it('root file system as a folder', async () => {
    const path = place.path('rootfs');
    mkdirSync(path);
    writeRootfs(path, SAMPLE_ROOTFS);
    expectSameContents(await scan(path));
    expectSameContents(await scan(`dir:${path}`));
  });

  it('root file system as a tar, gzipped too', async () => {
    const bytes = tar(SAMPLE_ROOTFS);
    writeFileSync(place.path('rootfs.tar'), bytes);
    writeFileSync(place.path('rootfs.tar.gz'), gzipSync(bytes));
    expectSameContents(await scan(place.path('rootfs.tar')));
    expectSameContents(await scan(place.path('rootfs.tar.gz')));
  });
});

describe.skipIf(!haveAll('docker'))(titled('one image in a real Docker Engine', 'docker'), () => {
  it('is the same by its socket, and as the engine saves and exports it', async () => {
    await withDockerEngine(async (engine) => {
      const env = { DOCKER_HOST: engine.host };
      await engine.docker(['load', '-i', archive]);
      try {
        const byTag = await scan(`docker:${SAMPLE.tag!}`, [], env);
        expect(byTag.image.kind).toBe('docker');
        expect(byTag.image.tags).toContain(SAMPLE.tag);
        expectSameImage(byTag);
        // Without a prefix the local engine is asked before any registry; --offline asks none at all.
        expectSameImage(await scan(SAMPLE.tag!, ['--offline'], env));

        const saved = place.path('saved.tar');
        await engine.docker(['save', '-o', saved, SAMPLE.tag!]);
        expectSameImage(await scan(saved));

        const { stdout } = await engine.docker(['create', SAMPLE.tag!]);
        const exported = place.path('exported.tar');
        await engine.docker(['export', '-o', exported, stdout.trim()]);
        await engine.docker(['rm', stdout.trim()]);
        expectSameContents(await scan(exported));

        const missing = await place.plimsoll(['scan', 'docker:plimsoll-tests/not-there:1', '--db', database], { env });
        expect(missing.code).toBe(2);
        expect(missing.stderr).toMatch(/^plimsoll: .*plimsoll-tests\/not-there:1.*\n$/);
      } finally {
        await engine.docker(['rmi', SAMPLE.tag!]);
      }
    });
  }, 120_000);

  it.skipIf(!haveAll('shared'))(titled('a real image is the same by its socket and as the file it was loaded from', 'shared'), async () => {
    const path = join(SHARED, 'images/alpine-3.11.tar.gz');
    await withDockerEngine(async (engine) => {
      const { stdout } = await engine.docker(['load', '-i', path]);
      const loaded = stdout.trim().split(' ').at(-1)!;
      const [fromFile, fromEngine] = [await scan(path), await scan(`docker:${loaded}`, [], { DOCKER_HOST: engine.host })];
      expect(fromFile.packages.length).toBeGreaterThan(10);
      expect(fromEngine.packages).toEqual(fromFile.packages);
      expect(findingLines(fromEngine.findings)).toEqual(findingLines(fromFile.findings));
      expect(fromEngine.image.id).toBe(fromFile.image.id);
    });
  }, 120_000);
});

describe.skipIf(!haveAll('docker-registry'))(titled('one image in a real registry', 'docker-registry'), () => {
  it.each(['none', 'basic'] as const)('is the same, account: %s', async (auth) => {
    const registry = await startRegistry({ auth });
    try {
      const login = Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString('base64');
      await push(registry, 'team/sample', auth === 'basic' ? { authorization: `Basic ${login}` } : {});
      const ref = `registry:${registry.address}/team/sample:1`;
      const config = place.path(`docker-${auth}`);
      mkdirSync(config);
      writeFileSync(join(config, 'config.json'), JSON.stringify({ auths: { [registry.address]: { auth: login } } }));
      const report = await scan(ref, ['--insecure'], { DOCKER_CONFIG: config });
      expect(report.image.kind).toBe('registry');
      expectSameImage(report);
      expect(report.image.digest).toBe(buildImage(SAMPLE).manifestDigest);
      expectSameImage(await scan(`registry:${registry.address}/team/sample@${report.image.digest!}`, ['--insecure'], { DOCKER_CONFIG: config }));

      if (auth === 'basic') {
        const refused = await place.plimsoll(['scan', ref, '--insecure', '--db', database]);
        expect(refused.code).toBe(2);
        expect(refused.stderr).toContain(registry.address);
        expect(refused.stderr).not.toContain(REGISTRY_PASSWORD);
      }
    } finally {
      await registry.stop();
    }
  }, 60_000);
});

describe.skipIf(!haveAll('docker', 'docker-registry'))(titled('one image pushed by a real engine', 'docker', 'docker-registry'), () => {
  it('has the same contents, in manifests of Docker’s own kind', async () => {
    const registry = await startRegistry();
    try {
      const ref = `${registry.address}/team/pushed:1`;
      await withDockerEngine(async (engine) => {
        await engine.docker(['load', '-i', archive]);
        await engine.docker(['tag', SAMPLE.tag!, ref]);
        await engine.docker(['push', ref]);
        await engine.docker(['rmi', ref, SAMPLE.tag!]);
      });
      // The reference alone: no engine has it.
      expectSameImage(await scan(ref, ['--insecure'], { DOCKER_HOST: `unix://${place.path('no.sock')}` }));
    } finally {
      await registry.stop();
    }
  }, 120_000);
});

/** Uploads the image by the registry's own protocol. @see OCI distribution-spec, "Pushing blobs monolithically" */
async function push({ url }: TestRegistry, repository: string, headers: Record<string, string>): Promise<void> {
  const image = buildImage(SAMPLE);
  const send = async (address: string, method: string, body: Buffer | undefined, type: string) => {
    const answer = await fetch(address, { method, headers: { ...headers, 'content-type': type }, ...(body ? { body: new Uint8Array(body) } : {}) });
    if (!answer.ok) throw new Error(`${method} ${address}: ${String(answer.status)} ${await answer.text()}`);
    return answer;
  };
  for (const [digest, blob] of [...image.layers.map(({ digest, blob }) => [digest, blob] as const), [image.id, image.config] as const]) {
    const { headers: started } = await send(`${url}/v2/${repository}/blobs/uploads/`, 'POST', undefined, 'application/octet-stream');
    const place = new URL(started.get('location')!, url);
    place.searchParams.set('digest', digest);
    await send(place.href, 'PUT', blob, 'application/octet-stream');
  }
  const { mediaType } = JSON.parse(image.manifest.toString()) as { mediaType: string };
  await send(`${url}/v2/${repository}/manifests/1`, 'PUT', image.manifest, mediaType);
}
