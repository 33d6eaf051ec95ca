import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MessageBody } from '@plimsoll/model/api';
import { FakeServer, until, type Mood } from '../fake-server.fixtures.ts';
import { Spool } from '../spool/spool.ts';
import { Backoff } from './backoff.ts';
import { sendAll } from './sender.ts';
import { ServerClient } from './server-client.ts';

let root: string;
let server: FakeServer;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-sender-'));
  server = await new FakeServer().start();
  vi.spyOn(Backoff.prototype, 'next').mockReturnValue(1);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await server.stop();
  rmSync(root, { recursive: true, force: true });
});

const gone = (number: number): MessageBody => ({ kind: 'container-gone', containerId: String(number) });
const numbers = () => server.bodies('container-gone').map(({ containerId }) => Number(containerId));
const client = () => new ServerClient({ server: server.url, version: '1', credential: () => 'credential-1' });

async function sending<T>(spool: Spool, work: (log: string[]) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const log: string[] = [];
  const done = sendAll(spool, client(), (_, line) => log.push(line), stop.signal);
  try {
    return await Promise.race([work(log), done.then(() => Promise.reject(new Error('it ended')))]);
  } finally {
    stop.abort();
    await done.catch(() => undefined);
  }
}

describe('sending', () => {
  it('brings every message once and in order, however the server fails and the process restarts', async () => {
    const moods = fc.array(fc.constantFrom<Mood>('well', 'refuse-connection', 'fail-before', 'fail-after', 'garbage'), { minLength: 1, maxLength: 20 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(moods, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }), async (failures, portions) => {
        const folder = join(root, String(run++));
        server.messages.length = 0;
        let asked = 0;
        // It comes back in the end.
        server.mood = () => failures[asked++] ?? 'well';
        let said = 0;
        for (const portion of portions) {
          const spool = new Spool(folder, { limit: 1 << 22, segmentSize: 4096 });
          await sending(spool, async () => {
            for (let i = 0; i < portion; i++) spool.append(gone(++said));
            if (portion % 2 === 0) await until('all came', () => numbers().length >= said);
          });
          // Not closed, as when it is killed.
        }
        const spool = new Spool(folder, { limit: 1 << 22 });
        await sending(spool, () => until('all came', () => numbers().length >= said && spool.length === 0));
        expect(numbers()).toEqual(Array.from({ length: said }, (_, i) => i + 1));
        spool.close();
      }),
      { numRuns: 25 },
    );
    expect(server.problems).toEqual([]);
  });

  it('goes on when the server was away, and says so once', async () => {
    const spool = new Spool(join(root, 's'), { limit: 1 << 22 });
    await sending(spool, async (log) => {
      await server.stop();
      for (let i = 1; i <= 1200; i++) spool.append(gone(i));
      await until('it noticed', () => log.length > 0);
      await server.start();
      await until('all came', () => numbers().length === 1200);
      await until('it said so', () => log.length === 2);
      expect(log).toEqual([expect.stringContaining('does not answer'), 'The server answers again.']);
    });
    spool.close();
  });

  it('leaves out a message that the server refuses, says so to it, and brings the others', async () => {
    const spool = new Spool(join(root, 's'), { limit: 1 << 22 });
    server.refuses = (body) => body.kind === 'container-gone' && body.containerId === '7';
    for (let i = 1; i <= 20; i++) spool.append(gone(i));
    await sending(spool, () => until('the others came', () => numbers().length === 19 && server.bodies('gap').length === 1));
    expect(numbers()).not.toContain(7);
    expect(server.bodies('gap')[0]).toMatchObject({ dropped: 1, reason: expect.stringContaining('422') });
    spool.close();
  });

  it('numbers anew when its state was set back to an older one', async () => {
    const spool = new Spool(join(root, 's'), { limit: 1 << 22 });
    server.acked.set(spool.epoch, 100);
    spool.append(gone(1));
    await sending(spool, () => until('it came', () => numbers().length === 1));
    spool.close();
  });

  it('ends with a clear error when the sensor is revoked', async () => {
    const spool = new Spool(join(root, 's'), { limit: 1 << 22 });
    server.mood = () => 'revoked';
    spool.append(gone(1));
    await expect(sendAll(spool, client(), () => undefined, new AbortController().signal)).rejects.toMatchObject({ name: 'InputError', code: 'sensor-revoked' });
    expect(spool.length).toBe(1);
    spool.close();
  });
});

describe('waiting between attempts', () => {
  it('doubles up to 30 s, and spreads', () => {
    vi.restoreAllMocks();
    const longest = new Backoff(() => 1);
    expect(Array.from({ length: 9 }, () => longest.next())).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    longest.succeeded();
    expect(longest.next()).toBe(500);
    expect(new Backoff(() => 0).next()).toBe(250);
  });
});
