import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handlers as operations } from '../routes/operations.ts';
import { handlers as session } from '../routes/session.ts';
import { createLog } from '../server.ts';
import { baseUrl } from './base-url.ts';
import { addUser, testApp, tokenOf, type TestApp } from './testing.ts';

let test: TestApp;
let folder: string;
const lines: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-console-'));
  const dist = join(folder, 'dist');
  mkdirSync(join(dist, 'assets'), { recursive: true });
  writeFileSync(join(dist, 'index.html'), '<!doctype html><title>Console</title>');
  writeFileSync(join(dist, 'assets', 'index-Ab12Cd34.js'), 'export {};'.repeat(500));
  writeFileSync(join(dist, 'icon.svg'), '<svg/>');
  writeFileSync(join(folder, 'secret.key'), 'secret of the host');
  test = await testApp({ ...operations, ...session }, {
    services: { config: { consoleDir: dist, trustProxy: true }, log: pino({ level: 'debug' }, { write: (line) => lines.push(line) }) },
  });
});
afterAll(async () => {
  await test.close();
  rmSync(folder, { recursive: true });
});

const page = { accept: 'text/html,*/*' };

describe('the console', () => {
  it('is served at every page of it, and never kept without asking', async () => {
    for (const url of ['/', '/index.html', '/images/sha256:abc', '/images/shop%2Fapp:1.2', '/sign-in?signInError=x']) {
      const answer = await test.call({ url, headers: page });
      expect([url, answer.statusCode, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([url, 200, 'text/html; charset=utf-8', 'no-cache']);
      expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(answer.headers['content-security-policy']).toContain("script-src 'self';");
    }
  });

  it('has files that browsers keep for good when their name has a hash', async () => {
    const script = await test.call({ url: '/assets/index-Ab12Cd34.js', headers: { 'accept-encoding': 'gzip' } });
    expect(script.headers).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable', 'content-encoding': 'gzip' });
    expect((await test.call({ url: '/icon.svg' })).headers['cache-control']).toBe('no-cache');
    expect((await test.call({ url: '/assets/gone-Ab12Cd34.js', headers: page })).json()).toMatchObject({ status: 404 });
  });

  it('is nothing of the API, and nothing beside its folder', async () => {
    expect((await test.call({ url: '/api/v1/nowhere', headers: page })).json()).toMatchObject({ status: 404, code: 'no-such-route' });
    expect((await test.call({ url: '/images' })).statusCode).toBe(404);
    expect((await test.call({ method: 'POST', url: '/images', headers: page })).statusCode).toBe(404);
    for (const url of ['/../secret.key', '/%2e%2e/secret.key', '/assets/..%2f..%2f..%2fsecret.key', '/..%5csecret.key', '/assets/%00.js']) {
      const answer = await test.call({ url });
      expect([url, answer.body.includes('secret of the host'), answer.statusCode >= 400 && answer.statusCode < 500]).toEqual([url, false, true]);
    }
  });
});

describe('what operators see', () => {
  it('health, and readiness that fails with the database', async () => {
    expect((await test.call({ url: '/healthz' })).json()).toEqual({ ok: true });
    expect((await test.call({ url: '/readyz' })).json()).toMatchObject({ ok: true, advisories: null });
    const broken = await testApp(operations);
    await broken.services.db.close();
    broken.services.db.close = async () => undefined;
    const answer = await broken.call({ url: '/readyz' });
    expect([answer.statusCode, answer.json()]).toEqual([503, { ok: false, database: 'unreachable', advisories: null }]);
    expect((await broken.call({ url: '/healthz' })).statusCode).toBe(200);
    await broken.app.close();
  });

  it('metrics: by route, and of the whole installation', async () => {
    const { db } = test.services;
    await db.run({ text: `insert into images (image_id, name, scan_state) values ('sha256:1', 'one', 'failed')`, values: [] } as never);
    const as = await tokenOf(db, await addUser(db, 'reader'), 'reader');
    const { body, headers } = await test.call({ url: '/metrics' }, as);
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toMatch(/plimsoll_http_request_duration_seconds_count\{route="health",method="GET",status="2xx"\} \d/);
    expect(body).toContain('plimsoll_images{scan_state="failed"} 1');
    expect(body).toContain('plimsoll_image_findings{severity="5"} 0');
    expect(body).toContain('plimsoll_process_resident_memory_bytes');
    expect(body).not.toContain('plimsoll_advisories_age_seconds 0');
    expect((await test.call({ url: '/metrics' })).statusCode).toBe(401);
  });

  it('one line for each request, without secrets', async () => {
    lines.length = 0;
    const answer = await test.call({ url: '/api/v1/session?code=hidden', headers: { authorization: 'Bearer plt_hidden', cookie: 'plimsoll=hidden' } });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ reqId: answer.headers['x-request-id'], route: 'me', path: '/api/v1/session', status: 401 }]);
    expect(lines.join()).not.toContain('hidden');
  });

  it('the caller behind the nearest proxy, whatever the caller says', async () => {
    lines.length = 0;
    await test.call({ url: '/api/v1/session', headers: { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' } });
    expect(JSON.parse(lines[0]!)).toMatchObject({ address: '198.51.100.7' });
  });
});

describe('connections', () => {
  it('are refused headers without end', async () => {
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = test.app.server.address() as { port: number };
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(40_000)}\r\n\r\n`);
    const [data] = await once(socket, 'data');
    expect(String(data)).toMatch(/^HTTP\/1\.1 431 /);
    socket.destroy();
  });
});

describe('addresses', () => {
  it.each([
    [{ host: '127.0.0.1', port: 80 }, 'http://127.0.0.1:80'],
    [{ host: '0.0.0.0', port: 7 }, 'http://localhost:7'],
    [{ host: '::1', port: 7 }, 'http://[::1]:7'],
    [{ host: 'x', port: 7, publicUrl: 'https://plimsoll.example/' }, 'https://plimsoll.example'],
  ])('%j: %s', (config, url) => {
    expect(baseUrl(config)).toBe(url);
  });
});

it('keeps secrets out of whatever else is logged', () => {
  const written: string[] = [];
  const log = createLog('info', { write: (line) => written.push(line) });
  log.info({ password: 'hidden', headers: { authorization: 'hidden', cookie: 'hidden' }, request: { body: { token: 'hidden', name: 'shown' } } }, 'odd');
  expect(written.join()).toContain('shown');
  expect(written.join()).not.toContain('hidden');
});
