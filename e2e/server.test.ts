/** What somebody sees who starts the server on a machine with a Docker engine: everything, without another command. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerDetail, ContainerRow, EventRow, HostRow, ImageDetail, ImageRow, SbomView, VulnerabilityRow } from '@plimsoll/model/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDockerEngine, type DockerEngine } from './support/engine.ts';
import { writeDockerArchive } from './support/images.ts';
import { SAMPLE } from './support/sample.ts';
import { haveAll, SHARED } from './support/needs.ts';
import { ALL_SUITES, makeWorkplace, titledForAll, type Workplace } from './support/plimsoll.ts';
import { signInAsAdmin, startServerProcess, until, type Client, type ServerProcess } from './support/server.ts';

const NEEDS = ['docker', 'root', 'shared'];

let place: Workplace;
let engine: DockerEngine;
let server: ServerProcess;
let ada: Client;

describe.skipIf(!ALL_SUITES || !haveAll(...NEEDS))(titledForAll('a server with a sensor for its own machine', ...NEEDS), () => {
  beforeAll(async () => {
    place = makeWorkplace();
    engine = await startDockerEngine({ own: true });
    const image = join(SHARED, 'images', 'alpine-3.11.tar.gz');
    expect(existsSync(image)).toBe(true);
    const loaded = await engine.docker(['load', '-i', image]);
    const name = /Loaded image(?: ID)?: (\S+)/.exec(loaded.stdout)![1]!;
    await engine.docker(['tag', name, 'registry.example.org/shop/front:1.2']);
    writeDockerArchive(place.path('sample.tar'), SAMPLE);
    await engine.docker(['load', '-i', place.path('sample.tar')]);
    const run = ['run', '-d', '--network', 'none', '--label', 'app=shop'];
    await engine.docker([...run, '--name', 'front', 'registry.example.org/shop/front:1.2', 'sleep', '600']);
    await engine.docker([...run, '--name', 'back', '--user', '1000', '--cap-drop', 'ALL', name, 'sleep', '600']);
    server = await startServerProcess({ dataDir: place.path('data'), args: ['--local-sensor'], env: { DOCKER_HOST: engine.host } });
    ada = await signInAsAdmin(server);
  }, 300_000);

  afterAll(async () => {
    await server?.stop();
    await engine?.stop();
    place?.remove();
  });

  it('shows the host with its facts and its own packages', async () => {
    const host = await until('the host is scanned', async () => {
      const { rows } = await ada.search<HostRow>('hosts');
      return rows.find((row) => row.scanState === 'scanned' || row.scanState === 'incomplete');
    }, 180);
    expect(host).toMatchObject({ isDockerHost: true, engine: 'docker', sensor: 'live', containers: 2, running: 2, images: 2 });
    expect(host.os).toBeTruthy();
    expect(host.cpus).toBeGreaterThan(0);
    expect(host.memory).toBeGreaterThan(0);
    expect((await ada.search<HostRow>('hosts', 'isDockerHost:true and software:*')).total).toBe(1);
  }, 200_000);

  it('shows the image, what is in it, and who runs it', async () => {
    const image = await until('the image is scanned', async () => {
      const { rows } = await ada.search<ImageRow>('images', 'repo.registry:"registry.example.org"');
      return rows.find((row) => row.scanState === 'scanned');
    }, 120);
    expect(image).toMatchObject({ containers: 2, running: 2, hosts: 1, os: expect.stringContaining('Alpine') as string });
    expect(image.packages).toBeGreaterThan(10);
    expect(image.references.map((r) => r.repository)).toContain('shop/front');
    const detail = await ada.get<ImageDetail>(`/api/v1/images/${image.id}`);
    expect(detail.containers.map((c) => c.name).sort()).toEqual(['back', 'front']);
    const { sbom } = await ada.get<{ sbom: SbomView }>(`/api/v1/images/${image.id}/sbom`);
    expect(sbom.packages.map((p) => p.name)).toContain('musl');
    expect(sbom.layers.length).toBeGreaterThan(0);
  }, 130_000);

  it('shows what is wrong with an image, and what to upgrade', async () => {
    const image = await until('the image with old packages is judged', async () => {
      const { rows } = await ada.search<ImageRow>('images', 'software:(name:lodash and version<4.17.21) and vulnerabilities.package:"libssl1.1"');
      return rows[0];
    }, 120);
    expect(image.name).toBe(SAMPLE.tag);
    const { sbom } = await ada.get<{ sbom: SbomView }>(`/api/v1/images/${image.id}/sbom`);
    const finding = sbom.findings.find((f) => f.id === 'CVE-2019-1549')!;
    expect(finding).toMatchObject({ version: '1.1.1c-r0', fixedVersion: '1.1.1d-r1', layer: 0 });
    expect(sbom.upgrades.find((u) => u.name === 'openssl')?.findings).toContain('CVE-2019-1549');
    const affected = await ada.search<VulnerabilityRow>('vulnerabilities', 'id:CVE-2019-1549');
    expect(affected.rows).toMatchObject([{ images: 1, fixable: true }]);
  }, 130_000);

  it('shows the containers as they are', async () => {
    const { rows } = await ada.search<ContainerRow>('containers', 'label:"app=shop" and state:running');
    expect(rows.map((row) => row.name).sort()).toEqual(['back', 'front']);
    const back = rows.find((row) => row.name === 'back')!;
    expect(back).toMatchObject({ user: '1000', privileged: false });
    const detail = await ada.get<ContainerDetail>(`/api/v1/containers/${back.id}`);
    expect(detail.capabilities).toContain('-ALL');
    expect(detail.networkMode).toBe('none');
  });

  it('shows a container that is started or stopped within five seconds', async () => {
    const state = (name: string) => async () => (await ada.search<ContainerRow>('containers', `name:${name}`)).rows[0]?.state;
    await engine.docker(['run', '-d', '--name', 'late', '--network', 'none', 'registry.example.org/shop/front:1.2', 'sleep', '600']);
    await until('the started container is running', async () => (await state('late')()) === 'running', 5);
    await engine.docker(['kill', 'late']);
    await until('the killed container has exited', async () => (await state('late')()) === 'exited', 5);
    await engine.docker(['rm', 'late']);
    await until('the removed container is gone', async () => (await state('late')()) === undefined, 5);
    const { rows } = await ada.search<EventRow>('events', 'container:late');
    expect(rows.map((row) => row.kind)).toEqual(expect.arrayContaining(['container-started', 'container-died']));
  }, 60_000);

  it('goes on where it was after kill -9, with the same sensor', async () => {
    const before = await ada.get<{ items: { id: string }[] }>('/api/v1/sensors');
    const counts = async (client: Client) => ({
      containers: (await client.search('containers')).total,
      images: (await client.search('images')).total,
      hosts: (await client.search('hosts')).total,
    });
    const known = await counts(ada);
    await server.kill();
    server = await startServerProcess({ dataDir: place.path('data'), args: ['--local-sensor'], env: { DOCKER_HOST: engine.host } });
    expect(server.setupUrl).toBeUndefined();
    ada = await signInAsAdmin(server);
    expect(await counts(ada)).toEqual(known);
    await engine.docker(['stop', '-t', '0', 'front']);
    await until('the stopped container has exited', async () => (await ada.search<ContainerRow>('containers', 'name:front')).rows[0]?.state === 'exited', 30);
    const after = await ada.get<{ items: { id: string }[] }>('/api/v1/sensors');
    expect(after.items.map((s) => s.id)).toEqual(before.items.map((s) => s.id));
    expect(await counts(ada)).toEqual(known);
  }, 120_000);
});
