import fc from 'fast-check';
import { containerFacts as containerShape, imageFacts as imageShape } from '@plimsoll/model/api';
import { describe, expect, it } from 'vitest';
import { desktopSystem } from './docker.ts';
import { containerFacts, imageFacts } from './docker-container.ts';

const ID = 'ab'.repeat(32);
const inspected = (over: object = {}) => ({
  Id: ID, Name: '/web', Created: '2026-01-02T03:04:05.678901234Z', Image: `sha256:${'1'.repeat(64)}`, Path: 'nginx', Args: ['-g', 'daemon off;'], RestartCount: 2,
  State: { Status: 'running', Running: true, Pid: 42, ExitCode: 0, StartedAt: '2026-01-02T03:04:06Z', FinishedAt: '0001-01-01T00:00:00Z', Health: { Status: 'healthy' } },
  Config: { Image: 'nginx:1.27', User: '', Env: ['TOKEN=secret'], Labels: { 'io.kubernetes.pod.name': 'web-1', 'io.kubernetes.pod.namespace': 'shop' } },
  HostConfig: { Privileged: true, CapAdd: ['CAP_NET_ADMIN', 'sys_time'], CapDrop: ['ALL'], NetworkMode: 'bridge' },
  NetworkSettings: { Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }, { HostIp: '::', HostPort: '8080' }], '443/tcp': null } },
  Mounts: [{ Type: 'volume', Name: 'data', Source: '/var/lib/docker/volumes/data/_data', Destination: '/data', RW: true }, { Type: 'bind', Source: '/etc', Destination: '/host', RW: false }],
  ...over,
});

describe('facts of a container of Docker', () => {
  it('reads what people ask for', () => {
    const facts = containerFacts(inspected(), 'node-1');
    expect(facts).toEqual({
      containerId: ID, name: 'web', imageId: `sha256:${'1'.repeat(64)}`, image: 'nginx:1.27', state: 'running', status: 'healthy',
      created: '2026-01-02T03:04:05.678Z', started: '2026-01-02T03:04:06.000Z', finished: null, exitCode: null, pid: 42, restarts: 2,
      ports: ['0.0.0.0:8080->80/tcp', '[::]:8080->80/tcp', '443/tcp'],
      mounts: [{ source: 'data', destination: '/data', mode: 'rw' }, { source: '/etc', destination: '/host', mode: 'ro' }],
      user: null, privileged: true, capabilities: ['NET_ADMIN', 'SYS_TIME', '-ALL'], networkMode: 'bridge', command: ['nginx', '-g', 'daemon off;'],
      labels: { 'io.kubernetes.pod.name': 'web-1', 'io.kubernetes.pod.namespace': 'shop' }, pod: 'web-1', namespace: 'shop', node: 'node-1',
    });
    expect(JSON.stringify(facts)).not.toContain('secret');
  });

  it('says how one ended', () => {
    const facts = containerFacts(inspected({ State: { Status: 'exited', Running: false, ExitCode: 137, OOMKilled: true, FinishedAt: '2026-01-02T04:00:00Z' } }), null);
    expect(facts).toMatchObject({ state: 'exited', status: 'exit code 137, out of memory', exitCode: 137, pid: null, finished: '2026-01-02T04:00:00.000Z' });
  });

  it('keeps within the bounds of the protocol, whatever labels, names and times there are', () => {
    const wild = inspected({
      Name: `/${'n'.repeat(5000)}`,
      Created: '99999999-01-01',
      Args: Array.from({ length: 3000 }, () => 'a'.repeat(9000)),
      Config: { Image: 'i'.repeat(2000), User: 'u'.repeat(2000), Labels: Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`label-${i}-${'x'.repeat(700)}`, '😀'.repeat(5000)])) },
      NetworkSettings: { Ports: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`${i}/tcp${'x'.repeat(200)}`, null])) },
      Mounts: Array.from({ length: 3000 }, () => ({ Source: 's'.repeat(9000), Destination: 4 })),
    });
    expect(containerShape.safeParse(containerFacts(wild, null)).error).toBeUndefined();
    expect(JSON.stringify(containerFacts({ ...wild, Args: [], Mounts: [] }, null)).length).toBeLessThan(1 << 20);
  });

  it('takes anything for a container of the protocol or for none', () => {
    const shape = fc.record({ Id: fc.constant(ID), Name: fc.anything(), State: fc.anything(), Config: fc.anything(), HostConfig: fc.anything(), Mounts: fc.anything(), Args: fc.anything(), NetworkSettings: fc.anything(), Created: fc.anything(), RestartCount: fc.anything() });
    fc.assert(fc.property(shape, (value) => containerShape.safeParse(containerFacts(value, null)).success));
    fc.assert(fc.property(fc.anything(), (value) => containerFacts(value, null) === undefined));
    fc.assert(fc.property(fc.record({ Id: fc.constant(`sha256:${ID}`), RepoTags: fc.anything(), Labels: fc.anything(), Size: fc.anything(), Created: fc.anything() }), (value) => imageShape.safeParse(imageFacts(value)).success));
  });
});

describe('facts of an image', () => {
  it.each([Number.POSITIVE_INFINITY, Number.NaN, -1, '5'])('takes %s for no size', (size) => {
    expect(imageFacts({ Id: `sha256:${ID}`, Size: size })?.size).toBeNull();
  });

  it('leaves out names that are none', () => {
    expect(imageFacts({ Id: `sha256:${ID}`, RepoTags: ['<none>:<none>'], RepoDigests: ['nginx@sha256:1'], Created: 1_700_000_000, Size: 5, Labels: null })).toEqual({
      imageId: `sha256:${ID}`, references: [], digests: ['nginx@sha256:1'], created: '2023-11-14T22:13:20.000Z', size: 5, labels: {},
    });
  });
});

describe('the machine under Docker Desktop', () => {
  it.each([
    [['com.docker.desktop.address=unix:///Users/ann/Library/Containers/com.docker.docker/Data/docker-cli.sock'], '6.10.14-linuxkit', 'mac'],
    [['com.docker.desktop.address=npipe://\\\\.\\pipe\\docker_cli'], '5.15.0-microsoft-standard-WSL2', 'windows'],
    [['com.docker.desktop.address=unix:///home/ann/.docker/desktop/docker-cli.sock'], '6.10.14-linuxkit', 'linux'],
    [[], '5.15.0-microsoft-standard-WSL2', 'windows'],
    [[], '6.10.14-linuxkit', null],
  ])('%j with %s is %s', (labels, kernel, system) => {
    expect(desktopSystem(labels, kernel)).toBe(system);
  });
});
