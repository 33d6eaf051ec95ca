import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { findEngine, parseEngineHost } from './engine-address.ts';
import { EngineClient } from './engine-client.ts';
import { serve, type TestServer } from './test-server.fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-sock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let running: TestServer | undefined;
let count = 0;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

type Answers = Record<string, (request: IncomingMessage, response: ServerResponse) => void>;

/** An engine of API 1.47 over a socket file that gives the answers by path without query. */
async function engine(answers: Answers, api = '1.47'): Promise<EngineClient> {
  const socket = join(folder, `${count++}.sock`);
  running = await serve((request, response) => {
    const path = request.url!.replace(/\?.*$/, '');
    if (path === '/_ping') return void response.writeHead(200, { 'api-version': api }).end('OK');
    const answer = answers[path];
    if (answer === undefined) response.writeHead(404).end(JSON.stringify({ message: `no such image: ${path}` }));
    else answer(request, response);
  }, socket);
  return new EngineClient(await parseEngineHost(`unix://${socket}`, {}), { userAgent: 'plimsoll/test' });
}

const json = (value: unknown) => (_request: IncomingMessage, response: ServerResponse): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe.skipIf(process.platform === 'win32')('EngineClient (skipped: needs unix sockets)', () => {
  it('speaks the engine’s version, or the newest it knows', async () => {
    const older = await engine({ '/v1.47/version': json({ Version: '27.3.1', Os: 'linux', Arch: 'amd64' }) });
    expect(await older.version()).toEqual({ apiVersion: '1.47', version: '27.3.1', os: 'linux', architecture: 'amd64' });
    await running?.close();
    const newer = await engine({ '/v1.51/version': json({}) }, '1.99');
    expect(await newer.version()).toEqual({ apiVersion: '1.51' });
  });

  it('inspects an image, with its name in the path', async () => {
    const client = await engine({
      '/v1.47/images/reg.internal:5000/acme/shop:1/json': json({
        Id: 'sha256:1', RepoTags: ['acme/shop:1'], RepoDigests: null, Created: '2026-01-01T00:00:00Z', Size: 5, Os: 'linux', Architecture: 'arm64', Variant: 'v8', RootFS: { Type: 'layers', Layers: ['sha256:2', 7] },
      }),
    });
    expect(await client.inspectImage('reg.internal:5000/acme/shop:1')).toEqual({
      Id: 'sha256:1', RepoTags: ['acme/shop:1'], RepoDigests: [], Created: '2026-01-01T00:00:00Z', Size: 5, Os: 'linux', Architecture: 'arm64', Variant: 'v8', Layers: ['sha256:2'],
    });
  });

  it('lists images, newest first, and history', async () => {
    const client = await engine({
      '/v1.47/images/json': json([{ Id: 'a', RepoTags: ['x:1'], Created: 1, Size: 3 }, { Id: 'b', RepoTags: null, Created: 2, Size: 4 }]),
      '/v1.47/images/x/history': json([{ Id: 'a', Created: 1, CreatedBy: 'RUN x', Size: 0, Comment: '' }]),
    });
    expect((await client.listImages()).map((image) => image.Id)).toEqual(['b', 'a']);
    expect(await client.history('x')).toEqual([{ Id: 'a', Created: 1, CreatedBy: 'RUN x', Size: 0, Comment: '' }]);
  });

  it('streams an export as it comes', async () => {
    const parts = Array.from({ length: 50 }, (_, i) => Buffer.alloc(10_000, i));
    const client = await engine({
      '/v1.47/images/x/get': (_request, response) => {
        for (const part of parts) response.write(part);
        response.end();
      },
    });
    expect((await collect(client.exportImage('x'))).equals(Buffer.concat(parts))).toBe(true);
  });

  it('asks for a platform only where the API has it', async () => {
    const asked: string[] = [];
    const get = (request: IncomingMessage, response: ServerResponse): void => {
      asked.push(request.url!);
      response.end('x');
    };
    await collect((await engine({ '/v1.47/images/x/get': get })).exportImage('x', { os: 'linux', architecture: 'arm64' }));
    await running?.close();
    await collect((await engine({ '/v1.48/images/x/get': get }, '1.48')).exportImage('x', { os: 'linux', architecture: 'arm64' }));
    expect(asked.map(decodeURIComponent)).toEqual(['/v1.47/images/x/get', '/v1.48/images/x/get?platform={"os":"linux","architecture":"arm64"}']);
  });

  it('says when an export breaks off', async () => {
    const client = await engine({
      '/v1.47/images/x/get': (_request, response) => void response.write(Buffer.alloc(1000), () => response.destroy()),
    });
    await expect(collect(client.exportImage('x'))).rejects.toMatchObject({ code: 'engine-broken', message: expect.stringContaining('x') });
  });

  it('says how to get an image that is not there', async () => {
    const client = await engine({});
    await expect(client.inspectImage('acme/shop')).rejects.toMatchObject({ code: 'image-not-found', message: expect.stringContaining('docker pull acme/shop') });
    await expect(collect(client.exportImage('acme/shop'))).rejects.toMatchObject({ code: 'image-not-found' });
  });

  it.each(['../../containers', 'a/../b', '', '/a', 'a//b'])('does not ask for %j, which would be another request', async (reference) => {
    const client = await engine({});
    await expect(client.inspectImage(reference)).rejects.toMatchObject({ code: 'reference-invalid' });
    expect(running!.requests.map((request) => request.url)).not.toContain('/v1.47/containers/json');
  });

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void, RegExp]>([
    ['a failure', (_request, response) => void response.writeHead(500).end('{"message":"disk full"}'), /answered 500 for x: disk full/],
    ['no JSON', (_request, response) => void response.end('<html>'), /something else/],
    ['an empty object', (_request, response) => void response.end('{}'), /something else/],
    ['a gigabyte', (_request, response) => void response.writeHead(200, { 'content-length': String(2 ** 30) }).write('x'), /larger than/],
  ])('says what came when it gets %s', async (_what, answer, message) => {
    const client = await engine({ '/v1.47/images/x/json': answer });
    await expect(client.inspectImage('x')).rejects.toMatchObject({ code: 'engine-error', message: expect.stringMatching(message) });
  });

  it('notices that something else than an engine answers', async () => {
    const socket = join(folder, 'other.sock');
    running = await serve((_request, response) => void response.end('hello'), socket);
    const client = new EngineClient(await parseEngineHost(`unix://${socket}`, {}), { userAgent: 'x' });
    await expect(client.ping()).rejects.toMatchObject({ code: 'engine-error' });
  });

  it('says that there is no engine, and finds one that comes later', async () => {
    const socket = join(folder, 'later.sock');
    const client = new EngineClient(await parseEngineHost(`unix://${socket}`, {}), { userAgent: 'x' });
    await expect(client.version()).rejects.toMatchObject({ code: 'engine-unreachable', message: expect.stringMatching(/later\.sock: there is no such socket; start the engine/) });
    running = await serve((request, response) => void response.writeHead(200, { 'api-version': '1.40' }).end(request.url === '/_ping' ? 'OK' : '{}'), socket);
    expect((await client.version()).apiVersion).toBe('1.40');
  });

  it('says that nothing listens at an address', async () => {
    const server = await serve(() => undefined);
    await server.close();
    const client = new EngineClient(await parseEngineHost(`tcp://${server.host}`, {}), { userAgent: 'x' });
    await expect(client.ping()).rejects.toMatchObject({ code: 'engine-unreachable', message: expect.stringContaining('DOCKER_HOST') });
  });
});

const hasEngine = spawnSync('docker', ['version'], { timeout: 10_000 }).status === 0;

describe.skipIf(!hasEngine)('a real engine (skipped: needs a container engine)', () => {
  it('tells its version and images, and exports one', async () => {
    const client = new EngineClient(await findEngine({ env: process.env }), { userAgent: 'plimsoll/test' });
    expect((await client.version()).apiVersion).toMatch(/^1\.\d+$/);
    const name = `plimsoll-test:${process.pid}`;
    // An empty tar makes an image of one empty layer.
    expect(spawnSync('docker', ['import', '-', name], { input: Buffer.alloc(1024) }).status).toBe(0);
    try {
      const image = await client.inspectImage(name);
      expect(image.RepoTags).toContain(name);
      expect((await client.listImages()).map((found) => found.Id)).toContain(image.Id);
      expect(await client.history(name)).toHaveLength(1);
      const tar = await collect(client.exportImage(name));
      expect(tar.subarray(257, 262).toString()).toBe('ustar');
      expect(tar.includes('manifest.json')).toBe(true);
    } finally {
      spawnSync('docker', ['rmi', name]);
    }
  });
});
