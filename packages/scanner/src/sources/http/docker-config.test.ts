import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { findCredentials } from './docker-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let warnings: string[] = [];
beforeEach(() => {
  warnings = [];
  rmSync(join(folder, '.docker'), { recursive: true, force: true });
  mkdirSync(join(folder, '.docker'));
});

const auth = (user: string, password: string): string => Buffer.from(`${user}:${password}`).toString('base64');
function configure(config: unknown): void {
  writeFileSync(join(folder, '.docker/config.json'), typeof config === 'string' ? config : JSON.stringify(config));
}
const find = (registry: string, env: NodeJS.ProcessEnv = {}) =>
  findCredentials(registry, { env: { PATH: `${folder}:${process.env['PATH']}`, ...env }, home: folder, warn: (message) => warnings.push(message) });

function helper(name: string, script: string): void {
  const path = join(folder, `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

describe('findCredentials', () => {
  it('has none without a config', async () => {
    expect(await find('r.internal')).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it('reads logins in their forms', async () => {
    configure({
      auths: {
        'r.internal': { auth: auth('ci', 'a:b') },
        'https://old.internal/v2/': { auth: auth('u', 'p') },
        'https://index.docker.io/v1/': { username: 'hub', password: 'x' },
        'id.internal': { auth: auth('x', ''), identitytoken: 'refresh' },
        'empty.internal': {},
        'bad.internal': { auth: '!!' },
      },
    });
    expect(await find('r.internal')).toEqual({ kind: 'password', username: 'ci', password: 'a:b' });
    expect(await find('old.internal')).toEqual({ kind: 'password', username: 'u', password: 'p' });
    expect(await find('docker.io')).toEqual({ kind: 'password', username: 'hub', password: 'x' });
    expect(await find('id.internal')).toEqual({ kind: 'identity-token', token: 'refresh' });
    for (const none of ['empty.internal', 'bad.internal', 'other.internal', '__proto__']) expect(await find(none)).toBeUndefined();
  });

  it('looks where DOCKER_CONFIG says, then in Podman’s file', async () => {
    mkdirSync(join(folder, 'elsewhere'), { recursive: true });
    writeFileSync(join(folder, 'elsewhere/config.json'), JSON.stringify({ auths: { 'a.internal': { auth: auth('a', 'b') } } }));
    expect(await find('a.internal', { DOCKER_CONFIG: join(folder, 'elsewhere') })).toMatchObject({ username: 'a' });
    expect(await find('a.internal', { REGISTRY_AUTH_FILE: join(folder, 'elsewhere/config.json') })).toMatchObject({ username: 'a' });
  });

  it('warns of a config it cannot read and goes on', async () => {
    configure('{"auths":');
    expect(await find('r.internal')).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/config\.json cannot be used for logins/)]);
  });

  describe.skipIf(process.platform === 'win32')('with helpers (skipped: needs a shell)', () => {
    it('asks the registry’s own helper before the default one, and the default one before the file', async () => {
      helper('own', 'read server; echo "{\\"Username\\":\\"own\\",\\"Secret\\":\\"$server\\"}"');
      helper('default', 'read server; echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"$1 $server\\"}"');
      configure({ credHelpers: { 'a.internal': 'own' }, credsStore: 'default', auths: { 'a.internal': { auth: auth('file', 'x') } } });
      expect(await find('a.internal')).toEqual({ kind: 'password', username: 'own', password: 'a.internal' });
      expect(await find('b.internal')).toEqual({ kind: 'identity-token', token: 'get b.internal' });
      expect(await find('docker.io')).toEqual({ kind: 'identity-token', token: 'get https://index.docker.io/v1/' });
    });

    it('goes on without login when the helper has none', async () => {
      helper('none', 'echo "credentials not found in native keychain"; exit 1');
      configure({ credsStore: 'none' });
      expect(await find('a.internal')).toBeUndefined();
      expect(warnings).toEqual([]);
    });

    it.each([
      ['not-there', undefined, /not installed/],
      ['crash', 'exit 3', /gave no login/],
      ['babble', 'echo hello', /not JSON/],
      ['flood', 'yes {', /gave no login/],
      ['../../bin/sh', undefined, /not a program's name/],
    ])('warns of the helper %s and goes on', async (name, script, warning) => {
      if (script !== undefined) helper(name, script);
      configure({ credsStore: name });
      expect(await find('a.internal')).toBeUndefined();
      expect(warnings).toEqual([expect.stringMatching(warning)]);
    });
  });
});
