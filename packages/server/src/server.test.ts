import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { defaultConfig } from './config.ts';
import type { ServerConfig } from './context.ts';
import { addUser, tokenOf } from './http/testing.ts';
import { createEnrolmentToken, enrolSensor } from './ingest/credentials.ts';
import { startServer, type RunningServer } from './server.ts';
import { emptyDatabase, type TestDatabase } from './storage/testing.ts';

let dataDir: string;
let database: TestDatabase;
let running: RunningServer[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'plimsoll-server-'));
  database = await emptyDatabase();
});

afterAll(async () => {
  await Promise.all(running.map((server) => server.close()));
  await database.close();
  rmSync(dataDir, { recursive: true });
});

const start = async (more: Partial<ServerConfig> = {}) => {
  const server = await startServer(defaultConfig({ port: 0, dataDir, databaseUrl: database.url, logLevel: 'silent', version: '1.2.3', ...more }));
  running.push(server);
  return server;
};

describe('a server', () => {
  it('comes up on an empty database, is set up once by the code it prints, and ends', async () => {
    const first = await start();
    const second = await start();
    expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
    const ready = await fetch(`${first.url}/readyz`);
    expect(await ready.json()).toMatchObject({ ok: true, database: 'server' });
    expect(await (await fetch(`${first.url}/api/v1/setup`)).json()).toEqual({ needed: true, oidc: null, version: '1.2.3' });

    const code = (server: RunningServer) => server.setupUrl!.split('#code=')[1]!;
    expect(code(first).length).toBeGreaterThan(30);
    // One code for the database, whichever process is asked.
    expect(code(second)).toBe(code(first));
    const setUp = (server: RunningServer, given: string) =>
      fetch(`${server.url}/api/v1/setup`, {
        method: 'POST', headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code: given, name: 'Ann', email: 'ann@example.org', password: 'a long enough one' }),
      });
    expect((await setUp(first, 'guessed')).status).toBe(403);
    const answers = await Promise.all([setUp(first, code(first)), setUp(second, code(first)), setUp(first, code(first))]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);

    running = [second];
    await first.close();
    await expect(fetch(`${first.url}/healthz`)).rejects.toThrow();
    const third = await start();
    expect(third.setupUrl).toBeNull();
  });

  it('says what to do when it cannot listen', async () => {
    const first = await start();
    await expect(start({ port: Number(new URL(first.url).port) })).rejects.toMatchObject({ code: 'address-in-use', message: expect.stringContaining('--port') as string });
    await expect(start({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'address-unknown' });
  });

  it('refuses to start with another key than the database’s', async () => {
    const other = mkdtempSync(join(tmpdir(), 'plimsoll-server-'));
    try {
      await expect(start({ dataDir: other })).rejects.toMatchObject({ name: 'InputError', code: 'secret-key-differs' });
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it('ends although somebody listens to live changes and keeps a connection open', async () => {
    const server = await start();
    const { db } = server.services;
    const as = await tokenOf(db, await addUser(db, 'reader'), 'reader');
    const stream = await fetch(`${server.url}/api/v1/live`, { headers: as });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    expect(stream.headers.get('content-encoding')).toBeNull();
    const rest = stream.text();
    await (await fetch(`${server.url}/healthz`)).text();
    await Promise.all([server.close(), server.close()]);
    expect(await rest).toContain('retry:');
  });

  it('ends without waiting for sensors that wait for work', async () => {
    const server = await start();
    const { db } = server.services;
    const { secret } = await createEnrolmentToken(db, { createdBy: 'test' });
    const { credential, sensorId } = await enrolSensor(db, { token: secret, machineId: 'machine-waits', name: 'waits', version: '1' });
    await db.run(sql`update sensors set wants_snapshot = false, wants_host_scan = false where id = ${sensorId}`);
    const answer = fetch(`${server.url}/api/v1/sensor/work?wait=30`, {
      method: 'POST', headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      body: JSON.stringify({ version: '1', spooled: 0, dropped: 0, analysing: null, features: [] }),
    });
    await vi.waitFor(async () => expect(await db.one(sql`select from sensors where id = ${sensorId} and version = '1' and last_seen > enrolled_at`)).toBeDefined());
    await server.close();
    // Answered, not cut off: the sensor has nothing to try again.
    expect(await (await answer).json()).toMatchObject({ analyse: [], snapshot: false });
  });

  it('documents its API', async () => {
    const server = await start();
    const document = (await (await fetch(`${server.url}/api/v1/openapi.json`)).json()) as { info: { version: string }; paths: object };
    expect(Object.keys(document.paths)).toContain('/api/v1/images/{id}');
    expect(document.info.version).toBe('1.2.3');
  });
});
