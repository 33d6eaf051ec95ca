import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findEngine, parseEngineHost } from './engine-address.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-engine-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('parseEngineHost', () => {
  it.each([
    ['unix:///run/x.sock', { socketPath: '/run/x.sock' }, 'http://docker/'],
    ['npipe:////./pipe/docker_engine', { socketPath: '\\\\.\\pipe\\docker_engine' }, 'http://docker/'],
    ['tcp://10.0.0.1:2375', {}, 'http://10.0.0.1:2375/'],
    ['tcp://[::1]', {}, 'http://[::1]:2375/'],
    ['https://engine.internal', { tls: { rejectUnauthorized: true } }, 'https://engine.internal/'],
  ])('%s', async (host, parts, url) => {
    const address = await parseEngineHost(host, {});
    expect(address).toMatchObject(parts);
    expect(address.url.href).toBe(url);
  });

  it('speaks TLS to tcp addresses when told to, with the client’s certificate', async () => {
    for (const name of ['ca.pem', 'cert.pem', 'key.pem']) writeFileSync(join(folder, name), name);
    const address = await parseEngineHost('tcp://engine.internal', { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder });
    expect(address.url.href).toBe('https://engine.internal:2376/');
    expect(address.tls).toEqual({ rejectUnauthorized: true, ca: Buffer.from('ca.pem'), cert: Buffer.from('cert.pem'), key: Buffer.from('key.pem') });
    await expect(parseEngineHost('tcp://x', { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: join(folder, 'none') })).rejects.toMatchObject({ code: 'engine-address' });
  });

  it.each([['ssh://host', /forward the socket/], ['/run/x.sock', /no scheme/], ['fd://x', /not known/], ['tcp://:', /host:port/]])('refuses %s', async (host, message) => {
    await expect(parseEngineHost(host, {})).rejects.toMatchObject({ code: 'engine-address', message: expect.stringMatching(message) });
  });
});

describe('findEngine', () => {
  it('takes DOCKER_HOST, then the context, then the socket in the home folder', async () => {
    const home = join(folder, 'home');
    const meta = join(home, '.docker/contexts/meta', createHash('sha256').update('far').digest('hex'));
    mkdirSync(meta, { recursive: true });
    writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: 'far', Endpoints: { docker: { Host: 'tcp://far:1' } } }));
    writeFileSync(join(home, '.docker/config.json'), '{"currentContext":"far"}');
    const name = async (env: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux'): Promise<string> => (await findEngine({ env, home, platform })).name;
    expect(await name({ DOCKER_HOST: 'tcp://near:2' })).toBe('tcp://near:2');
    expect(await name({})).toBe('tcp://far:1');
    expect(await name({ DOCKER_CONTEXT: 'default' })).toMatch(/^unix:\/\//);
    expect(await name({ DOCKER_CONTEXT: 'default' }, 'win32')).toBe('npipe:////./pipe/docker_engine');
  });
});
