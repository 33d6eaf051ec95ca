import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** How to log in to a registry. */
export type RegistryCredentials =
  | { kind: 'password'; username: string; password: string }
  /** A refresh token, to be exchanged at the registry's token endpoint. */
  | { kind: 'identity-token'; token: string };

export interface CredentialOptions {
  env: NodeJS.ProcessEnv;
  /** Default: the account's home folder. */
  home?: string | undefined;
  /** Told when a config or helper cannot be used; the image may be public, so this is no error. */
  warn?: ((message: string) => void) | undefined;
}

const LARGEST_CONFIG = 1024 * 1024;
/** Helpers may ask the person to unlock a keyring. */
const HELPER_TIMEOUT = 30_000;
/** The key under which Docker keeps Docker Hub's login. */
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';

type Json = Map<string, unknown>;

/**
 * The stored login for a registry, as `docker login` and `podman login` leave it: a credential helper
 * for that registry, the default helper, or the file itself.
 * @param registry host and port, `docker.io` for Docker Hub
 */
export async function findCredentials(registry: string, options: CredentialOptions): Promise<RegistryCredentials | undefined> {
  for (const path of configPaths(options)) {
    const config = await readConfig(path, options);
    if (config === undefined) continue;
    const found = await fromConfig(config, registry, options);
    if (found !== undefined) return found;
  }
  return undefined;
}

function configPaths({ env, home = homedir() }: CredentialOptions): string[] {
  const docker = join(env['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json');
  const podman = env['REGISTRY_AUTH_FILE'] || (env['XDG_RUNTIME_DIR'] ? join(env['XDG_RUNTIME_DIR'], 'containers', 'auth.json') : undefined);
  return podman === undefined ? [docker] : [docker, podman];
}

/** Docker's config file; undefined when there is none or it cannot be read. */
export async function readConfig(path: string, { warn }: Pick<CredentialOptions, 'warn'>): Promise<Json | undefined> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > LARGEST_CONFIG) throw new Error('larger than 1 MiB');
    const config = asObject(JSON.parse(bytes.toString('utf8')));
    if (config === undefined) throw new Error('not a JSON object');
    return config;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') warn?.(`${path} cannot be used for logins: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function fromConfig(config: Json, registry: string, options: CredentialOptions): Promise<RegistryCredentials | undefined> {
  const keys = keysOf(registry);
  const helpers = asObject(config.get('credHelpers'));
  const own = keys.map((key) => helpers?.get(key)).find((helper) => typeof helper === 'string');
  const helper = own ?? config.get('credsStore');
  if (typeof helper === 'string' && helper !== '') {
    const found = await askHelper(helper, registry === 'docker.io' ? DOCKER_HUB_KEY : registry, options);
    if (found !== undefined) return found;
  }
  const auths = asObject(config.get('auths'));
  for (const [key, entry] of auths ?? []) {
    if (!keys.includes(normaliseKey(key))) continue;
    const found = fromEntry(asObject(entry));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Names that the same registry goes by in config files, without scheme and path. */
function keysOf(registry: string): string[] {
  return registry === 'docker.io' ? ['index.docker.io', 'docker.io', 'registry-1.docker.io', DOCKER_HUB_KEY] : [registry];
}

function normaliseKey(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/\/.*$/, '').toLowerCase();
}

function fromEntry(entry: Json | undefined): RegistryCredentials | undefined {
  if (entry === undefined) return undefined;
  const token = entry.get('identitytoken');
  if (typeof token === 'string' && token !== '') return { kind: 'identity-token', token };
  const auth = entry.get('auth');
  if (typeof auth === 'string' && auth !== '') {
    // Docker pads with NUL bytes in old files.
    const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
    const colon = text.indexOf(':');
    if (colon > 0) return { kind: 'password', username: text.slice(0, colon), password: text.slice(colon + 1) };
  }
  const username = entry.get('username');
  const password = entry.get('password');
  if (typeof username === 'string' && typeof password === 'string' && username !== '') return { kind: 'password', username, password };
  return undefined;
}

/** @see https://github.com/docker/docker-credential-helpers#development */
async function askHelper(name: string, server: string, { env, warn }: CredentialOptions): Promise<RegistryCredentials | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name)) {
    warn?.(`the credential helper "${name.slice(0, 64)}" of Docker's config is not a program's name; going on without login`);
    return undefined;
  }
  const program = `docker-credential-${name}`;
  const answer = await new Promise<{ output: string; error?: Error }>((resolve) => {
    const child = execFile(program, ['get'], { env, timeout: HELPER_TIMEOUT, maxBuffer: 256 * 1024, encoding: 'utf8' }, (error, output) => {
      resolve(error === null ? { output } : { output, error });
    });
    // A helper that does not start or does not read breaks the pipe; the callback above tells why.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(`${server}\n`);
  });
  if (answer.error !== undefined) {
    // Helpers say so on their standard output when they have no login for the server.
    if (/credentials not found|not found in native keychain|no credentials/i.test(answer.output)) return undefined;
    const missing = 'code' in answer.error && answer.error.code === 'ENOENT';
    warn?.(`${program} ${missing ? 'is not installed' : 'gave no login'} for ${server}; going on without`);
    return undefined;
  }
  try {
    const reply = asObject(JSON.parse(answer.output));
    const username = reply?.get('Username');
    const secret = reply?.get('Secret');
    if (typeof username !== 'string' || typeof secret !== 'string' || secret === '') return undefined;
    return username === '<token>' ? { kind: 'identity-token', token: secret } : { kind: 'password', username, password: secret };
  } catch {
    warn?.(`${program} answered something that is not JSON; going on without login`);
    return undefined;
  }
}

function asObject(value: unknown): Json | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? new Map(Object.entries(value)) : undefined;
}
