import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RegistryClient } from './registry-client.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenssl)('a registry over TLS (skipped: needs openssl)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-tls-'));
  let server: Server | undefined;
  let host = '';

  beforeAll(() => {
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=other', '-keyout', join(folder, 'key'), '-out', join(folder, 'cert')]);
    expect(made.status).toBe(0);
  });
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function start(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<RegistryClient> {
    server = createServer({ key: readFileSync(join(folder, 'key')), cert: readFileSync(join(folder, 'cert')) }, handle);
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return new RegistryClient({ registry: host, userAgent: 'plimsoll/test', credentials: { kind: 'password', username: 'a', password: 'b' } });
  }

  it('accepts an unverified certificate of this machine, as Docker does', async () => {
    const client = await start((_request, response) => response.writeHead(200, { 'content-type': 'x/y' }).end('{}'));
    expect((await client.manifest('a', '1')).mediaType).toBe('x/y');
  });

  it('refuses that certificate from any other name', async () => {
    await start((_request, response) => response.writeHead(200).end('{}'));
    // The same address written so that it is not among those that count as this machine.
    const client = new RegistryClient({ registry: host.replace('127.0.0.1', '2130706433'), userAgent: 'plimsoll/test' });
    await expect(client.manifest('a', '1')).rejects.toMatchObject({ code: 'registry-unreachable', message: expect.stringMatching(/certificate is self-signed.*--insecure/) });
  });

  it('does not send the login to a token endpoint without TLS', async () => {
    const client = await start((request, response) =>
      request.url === '/v2/' ? response.end() : response.writeHead(401, { 'www-authenticate': 'Bearer realm="http://127.0.0.1:1/token"' }).end(),
    );
    await expect(client.manifest('a', '1')).rejects.toMatchObject({ code: 'registry-token', message: expect.stringContaining('without TLS') });
  });
});
