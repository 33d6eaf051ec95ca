import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RegistryClient } from './registry-client.ts';

const hasRegistry = spawnSync('docker-registry', ['--version']).status === 0;
const hasHtpasswd = spawnSync('htpasswd', ['-nbB', 'a', 'b']).status === 0;

const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const layer = gzipSync(Buffer.alloc(200_000, 'layer '));
const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } }));
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const descriptor = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: sha256(bytes), size: bytes.length });
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar+gzip', layer)],
  }),
);

interface Running {
  host: string;
  stop(): void;
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function startRegistry(login?: { user: string; password: string }): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-registry-'));
  const port = await freePort();
  const lines = ['version: 0.1', 'log: {level: error}', 'storage:', `  filesystem: {rootdirectory: ${folder}/data}`, `http: {addr: "127.0.0.1:${port}", secret: test}`];
  if (login !== undefined) {
    writeFileSync(join(folder, 'htpasswd'), spawnSync('htpasswd', ['-nbB', login.user, login.password]).stdout);
    lines.push(`auth: {htpasswd: {realm: test, path: ${folder}/htpasswd}}`);
  }
  writeFileSync(join(folder, 'config.yml'), lines.join('\n'));
  const child: ChildProcess = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const host = `127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const status = await send('GET', `http://${host}/v2/`).then((reply) => reply.status, () => 0);
    if (status !== 0) break;
    if (tries === 100) throw new Error('docker-registry did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    host,
    stop: () => {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function send(method: string, url: string, body?: Buffer, headers: Record<string, string> = {}): Promise<{ status: number; location: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) } }, (reply) => {
      reply.resume().on('end', () => resolve({ status: reply.statusCode ?? 0, location: reply.headers.location ?? '' }));
    });
    outgoing.on('error', reject).end(body);
  });
}

async function push(host: string, repository: string, tag: string, headers: Record<string, string> = {}): Promise<void> {
  for (const bytes of [config, layer]) {
    const { location } = await send('POST', `http://${host}/v2/${repository}/blobs/uploads/`, undefined, headers);
    const url = new URL(location, `http://${host}`);
    url.searchParams.set('digest', sha256(bytes));
    const { status } = await send('PUT', url.href, bytes, { ...headers, 'content-type': 'application/octet-stream' });
    expect(status).toBe(201);
  }
  const { status } = await send('PUT', `http://${host}/v2/${repository}/manifests/${tag}`, manifest, { ...headers, 'content-type': manifestType });
  expect(status).toBe(201);
}

async function pull(client: RegistryClient, repository: string, tag: string): Promise<Buffer> {
  const found = await client.manifest(repository, tag);
  expect(found).toEqual({ bytes: manifest, mediaType: manifestType, digest: sha256(manifest) });
  expect((await client.manifest(repository, found.digest)).bytes).toEqual(manifest);
  expect(await client.smallBlob(repository, sha256(config))).toEqual(config);
  const { stream, size } = await client.blob(repository, sha256(layer), layer.length);
  expect(size).toBe(layer.length);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe.skipIf(!hasRegistry)('a real docker-registry (skipped: needs docker-registry)', () => {
  let registry: Running;
  beforeAll(async () => {
    registry = await startRegistry();
    await push(registry.host, 'acme/shop', '1');
  });
  afterAll(() => registry?.stop());

  it('gives manifest, config and layer', async () => {
    expect(await pull(new RegistryClient({ registry: registry.host, userAgent: 'plimsoll/test' }), 'acme/shop', '1')).toEqual(layer);
  });

  it('takes up a layer from the middle', async () => {
    const client = new RegistryClient({ registry: registry.host, userAgent: 'plimsoll/test' });
    const headers: string[] = [];
    const reply = await send('GET', `http://${registry.host}/v2/acme/shop/blobs/${sha256(layer)}`, undefined, { range: 'bytes=10-' });
    headers.push(String(reply.status));
    expect(headers).toEqual(['206']);
    expect(await pull(client, 'acme/shop', '1')).toEqual(layer);
  });

  it('says what is missing', async () => {
    const client = new RegistryClient({ registry: registry.host, userAgent: 'plimsoll/test' });
    await expect(client.manifest('acme/shop', '2')).rejects.toMatchObject({ code: 'image-not-found' });
    await expect(client.manifest('no/such', '1')).rejects.toMatchObject({ code: 'image-not-found' });
    await expect(client.blob('acme/shop', `sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'image-not-found' });
  });
});

describe.skipIf(!hasRegistry || !hasHtpasswd)('a real docker-registry with htpasswd (skipped: needs docker-registry and htpasswd)', () => {
  let registry: Running;
  beforeAll(async () => {
    registry = await startRegistry({ user: 'ci', password: 'p:w' });
    await push(registry.host, 'acme/shop', '1', { authorization: `Basic ${Buffer.from('ci:p:w').toString('base64')}` });
  });
  afterAll(() => registry?.stop());

  const client = (password?: string): RegistryClient =>
    new RegistryClient({ registry: registry.host, userAgent: 'plimsoll/test', credentials: password === undefined ? undefined : { kind: 'password', username: 'ci', password } });

  it('lets the right login in', async () => {
    expect(await pull(client('p:w'), 'acme/shop', '1')).toEqual(layer);
  });

  it('asks for a login, and says that one was refused', async () => {
    await expect(client().manifest('acme/shop', '1')).rejects.toMatchObject({ code: 'registry-unauthorized', message: expect.stringContaining('docker login 127.0.0.1') });
    await expect(client('wrong').manifest('acme/shop', '1')).rejects.toMatchObject({ code: 'registry-unauthorized', message: expect.stringContaining('does not allow') });
  });
});
