import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Sbom } from '@plimsoll/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDockerEngine, type DockerEngine } from '../../../e2e/support/engine.ts';
import { haveAll, SHARED, titled } from '../../../e2e/support/needs.ts';
import { FakeServer, until } from './fake-server.fixtures.ts';
import type { SensorOptions } from './options.ts';
import { runSensor } from './sensor.ts';

describe.skipIf(!haveAll('docker', 'shared'))(titled('a sensor on a Docker host', 'docker', 'shared'), () => {
  let engine: DockerEngine;
  let dir: string;
  let imageId: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'plimsoll-sensor-'));
    engine = await startDockerEngine({ own: true });
    await engine.docker(['import', '--change', 'CMD ["/bin/sleep","1000"]', '--change', 'LABEL app=shop', join(SHARED, 'images/alpine-minirootfs-3.16.9-x86_64.tar.gz'), 'shop:1.0']);
    imageId = (await engine.docker(['image', 'inspect', '--format', '{{.Id}}', 'shop:1.0'])).stdout.trim();
  });
  afterAll(async () => {
    await engine?.stop();
    if (dir) rmSync(dir, { recursive: true, force: true });
  });

  async function withSensor(name: string, options: Partial<SensorOptions>, work: (server: FakeServer, stateDir: string) => Promise<void>): Promise<void> {
    const server = await new FakeServer().start();
    const stateDir = join(dir, name);
    const stop = new AbortController();
    const lines: string[] = [];
    const done = runSensor(
      { server: server.url, token: 'token-1', stateDir, engine: engine.socket, name: 'web-1', tags: ['shop'], version: '1.2.3', cloud: false, hostPackages: false, log: (_, line) => lines.push(line), ...options },
      stop.signal,
    );
    try {
      await Promise.race([work(server, stateDir), done.then(() => Promise.reject(new Error(`the sensor ended: ${lines.join('\n')}`)))]);
      expect(server.problems).toEqual([]);
      expect(lines.join('\n')).not.toContain('token-1');
    } finally {
      stop.abort();
      await done.catch(() => undefined);
      await server.stop();
    }
  }

  it('enrols, says what is on the host, follows changes and analyses an image', async () => {
    await withSensor('whole', {}, async (server, stateDir) => {
      await until('the first snapshot came', () => server.bodies('containers').length > 0);
      expect(server.enrolments).toMatchObject([{ name: 'web-1', token: 'token-1' }]);
      expect(statSync(join(stateDir, 'credential.json')).mode & 0o777).toBe(0o600);
      expect(server.bodies('host')[0]!.host).toMatchObject({ name: 'web-1', engine: 'docker', isDockerHost: true, tags: ['shop'], machineId: server.enrolments[0]!.machineId });
      expect(server.bodies('images')[0]!.images).toEqual([expect.objectContaining({ imageId, references: ['shop:1.0'], labels: { app: 'shop' } })]);

      const id = (await engine.docker(['run', '-d', '--name', 'cart', '--network', 'none', '--cap-add', 'NET_ADMIN', '--label', 'tier=front', '-e', 'PASSWORD=hunter2', '-v', '/tmp:/data:ro', '--user', '1000', 'shop:1.0'])).stdout.trim();
      await until('the container runs', () => server.bodies('container').some(({ container }) => container.containerId === id && container.state === 'running'));
      const { container } = server.bodies('container').findLast((body) => body.container.containerId === id)!;
      expect(container).toMatchObject({
        name: 'cart', imageId, image: 'shop:1.0', user: '1000', privileged: false, capabilities: ['NET_ADMIN'], networkMode: 'none',
        mounts: [{ source: '/tmp', destination: '/data', mode: 'ro' }], command: ['/bin/sleep', '1000'], labels: { app: 'shop', tier: 'front' }, exitCode: null, restarts: 0,
      });
      expect(container.pid).toBeGreaterThan(0);
      expect(JSON.stringify(server.messages)).not.toContain('hunter2');

      await engine.docker(['kill', 'cart']);
      await until('it has ended', () => server.bodies('container').some((body) => body.container.containerId === id && body.container.state === 'exited'));
      expect(server.bodies('container').at(-1)!.container).toMatchObject({ exitCode: 137, status: 'exit code 137' });
      await engine.docker(['rm', 'cart']);
      await until('it is gone', () => server.bodies('container-gone').some((body) => body.containerId === id));
      const told = server.bodies('activity').flatMap(({ events }) => events).filter((event) => event.containerId === id);
      expect(told.map(({ kind }) => kind)).toEqual(['container-created', 'container-started', 'container-died', 'container-removed']);
      expect(told[2]).toMatchObject({ severity: 2, message: 'Container cart (shop:1.0) ended with exit code 137.', detail: { exitCode: 137 } });

      await engine.docker(['tag', 'shop:1.0', 'shop:latest']);
      await until('the tag is known', () => server.bodies('image').some(({ image }) => image.references.includes('shop:latest')));
      await engine.docker(['rmi', 'shop:latest']);
      await until('the tag is gone', () => server.bodies('image').at(-1)!.image.references.join() === 'shop:1.0');

      server.work = { analyse: [{ imageId, until: new Date(Date.now() + 60_000).toISOString() }], scanHost: false, snapshot: true, renew: true };
      await until('the SBOM came', () => server.bodies('sbom').length > 0);
      const sbom = unpack(server.bodies('sbom')[0]!.sbom);
      expect(sbom.image.id).toBe(imageId);
      expect(sbom.packages.map((pkg) => pkg.name)).toContain('musl');
      await until('all was said anew', () => server.bodies('containers').length > 1);
      expect(JSON.parse(readFileSync(join(stateDir, 'credential.json'), 'utf8'))).toMatchObject({ credential: 'credential-1+' });
    });
  });

  it('says why an image cannot be analysed', async () => {
    await withSensor('failing', {}, async (server) => {
      await until('the first snapshot came', () => server.bodies('containers').length > 0);
      const missing = `sha256:${'0'.repeat(64)}`;
      server.work = { analyse: [{ imageId: missing, until: new Date(Date.now() + 60_000).toISOString() }], scanHost: false, snapshot: false, renew: false };
      await until('it said so', () => server.bodies('scan-failed').length > 0);
      expect(server.bodies('scan-failed')[0]).toMatchObject({ imageId: missing, code: 'image-not-found' });
    });
  });

  it('lists the packages of the host whose root it is given, without secrets and folders of engines', async () => {
    const root = join(dir, 'root');
    for (const folder of ['etc', 'var/lib/dpkg', 'var/lib/docker', 'root']) mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'etc/os-release'), 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n');
    writeFileSync(join(root, 'etc/machine-id'), '0123456789abcdef0123456789abcdef\n');
    writeFileSync(join(root, 'var/lib/dpkg/status'), 'Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2\n\n');
    writeFileSync(join(root, 'root/key.pem'), '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgHcTz6sE2I2yPB\n-----END RSA PRIVATE KEY-----\n');
    await withSensor('host', { hostRoot: root, hostPackages: true, name: undefined }, async (server) => {
      await until('the first snapshot came', () => server.bodies('containers').length > 0);
      expect(server.bodies('host')[0]!.host).toMatchObject({ os: 'linux', osName: 'Debian GNU/Linux 12 (bookworm)', osVersion: '12', machineId: '0123456789abcdef0123456789abcdef' });
      server.work = { analyse: [], scanHost: true, snapshot: false, renew: false };
      await until('the list came', () => server.bodies('host-sbom').length > 0);
      const sbom = unpack(server.bodies('host-sbom')[0]!.sbom);
      expect(sbom.packages.map((pkg) => `${pkg.name} ${pkg.version}`)).toEqual(['bash 5.2.15-2']);
      expect(sbom.secrets).toEqual([]);
    });
  });

  it('takes up what happened while it was stopped, once', async () => {
    const server = await new FakeServer().start();
    const stateDir = join(dir, 'stopped');
    const run = async (work: () => Promise<void>) => {
      const stop = new AbortController();
      const done = runSensor({ server: server.url, token: 'token-1', stateDir, engine: engine.socket, version: '1', cloud: false, hostPackages: false }, stop.signal);
      await work();
      stop.abort();
      await done;
    };
    const created = () => server.bodies('activity').flatMap(({ events }) => events).filter(({ kind, message }) => kind === 'container-created' && message.includes('past-')).length;
    await run(async () => {
      await until('the first snapshot came', () => server.bodies('containers').length > 0);
    });
    // Nothing had happened yet that could be the last that it took up.
    await engine.docker(['create', '--name', 'past-0', '--network', 'none', 'shop:1.0']);
    await run(async () => {
      await until('what came before the first is known', () => created() === 1);
      await engine.docker(['create', '--name', 'past-1', '--network', 'none', 'shop:1.0']);
      await until('the first is known', () => created() === 2);
    });
    await engine.docker(['create', '--name', 'past-2', '--network', 'none', 'shop:1.0']);
    await run(() => until('the second is known', () => created() >= 3));
    await run(async () => {
      const before = server.bodies('containers').length;
      await until('all was said anew', () => server.bodies('containers').length > before);
    });
    expect(created()).toBe(3);
    expect(server.bodies('gap')).toEqual([]);
    await server.stop();
  });

  it('keeps the sensor alive and at hand while a scan in another process dies', async () => {
    const script = join(dir, 'dies.mjs');
    writeFileSync(script, 'setTimeout(() => { console.error("RangeError: out of memory"); process.exit(7); }, 1000);');
    await withSensor('crash', { scanCommand: [process.execPath, script] }, async (server) => {
      await until('the first snapshot came', () => server.bodies('containers').length > 0);
      server.work = { analyse: [{ imageId, until: new Date(Date.now() + 60_000).toISOString() }], scanHost: false, snapshot: false, renew: false };
      await until('it said so', () => server.bodies('scan-failed').length > 0);
      expect(server.bodies('scan-failed')[0]).toMatchObject({ code: 'scan-crashed', reason: expect.stringContaining('RangeError') });
    });
  });
});

function unpack(packed: string): Sbom {
  return JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString('utf8')) as Sbom;
}
