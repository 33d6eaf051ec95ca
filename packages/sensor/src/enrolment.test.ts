import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Backoff } from './client/backoff.ts';
import { ServerClient } from './client/server-client.ts';
import { enrol } from './enrolment.ts';
import { FakeServer } from './fake-server.fixtures.ts';
import { lockStateDir } from './state/lock.ts';
import { StateDir } from './state/state-dir.ts';

const MACHINE = 'a'.repeat(32);
let root: string;
let server: FakeServer;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-enrol-'));
  server = await new FakeServer().start();
  vi.spyOn(Backoff.prototype, 'next').mockReturnValue(1);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await server.stop();
  rmSync(root, { recursive: true, force: true });
});

function ask(token: string | undefined, machine = MACHINE) {
  const state = new StateDir(root);
  const client = new ServerClient({ server: server.url, version: '1', credential: () => undefined });
  return enrol({ state, client, token, machine: { id: machine, from: 'machine' }, name: 'h', version: '1', log: () => undefined }, AbortSignal.timeout(10_000));
}

describe('enrolment', () => {
  it('uses a token once, and keeps who it is', async () => {
    const first = await ask('token-1');
    expect(first).toMatchObject({ credential: 'credential-1', machineId: MACHINE });
    expect(await ask('token-1')).toEqual(first);
    expect(await ask(undefined)).toEqual(first);
    expect(server.enrolments).toHaveLength(1);
  });

  it('enrols anew with another token', async () => {
    await ask('token-1');
    server.token = 'token-2';
    server.credential = 'credential-2';
    expect(await ask('token-2')).toMatchObject({ credential: 'credential-2' });
  });

  it('waits for a server that is away', async () => {
    let asked = 0;
    server.mood = () => (++asked < 4 ? 'fail-before' : 'well');
    expect(await ask('token-1')).toMatchObject({ credential: 'credential-1' });
  });

  it('says what is wrong', async () => {
    await expect(ask(undefined)).rejects.toMatchObject({ code: 'token-missing' });
    await expect(ask('wrong')).rejects.toMatchObject({ code: 'enrolment-refused', message: expect.stringContaining('this token does not work') });
    await expect(ask('wrong')).rejects.not.toMatchObject({ message: expect.stringContaining('wrong') });
    await ask('token-1');
    await expect(ask('token-1', 'b'.repeat(32))).rejects.toMatchObject({ code: 'state-of-other-machine' });
    for (const address of ['plimsoll.example.org', 'ftp://x', 'https://user:pw@x', 'https://x?y']) {
      expect(() => new ServerClient({ server: address, version: '1', credential: () => undefined })).toThrow(/--server/);
    }
  });
});

describe('the lock of a state folder', () => {
  it('lets one in at a time', async () => {
    const free = await lockStateDir(root);
    await expect(lockStateDir(root, 0)).rejects.toMatchObject({ code: 'state-dir-in-use' });
    await free();
    await (await lockStateDir(root))();
  });
});
