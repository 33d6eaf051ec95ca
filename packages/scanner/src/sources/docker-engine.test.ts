import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { buildImage, dockerArchiveEntries } from '../../../../e2e/support/images.ts';
import { file, tar } from '../../../../e2e/support/tar.ts';
import { FolderLayerCache } from '../layers/cache.ts';
import { scanImage } from '../scan.ts';
import { serve, type TestServer } from './http/test-server.fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-engine-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let running: TestServer | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

const built = buildImage({
  layers: ['one', 'two'].map((name) => ({ entries: [file(`node_modules/${name}/package.json`, `{"name":"${name}","version":"1.0.0"}`)] })),
  tag: 'shop/cart:1',
});

/** An engine with that one image; gives its address and how often the image was exported. */
async function engine(): Promise<{ host: string; exports: () => number }> {
  let exports = 0;
  running = await serve((request, response) => {
    const path = request.url!.replace(/^\/v1\.47|\?.*$/g, '');
    if (path === '/_ping') response.writeHead(200, { 'api-version': '1.47' }).end('OK');
    else if (path === '/images/json') response.writeHead(200).end('[]');
    else if (path === '/images/shop/cart:1/json') {
      response.writeHead(200).end(JSON.stringify({ Id: built.id, RepoTags: ['shop/cart:1'], RepoDigests: [], Size: 5, RootFS: { Type: 'layers', Layers: built.layers.map((layer) => layer.diffId) } }));
    } else if (path === '/images/shop/cart:1/get') {
      exports++;
      response.writeHead(200).end(tar([file('README', 'Not part of the image.\n'.repeat(50)), ...dockerArchiveEntries(built)]));
    } else response.writeHead(404).end('{"message":"no such image"}');
  });
  return { host: `tcp://${running.host}`, exports: () => exports };
}

describe('an image of the engine', () => {
  it('is exported once, and again only when what was noted of it does not fit', async () => {
    const { host, exports } = await engine();
    const cached = () => scanImage('docker:shop/cart:1', { env: { HOME: '/nonexistent', DOCKER_HOST: host }, cache: new FolderLayerCache(join(folder, 'cache'), 'test') });
    const first = await cached();
    expect(first.packages.map((p) => p.name)).toEqual(['one', 'two']);
    expect(await cached()).toEqual(first);
    expect(exports()).toBe(1);
    const layers = join(folder, 'cache', 'layers');
    const note = join(layers, readdirSync(layers).find((name) => name.endsWith('.note'))!);
    const diffIds = built.layers.map((layer) => layer.diffId);
    const config = { rootfs: { diff_ids: diffIds } };
    for (const damaged of ['{"id":', '{}', '[]', { config, layers: diffIds.slice(1) }, { config, layers: [...diffIds].reverse() }, { config: {}, layers: diffIds }, { layers: diffIds }]) {
      const before = exports();
      writeFileSync(note, typeof damaged === 'string' ? damaged : JSON.stringify(damaged));
      expect(await cached()).toEqual(first);
      expect(exports()).toBe(before + 1);
    }
  });
});
