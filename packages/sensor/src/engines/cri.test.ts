import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server, ServerCredentials, status, type UntypedHandleCall } from '@grpc/grpc-js';
import { scanImage } from '@plimsoll/scanner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { end, endsWithUs } from '../../../../e2e/support/engine.ts';
import { writeOciArchive, type BuiltImage } from '../../../../e2e/support/images.ts';
import { findProgram, haveAll, titled } from '../../../../e2e/support/needs.ts';
import { mustRun } from '../../../../e2e/support/run.ts';
import { file } from '../../../../e2e/support/tar.ts';
import { until } from '../fake-server.fixtures.ts';
import { cri } from './cri.ts';
import { IMAGE_SERVICE, RUNTIME_SERVICE, STORE_SERVICE } from './cri-api.ts';
import type { Engine, EngineChange } from './engine.ts';

const ID = 'c'.repeat(64);
const IMAGE = `sha256:${'1'.repeat(64)}`;

describe('containerd by CRI', () => {
  let dir: string;
  let server: Server;
  let engine: Engine;
  let containers: { id: string; state: number }[] = [];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'plimsoll-cri-'));
    const answers: Record<string, (request: Record<string, unknown>) => unknown> = {
      Version: () => ({ runtimeName: 'containerd', runtimeVersion: '1.7.2' }),
      Status: () => ({ info: { config: '{"containerdRootDir":"/data/containerd"}' } }),
      ListContainers: () => ({ containers: containers.map(({ id, state }) => ({ id, state, metadata: { name: 'web' }, image: { image: 'docker.io/library/nginx:1.27' } })) }),
      ContainerStatus: ({ containerId }) => {
        const found = containers.find(({ id }) => id === containerId);
        if (!found) return undefined;
        return {
          status: {
            id: found.id, state: found.state, metadata: { name: 'web' }, image: { image: 'docker.io/library/nginx:1.27' }, imageRef: IMAGE,
            createdAt: '1700000000123456789', startedAt: '1700000001000000000', finishedAt: found.state === 2 ? '1700000002000000000' : '0', exitCode: found.state === 2 ? 137 : 0, reason: found.state === 2 ? 'OOMKilled' : '',
            labels: { 'io.kubernetes.pod.name': 'web-5d', 'io.kubernetes.pod.namespace': 'shop' },
            annotations: { 'io.kubernetes.container.restartCount': '3', 'io.kubernetes.container.ports': '[{"containerPort":80,"hostPort":8080,"protocol":"TCP"},{"containerPort":53,"protocol":"UDP"}]' },
            mounts: [{ containerPath: '/etc/hosts', hostPath: '/var/lib/kubelet/x', readonly: true }],
          },
          info: { info: JSON.stringify({ pid: 4711, runtimeSpec: { process: { args: ['nginx', '-g'], env: ['PASSWORD=hunter2'], user: { uid: 101, gid: 101 } } }, config: { linux: { security_context: { privileged: true, capabilities: { add_capabilities: ['NET_ADMIN'], drop_capabilities: ['ALL'] } } } } }) },
        };
      },
      ListImages: () => ({ images: [{ id: IMAGE, repoTags: ['docker.io/library/nginx:1.27'], repoDigests: [`docker.io/library/nginx@sha256:${'2'.repeat(64)}`], size: '72000000' }] }),
      Get: ({ name }) => (name === IMAGE ? { image: { target: { digest: `sha256:${'2'.repeat(64)}` } } } : undefined),
    };
    server = new Server();
    for (const definition of [RUNTIME_SERVICE, IMAGE_SERVICE, STORE_SERVICE]) {
      const handlers: Record<string, UntypedHandleCall> = {};
      for (const name of Object.keys(definition)) {
        handlers[name] = (({ request }: { request: Record<string, unknown> }, answer: (error: unknown, value?: unknown) => void) => {
          const value = answers[name]!(request);
          if (value === undefined) answer({ code: status.NOT_FOUND, details: 'no such container' });
          else answer(null, value);
        }) as UntypedHandleCall;
      }
      server.addService(definition, handlers);
    }
    const socket = join(dir, 's');
    await new Promise<void>((resolve, reject) => server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())));
    engine = await cri.detect({ address: socket, env: {}, root: join(dir, 'host'), node: 'node-1' });
  });
  afterAll(() => {
    engine?.close();
    server?.forceShutdown();
    rmSync(dir, { recursive: true, force: true });
  });

  it('says what it is', async () => {
    expect(await engine.info()).toMatchObject({ version: '1.7.2', dataFolders: ['/data/containerd'] });
    expect(await engine.listImages()).toEqual([{ imageId: IMAGE, references: ['docker.io/library/nginx:1.27'], digests: [expect.stringContaining('nginx@')], created: null, size: 72_000_000, labels: {} }]);
  });

  it('reads a container with its pod, and leaves its environment out', async () => {
    containers = [{ id: ID, state: 1 }];
    const [container] = await engine.listContainers();
    expect(container).toEqual({
      containerId: ID, name: 'web', imageId: IMAGE, image: 'docker.io/library/nginx:1.27', state: 'running', status: null,
      created: '2023-11-14T22:13:20.123Z', started: '2023-11-14T22:13:21.000Z', finished: null, exitCode: null, pid: 4711, restarts: 3,
      ports: ['0.0.0.0:8080->80/tcp', '53/udp'], mounts: [{ source: '/var/lib/kubelet/x', destination: '/etc/hosts', mode: 'ro' }],
      user: '101:101', privileged: true, capabilities: ['NET_ADMIN', '-ALL'], networkMode: null, command: ['nginx', '-g'],
      labels: { 'io.kubernetes.pod.name': 'web-5d', 'io.kubernetes.pod.namespace': 'shop' }, pod: 'web-5d', namespace: 'shop', node: 'node-1',
    });
    expect(JSON.stringify(container)).not.toContain('hunter2');
    expect(await engine.container('d'.repeat(64))).toBeUndefined();
  });

  it('tells what changes', async () => {
    containers = [];
    const changes: EngineChange[] = [];
    const stop = new AbortController();
    const done = engine.watch(0n, (change) => changes.push(change), stop.signal);
    const kinds = () => changes.flatMap((change) => (change.kind === 'activity' ? [change.activity.kind] : []));
    await until('it watches', () => changes.some(({ kind }) => kind === 'connected'));
    containers = [{ id: ID, state: 1 }];
    await until('it started', () => kinds().includes('container-started'));
    containers = [{ id: ID, state: 2 }];
    await until('it ended', () => kinds().includes('container-died'));
    containers = [];
    await until('it is gone', () => kinds().includes('container-removed'));
    stop.abort();
    await done;
    expect(kinds()).toEqual(['container-created', 'container-started', 'container-oom', 'container-died', 'container-removed']);
  });

  it('says why an image cannot be read', async () => {
    await expect(engine.openImage(IMAGE)).rejects.toMatchObject({ code: 'content-unreadable' });
    await expect(engine.openImage(`sha256:${'9'.repeat(64)}`)).rejects.toMatchObject({ code: 'image-not-found' });
  });
});

const present = haveAll('containerd', 'ctr', 'root');
describe.skipIf(!present)(titled('a real containerd', 'containerd', 'ctr', 'root'), () => {
  let dir: string;
  let daemon: ChildProcess;
  let release: () => void;
  let engine: Engine;
  let image: BuiltImage;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'plimsoll-ctd-'));
    const config = join(dir, 'config.toml');
    const socket = join(dir, 's');
    writeFileSync(config, `version = 2\nroot = "${dir}/root"\nstate = "${dir}/state"\n[grpc]\n  address = "${socket}"\n[plugins."io.containerd.grpc.v1.cri"]\n  stream_server_port = "0"\n  disable_apparmor = true\n  [plugins."io.containerd.grpc.v1.cri".containerd]\n    snapshotter = "native"\n`);
    daemon = spawn(findProgram('containerd')!, ['--config', config, '--log-level', 'error'], { stdio: 'ignore' });
    release = endsWithUs(daemon);
    image = writeOciArchive(join(dir, 'image.tar'), {
      tag: 'docker.io/test/shop:1.0',
      layers: [{ entries: [file('etc/os-release', 'ID=alpine\nVERSION_ID=3.20.1\n'), file('lib/apk/db/installed', 'P:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\n\n')], compression: 'gzip' }],
    })[0]!;
    await until('it listens', () => existsSync(socket), 60);
    for (let tries = 0; ; tries++) {
      try {
        engine = await cri.detect({ address: socket, env: {}, root: '/', node: null });
        break;
      } catch (error) {
        if (tries > 100) throw error;
        await sleep(200);
      }
    }
    await mustRun(findProgram('ctr')!, ['--address', socket, '-n', 'k8s.io', 'images', 'import', '--snapshotter', 'native', join(dir, 'image.tar')]);
  });
  afterAll(async () => {
    engine?.close();
    release?.();
    if (daemon) await end(daemon);
    if (dir) rmSync(dir, { recursive: true, force: true });
  });

  it('lists its images and has them analysed from its content store', async () => {
    expect((await engine.info()).dataFolders).toEqual([join(dir, 'root')]);
    let images = await engine.listImages();
    for (let tries = 0; images.length === 0 && tries < 50; tries++) {
      await sleep(200);
      images = await engine.listImages();
    }
    expect(images).toMatchObject([{ imageId: image.id }]);
    expect(await engine.listContainers()).toEqual([]);
    const target = await engine.openImage(image.id);
    const sbom = await scanImage(target.reference, { blobs: target.blobs });
    target.release!();
    expect(sbom.image.id).toBe(image.id);
    expect(sbom.packages).toMatchObject([{ name: 'musl', version: '1.2.5-r0' }]);
    expect(existsSync(target.reference.slice(4))).toBe(false);
  });
});
