import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldersToLeaveOut, parseMounts } from '../work/host-exclude.ts';
import type { FactContext } from './facts.ts';
import { hostName, machineId } from './identity.ts';
import { collectFacts } from './index.ts';
import { lastLogin } from './last-user.ts';
import { parseOsRelease } from './os.ts';

let dir: string;
beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'plimsoll-facts-'))));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const context = (over: Partial<FactContext> = {}): FactContext => ({ root: undefined, contained: true, engine: undefined, env: {}, cloud: false, signal: new AbortController().signal, ...over });
const engine = (over: object = {}) => ({ kind: 'docker' as const, version: '27.3.1', id: 'VFAI:AAAA:BBBB', dataFolders: [], host: { name: 'node-7', os: 'linux', osName: 'Ubuntu 24.04', osVersion: '24.04', kernel: '6.8', architecture: 'x86_64', cpus: 8, memory: 1 << 30, ...over } });

describe.skipIf(endianness() !== 'LE')('the last login (skipped: needs a little-endian machine)', () => {
  function record(size: number, type: number, user: string, time: number): Buffer {
    const bytes = Buffer.alloc(size);
    bytes.writeInt16LE(type, 0);
    bytes.write(user, 44);
    if (size === 384) bytes.writeInt32LE(time, 340);
    else bytes.writeBigInt64LE(BigInt(time), 344);
    return bytes;
  }

  it.each([384, 400])('is read from records of %i bytes', async (size) => {
    const file = join(dir, `wtmp-${size}`);
    writeFileSync(file, Buffer.concat([record(size, 7, 'ann', 1_700_000_000), record(size, 7, 'bob', 1_700_000_100), record(size, 8, 'bob', 1_700_000_200), record(size, 2, 'reboot', 1_700_000_300)]));
    expect(await lastLogin(file)).toEqual({ user: 'bob', time: 1_700_000_100 });
  });

  it('is unknown where there is no such file, or no such records', async () => {
    writeFileSync(join(dir, 'torn'), Buffer.alloc(1000, 7));
    writeFileSync(join(dir, 'empty'), '');
    for (const name of ['torn', 'empty', 'none']) expect(await lastLogin(join(dir, name))).toBeUndefined();
  });
});

describe('facts of the host', () => {
  it('reads os-release with its quotes', () => {
    const release = parseOsRelease('# a\nID=debian\nPRETTY_NAME="A \\"B\\" C"\nNAME=\'x y\'\nbad line\n__proto__=1\n');
    expect([...release]).toEqual([['ID', 'debian'], ['PRETTY_NAME', 'A "B" C'], ['NAME', 'x y']]);
  });

  it('come from the engine in a container that does not see the host', async () => {
    const facts = await collectFacts(context({ engine: engine(), env: { NODE_NAME: 'node-7', PLIMSOLL_CLUSTER: 'prod' } }));
    expect(facts).toMatchObject({ os: 'linux', osName: 'Ubuntu 24.04', cpus: 8, memory: 1 << 30, addresses: [], engine: 'docker', engineVersion: '27.3.1', isDockerHost: true, lastUser: null, node: 'node-7', cluster: 'prod', provider: null });
  });

  it('say that Docker Desktop is a Mac', async () => {
    const facts = await collectFacts(context({ engine: engine({ os: 'mac', osName: 'Docker Desktop', note: 'Docker Desktop on a Mac' }) }));
    expect(facts).toMatchObject({ os: 'mac', osName: 'Docker Desktop', note: 'Docker Desktop on a Mac' });
  });

  it('are without the group that fails', async () => {
    const facts = await collectFacts(context(), [{ name: 'bad', collect: () => Promise.reject(new Error('no')) }, { name: 'good', collect: () => Promise.resolve({ cpus: 3 }) }]);
    expect(facts).toMatchObject({ cpus: 3, os: null, isDockerHost: false });
  });
});

describe('who the host is', () => {
  it('is its machine id, else the id of the engine, else one of our own', async () => {
    const root = join(dir, 'root');
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/machine-id'), `${'a'.repeat(32)}\n`);
    const own = () => 'own-machine-id';
    expect(await machineId(context({ root, engine: engine() }), own)).toEqual({ id: 'a'.repeat(32), from: 'machine' });
    writeFileSync(join(root, 'etc/machine-id'), 'uninitialized\n');
    expect(await machineId(context({ root, engine: engine() }), own)).toEqual({ id: 'VFAI:AAAA:BBBB', from: 'engine' });
    expect(await machineId(context(), own)).toEqual({ id: 'own-machine-id', from: 'state' });
  });

  it('is called as it is told, else as the engine calls it from within a container', () => {
    expect(hostName(context({ engine: engine() }), 'mine')).toBe('mine');
    expect(hostName(context({ engine: engine() }), undefined)).toBe('node-7');
    expect(hostName(context({ engine: engine(), env: { NODE_NAME: 'k8s-1' } }), undefined)).toBe('k8s-1');
  });
});

describe('what is left out of a walk through the host', () => {
  it('are folders of other machines and of engines', async () => {
    expect(parseMounts('srv:/x /mnt/with\\040space nfs4 rw 0 0\n\nbroken\n')).toEqual([{ path: '/mnt/with space', type: 'nfs4' }]);
    expect(await foldersToLeaveOut('/host', ['/data/docker'])).toContain('data/docker');
    expect(await foldersToLeaveOut('/', ['/'])).not.toContain('');
  });
});
