import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerClient } from '../client/server-client.ts';
import { FakeServer, until } from '../fake-server.fixtures.ts';
import { WorkLoop, type WorkOptions } from './work-loop.ts';

let server: FakeServer;
let stop: AbortController;
let done: Promise<void> | undefined;
beforeEach(async () => {
  server = await new FakeServer().start();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await done;
  await server.stop();
});

/** Starts a loop whose scans note when they begin. */
function start(began: string[], more: Partial<WorkOptions> = {}) {
  const hostScan = { owesHostScan: false };
  const loop = new WorkLoop({
    client: new ServerClient({ server: server.url, version: '1', credential: () => server.credential }),
    version: '1', features: () => [], spooled: () => ({ waiting: 0, dropped: 0 }), toldAll: () => true, say: () => undefined,
    analyse: (imageId) => { began.push(imageId); return Promise.resolve('sbom'); },
    scanHost: () => { began.push('host'); return Promise.resolve('sbom'); },
    hostScan, snapshot: () => undefined, renew: () => Promise.resolve(), log: () => undefined, busyInterval: 20,
    ...more,
  });
  done = loop.run(stop.signal);
  return more.hostScan ?? hostScan;
}
const [A, B] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
const images = (...ids: string[]) => ids.map((imageId) => ({ imageId, until: new Date(Date.now() + 60_000).toISOString() }));

describe('the order of work', () => {
  it('takes images before the host, however they are asked for together', async () => {
    server.work = { analyse: images(A, B), scanHost: true, snapshot: false, renew: false };
    const began: string[] = [];
    const hostScan = start(began);
    await until('all is done', () => began.length === 3 && !hostScan.owesHostScan);
    expect(began).toEqual([A, B, 'host']);
  });

  it('leaves the host until the server knows which images there are', async () => {
    server.work = { analyse: [], scanHost: true, snapshot: false, renew: false };
    const began: string[] = [];
    let told = false;
    start(began, { toldAll: () => told });
    await until('the server was asked again', () => server.heartbeats.length > 5);
    expect(began).toEqual([]);
    server.work = { analyse: images(A), scanHost: false, snapshot: false, renew: false };
    told = true;
    await until('both are done', () => began.length === 2);
    expect(began).toEqual([A, 'host']);
  });

  it('does not let images wait for a host that takes long', async () => {
    server.work = { analyse: [], scanHost: true, snapshot: false, renew: false };
    const began: string[] = [];
    start(began, { scanHost: (signal) => new Promise((_, fail) => { began.push('host'); signal.addEventListener('abort', () => fail(new Error('ended'))); }) });
    await until('the host is being scanned', () => began.includes('host'));
    server.work = { analyse: images(A), scanHost: true, snapshot: false, renew: false };
    await until('the image is analysed', () => began.includes(A));
    expect(began).toEqual(['host', A]);
  });

  it('scans a host that it owed when it ended, and tries again later when it cannot', async () => {
    const began: string[] = [];
    const said: string[] = [];
    const hostScan = start(began, { hostScan: { owesHostScan: true }, scanHost: () => Promise.reject(new Error('no room')), say: (body) => said.push(body.kind === 'activity' ? body.events[0]!.kind : body.kind) });
    await until('it is said', () => said.length > 0);
    expect(said).toEqual(['host-scan-failed']);
    expect(hostScan.owesHostScan).toBe(true);
  });
});
