import { afterEach, describe, expect, it } from 'vitest';
import { buildImage, digestOf } from '../../../../e2e/support/images.ts';
import { file } from '../../../../e2e/support/tar.ts';
import { scanImage } from '../scan.ts';
import { serve, type TestServer } from './http/test-server.fixtures.ts';

let running: TestServer | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

describe('an image of a registry', () => {
  it('is found through an index in an index', async () => {
    const platform = { os: 'linux', architecture: 'arm64' };
    const built = buildImage({ platform, layers: [{ entries: [file('node_modules/deep/package.json', '{"name":"deep","version":"1.0.0"}')], compression: 'gzip' }] });
    const inner = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: built.manifestDigest, size: built.manifest.length, platform }] }));
    const outer = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [{ mediaType: INDEX_TYPE, digest: digestOf(inner), size: inner.length, platform }] }));
    // As a real registry, this one gives manifests at no other address than theirs.
    const contents = new Map([
      ['/v2/shop/cart/manifests/1', outer],
      [`/v2/shop/cart/manifests/${digestOf(inner)}`, inner],
      [`/v2/shop/cart/manifests/${built.manifestDigest}`, built.manifest],
      [`/v2/shop/cart/blobs/${built.id}`, built.config],
      [`/v2/shop/cart/blobs/${built.layers[0]!.digest}`, built.layers[0]!.blob],
    ]);
    running = await serve((request, response) => {
      const content = contents.get(request.url!);
      if (content) response.writeHead(200, { 'content-length': content.length }).end(content);
      else response.writeHead(request.url === '/v2/' ? 200 : 404).end();
    });
    const sbom = await scanImage(`registry:${running.host}/shop/cart:1`, { env: { HOME: '/nonexistent' }, insecure: true, platform });
    expect(sbom.packages.map((p) => p.purl)).toEqual(['pkg:npm/deep@1.0.0']);
    expect(sbom.image).toMatchObject({ id: built.id, repoDigests: [`${running.host}/shop/cart@${digestOf(outer)}`] });
  });
});
