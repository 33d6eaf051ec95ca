import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { RegistryCredentials } from './docker-config.ts';
import { MAX_MANIFEST, RegistryClient } from './registry-client.ts';
import { serve, type TestServer } from './test-server.fixtures.ts';

const sha256 = (bytes: Buffer | string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const manifestBytes = Buffer.from('{"schemaVersion":2}');
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const blobBytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
const blobDigest = sha256(blobBytes);

const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<TestServer> {
  const server = await serve(handle);
  servers.push(server);
  return server;
}

const waits: number[] = [];
function client(server: TestServer, credentials?: RegistryCredentials, idleTimeout = 5_000): RegistryClient {
  waits.length = 0;
  return new RegistryClient({
    registry: server.host,
    credentials,
    userAgent: 'plimsoll/test',
    idleTimeout,
    sleep: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  });
}

function sendManifest(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': manifestType, 'docker-content-digest': sha256(manifestBytes), ...headers }).end(manifestBytes);
}

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const failure = async (promise: Promise<unknown>): Promise<{ code: string; message: string }> =>
  promise.then(
    () => ({ code: 'none', message: '' }),
    (error: { code: string; message: string }) => error,
  );

describe('manifest', () => {
  it('asks for all kinds, falls back to plain HTTP on this machine, and verifies', async () => {
    const server = await start((_request, response) => sendManifest(response, { 'content-type': `${manifestType}; charset=utf-8` }));
    const found = await client(server).manifest('acme/shop', '1');
    expect(found).toEqual({ bytes: manifestBytes, mediaType: manifestType, digest: sha256(manifestBytes) });
    const [request] = server.requests;
    expect(request!.url).toBe('/v2/acme/shop/manifests/1');
    expect(request!.headers.accept).toContain('manifest.list');
    expect(request!.headers['user-agent']).toBe('plimsoll/test');
  });

  it('refuses content that is not what its digest names', async () => {
    const server = await start((_request, response) => response.writeHead(200).end('{"other":1}'));
    expect(await failure(client(server).manifest('a', sha256(manifestBytes)))).toMatchObject({ code: 'digest-mismatch', message: expect.stringContaining(sha256('{"other":1}')) });
    const lying = await start((_request, response) => response.writeHead(200, { 'docker-content-digest': sha256('x') }).end(manifestBytes));
    expect((await failure(client(lying).manifest('a', '1'))).code).toBe('digest-mismatch');
  });

  it('does not read a manifest beyond its limit, announced or not', async () => {
    const announced = await start((_request, response) => response.writeHead(200, { 'content-length': String(2 ** 30) }).write('x'));
    expect((await failure(client(announced).manifest('a', '1'))).code).toBe('manifest-too-large');
    let sent = 0;
    const endless = await start((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', more);
      more();
    });
    expect((await failure(client(endless).manifest('a', '1'))).code).toBe('manifest-too-large');
    expect(sent).toBeLessThan(MAX_MANIFEST * 4);
  });

  it.each([
    [404, 'image-not-found', /is not in the registry.*it says: manifest unknown/],
    [401, 'registry-unauthorized', /docker login/],
    [403, 'registry-denied', /denied/],
    [400, 'registry-error', /answered 400/],
  ])('says what %i means', async (status, code, message) => {
    const server = await start((_request, response) => response.writeHead(status).end(JSON.stringify({ errors: [{ code: 'X', message: 'manifest unknown\u001b[2J' }] })));
    const error = await failure(client(server).manifest('acme/shop', '1'));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error.message).toContain('acme/shop:1');
    expect(error.message).not.toContain('\u001b');
    expect(server.requests).toHaveLength(1);
  });

  it('does not take a reference from an index that leads elsewhere', async () => {
    const server = await start((_request, response) => sendManifest(response));
    expect((await failure(client(server).manifest('a', '../../../secret'))).code).toBe('reference-invalid');
    expect((await failure(client(server).blob('a', 'sha256:../../x'))).code).toBe('reference-invalid');
    expect(server.requests).toHaveLength(0);
  });

  it('says that nothing answers', async () => {
    const server = await start(() => undefined);
    await server.close();
    expect(await failure(client(server).manifest('a', '1'))).toMatchObject({ code: 'registry-unreachable', message: expect.stringContaining('nothing answers') });
  });

  it('gives up on a registry that does not answer', async () => {
    const server = await start(() => undefined);
    expect(await failure(client(server, undefined, 50).manifest('a', '1'))).toMatchObject({ code: 'registry-unreachable', message: expect.stringContaining('no answer') });
    expect(waits).toHaveLength(4);
  });
});

describe('trying again', () => {
  it('waits as asked after 429 and longer each time after 5xx and broken connections', async () => {
    const steps: ((response: ServerResponse) => void)[] = [
      (response) => response.writeHead(429, { 'retry-after': '7' }).end(),
      (response) => response.writeHead(503).end(),
      (response) => response.destroy(),
      (response) => sendManifest(response),
    ];
    const server = await start((_request, response) => steps.shift()!(response));
    await client(server).manifest('a', '1');
    expect(waits[0]).toBe(7000);
    expect(waits[1]).toBeLessThanOrEqual(1000);
    expect(waits[2]).toBeGreaterThan(waits[1]!);
  });

  it('gives up after five attempts', async () => {
    const server = await start((_request, response) => response.writeHead(502).end());
    expect(await failure(client(server).manifest('a', '1'))).toMatchObject({ code: 'registry-error', message: expect.stringContaining('502') });
    expect(server.requests).toHaveLength(5);
  });

  it('does not wait for an hour', async () => {
    const server = await start((_request, response) => response.writeHead(429, { 'retry-after': '3600' }).end());
    expect(await failure(client(server).manifest('a', '1'))).toMatchObject({ code: 'registry-rate-limited', message: expect.stringContaining('3600 s') });
    expect(server.requests).toHaveLength(1);
  });

  it('reads a manifest again whose body broke', async () => {
    let broken = 0;
    const server = await start((_request, response) => {
      if (++broken > 1) return sendManifest(response);
      response.writeHead(200, { 'content-length': '500' });
      response.write('{', () => response.destroy());
    });
    expect((await client(server).manifest('a', '1')).bytes).toEqual(manifestBytes);
  });
});

describe('logging in', () => {
  function tokenRegistry(tokens: { realm?: string; expireAfter?: number } = {}): (request: IncomingMessage, response: ServerResponse) => void {
    let issued = 0;
    let uses = 0;
    return (request, response) => {
      const url = new URL(request.url!, 'http://x');
      if (url.pathname === '/token') {
        uses = 0;
        response.end(JSON.stringify({ token: `t${++issued}` }));
        return;
      }
      if (request.headers.authorization !== `Bearer t${issued}` || uses++ >= (tokens.expireAfter ?? 1e9)) {
        const realm = tokens.realm ?? `http://${request.headers.host}/token`;
        response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="reg",scope="repository:acme/shop:pull"` }).end();
        return;
      }
      sendManifest(response);
    };
  }

  it('fetches a token once, anonymously, and uses it again', async () => {
    const server = await start(tokenRegistry());
    const registry = client(server);
    await registry.manifest('acme/shop', '1');
    await registry.manifest('acme/shop', '2');
    const asked = server.requests.map((request) => request.url);
    expect(asked).toEqual(['/v2/acme/shop/manifests/1', '/token?service=reg&scope=repository%3Aacme%2Fshop%3Apull', '/v2/acme/shop/manifests/1', '/v2/acme/shop/manifests/2']);
    expect(server.requests[1]!.headers.authorization).toBeUndefined();
  });

  it('sends the login to the token endpoint only', async () => {
    const server = await start(tokenRegistry());
    await client(server, { kind: 'password', username: 'ci', password: 'pw' }).manifest('acme/shop', '1');
    expect(server.requests.map((request) => request.headers.authorization)).toEqual([undefined, `Basic ${Buffer.from('ci:pw').toString('base64')}`, 'Bearer t1']);
  });

  it('gets a new token when the old one runs out midway', async () => {
    const server = await start(tokenRegistry({ expireAfter: 1 }));
    const registry = client(server);
    await registry.manifest('acme/shop', '1');
    await registry.manifest('acme/shop', '2');
    expect(server.requests.filter((request) => request.url!.startsWith('/token'))).toHaveLength(2);
  });

  it('exchanges an identity token', async () => {
    const bodies: string[] = [];
    const inner = tokenRegistry();
    const server = await start((request, response) => {
      if (request.method === 'POST') request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
      inner(request, response);
    });
    await client(server, { kind: 'identity-token', token: 'refresh' }).manifest('acme/shop', '1');
    expect(Object.fromEntries(new URLSearchParams(bodies[0]))).toEqual({ grant_type: 'refresh_token', client_id: 'plimsoll', refresh_token: 'refresh', service: 'reg', scope: 'repository:acme/shop:pull' });
  });

  it('stops when tokens are refused again and again', async () => {
    const server = await start(tokenRegistry({ expireAfter: 0 }));
    expect((await failure(client(server).manifest('acme/shop', '1'))).code).toBe('registry-unauthorized');
    expect(server.requests).toHaveLength(3);
  });

  it.each([
    ['a refusal', (response: ServerResponse) => response.writeHead(401).end(), 'registry-unauthorized'],
    ['no token', (response: ServerResponse) => response.end('{}'), 'registry-token'],
    ['no JSON', (response: ServerResponse) => response.end('<html>'), 'registry-token'],
    ['a token that breaks headers', (response: ServerResponse) => response.end(JSON.stringify({ token: 'a\r\nx: y' })), 'registry-token'],
    ['a gigabyte', (response: ServerResponse) => response.writeHead(200, { 'content-length': String(2 ** 30) }).write('x'), 'registry-token'],
  ])('says what it means when the token endpoint gives %s', async (_what, answer, code) => {
    const inner = tokenRegistry();
    const server = await start((request, response) => (request.url!.startsWith('/token') ? void answer(response) : inner(request, response)));
    expect((await failure(client(server).manifest('acme/shop', '1'))).code).toBe(code);
  });

  it.each(['', 'file:///etc/passwd', 'nonsense'])('does not use the realm "%s"', async (realm) => {
    const server = await start(tokenRegistry({ realm }));
    expect((await failure(client(server).manifest('acme/shop', '1'))).code).toBe('registry-token');
  });
});

describe('blob', () => {
  const sendBlob = (request: IncomingMessage, response: ServerResponse): void => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (request.headers.range === undefined) response.writeHead(200, { 'content-length': String(blobBytes.length) });
    else response.writeHead(206, { 'content-length': String(blobBytes.length - from), 'content-range': `bytes ${from}-${blobBytes.length - 1}/${blobBytes.length}` });
    response.end(blobBytes.subarray(from));
  };

  it('streams with size', async () => {
    const server = await start(sendBlob);
    const { stream, size } = await client(server).blob('a', blobDigest);
    expect(size).toBe(blobBytes.length);
    expect((await bytesOf(stream)).equals(blobBytes)).toBe(true);
  });

  it('never sends the login to where it is redirected, not even back again', async () => {
    const storage = await start((request, response) => {
      if (request.url === '/back') response.writeHead(307, { location: `http://${registry.host}/stored` }).end();
    });
    const registry: TestServer = await start((request, response) => {
      if (request.url === '/stored') return sendBlob(request, response);
      if (request.headers.authorization === undefined) return response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
      return response.writeHead(307, { location: `http://${storage.host}/back` }).end();
    });
    const { stream } = await client(registry, { kind: 'password', username: 'a', password: 'b' }).blob('a', blobDigest);
    expect((await bytesOf(stream)).equals(blobBytes)).toBe(true);
    expect(storage.requests.map((request) => request.headers.authorization)).toEqual([undefined]);
    expect(registry.requests.map((request) => [request.url!.slice(0, 7), request.headers.authorization])).toEqual([
      ['/v2/a/b', undefined],
      ['/v2/a/b', 'Basic YTpi'],
      ['/stored', undefined],
    ]);
  });

  it('keeps the login on a redirect within the registry', async () => {
    const server = await start((request, response) => {
      if (request.headers.authorization === undefined) return response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
      if (request.url!.startsWith('/v2/')) return response.writeHead(302, { location: '/moved' }).end();
      return sendBlob(request, response);
    });
    const { stream } = await client(server, { kind: 'password', username: 'a', password: 'b' }).blob('a', blobDigest);
    expect((await bytesOf(stream)).equals(blobBytes)).toBe(true);
  });

  it.each([['/v2/loop', /too often/], ['ftp://x/y', /ftp:\/\/x\/y.*not followed/], ['http://[', /not followed/]])('does not follow %s', async (location, message) => {
    const server = await start((_request, response) => response.writeHead(302, { location }).end());
    expect(await failure(client(server).blob('a', blobDigest))).toMatchObject({ code: 'registry-redirect', message: expect.stringMatching(message) });
  });

  it('takes up a broken download where it broke, as often as it brings something', async () => {
    let replies = 0;
    const server = await start((request, response) => {
      if (++replies > 8) return sendBlob(request, response);
      const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      response.writeHead(from === 0 ? 200 : 206, { 'content-length': String(blobBytes.length - from), ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${blobBytes.length - 1}/*` }) });
      response.write(blobBytes.subarray(from, from + 10_000), () => response.destroy());
    });
    const { stream } = await client(server).blob('a', blobDigest, blobBytes.length);
    expect((await bytesOf(stream)).equals(blobBytes)).toBe(true);
    expect(server.requests[1]!.headers.range).toBe('bytes=10000-');
  });

  it('skips what it has when the server knows no ranges', async () => {
    let replies = 0;
    const server = await start((_request, response) => {
      response.writeHead(200, { 'content-length': String(blobBytes.length) });
      if (++replies > 1) response.end(blobBytes);
      else response.write(blobBytes.subarray(0, 50_000), () => response.destroy());
    });
    const { stream } = await client(server).blob('a', blobDigest);
    expect((await bytesOf(stream)).equals(blobBytes)).toBe(true);
  });

  it('takes up a download that stalls', async () => {
    let replies = 0;
    const server = await start((request, response) => {
      if (++replies > 1) return sendBlob(request, response);
      response.writeHead(200, { 'content-length': String(blobBytes.length) });
      response.write(blobBytes.subarray(0, 50_000));
    });
    const { stream } = await client(server, undefined, 100).blob('a', blobDigest);
    expect((await bytesOf(stream)).equals(blobBytes)).toBe(true);
  });

  it('gives up when nothing more comes', async () => {
    let replies = 0;
    const server = await start((_request, response) => {
      response.writeHead(replies++ === 0 ? 200 : 206, { 'content-length': String(blobBytes.length), 'content-range': `bytes 100-${blobBytes.length - 1}/*` });
      if (replies === 1) response.write(blobBytes.subarray(0, 100), () => response.destroy());
      else {
        response.flushHeaders();
        setImmediate(() => response.destroy());
      }
    });
    const { stream } = await client(server).blob('a', blobDigest);
    expect(await failure(bytesOf(stream))).toMatchObject({ code: 'download-broken', message: expect.stringContaining('after 100 bytes') });
    expect(server.requests.length).toBeLessThan(10);
  });

  it('refuses another range than it asked for', async () => {
    let replies = 0;
    const server = await start((_request, response) => {
      if (++replies > 1) return response.writeHead(206, { 'content-range': `bytes 0-${blobBytes.length - 1}/*` }).end(blobBytes);
      response.writeHead(200, { 'content-length': String(blobBytes.length) });
      return response.write(blobBytes.subarray(0, 100), () => response.destroy());
    });
    const { stream } = await client(server).blob('a', blobDigest);
    expect((await failure(bytesOf(stream))).code).toBe('download-broken');
  });

  it('stops an endless body at the size that the manifest gave', async () => {
    const server = await start((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const { stream } = await client(server).blob('a', blobDigest, 200_000);
    expect((await failure(bytesOf(stream))).code).toBe('blob-too-large');
  });

  it('takes up a body that ends early without saying so', async () => {
    let replies = 0;
    const server = await start((request, response) => {
      if (++replies > 1) return sendBlob(request, response);
      response.writeHead(200);
      return response.end(blobBytes.subarray(0, 1_000));
    });
    const { stream } = await client(server).blob('a', blobDigest, blobBytes.length);
    expect((await bytesOf(stream)).equals(blobBytes)).toBe(true);
  });

  it('closes the connection when the reader stops early', async () => {
    let closed: () => void = () => undefined;
    const closing = new Promise<void>((resolve) => (closed = resolve));
    const server = await start((_request, response) => {
      response.on('close', closed);
      response.writeHead(200, { 'content-length': '1000000' });
      response.write(Buffer.alloc(1000));
    });
    const { stream } = await client(server).blob('a', blobDigest);
    for await (const _chunk of stream) break;
    await closing;
  });

  it('verifies small blobs and bounds them', async () => {
    const server = await start(sendBlob);
    expect((await client(server).smallBlob('a', blobDigest)).equals(blobBytes)).toBe(true);
    expect((await failure(client(server).smallBlob('a', sha256('other')))).code).toBe('digest-mismatch');
    expect((await failure(client(server).smallBlob('a', blobDigest, 1000))).code).toBe('blob-too-large');
  });
});
