import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@plimsoll/model';
import { readConfig } from './docker-config.ts';
import { forDisplay } from './reference.ts';

/** Where an engine listens: a socket file or named pipe, or a URL. */
export interface EngineAddress {
  /** As configured, for messages: `unix:///var/run/docker.sock`. */
  name: string;
  socketPath?: string;
  url: URL;
  tls?: { rejectUnauthorized?: boolean; ca?: Buffer; cert?: Buffer; key?: Buffer };
}

export interface EngineAddressOptions {
  env: NodeJS.ProcessEnv;
  home?: string | undefined;
  platform?: NodeJS.Platform | undefined;
}

/**
 * Finds the engine as the docker command does: `DOCKER_HOST`, then the current context, then the usual
 * sockets of Docker, rootless Docker, Docker Desktop and Podman.
 * @throws InputError `engine-address` when what is configured cannot be used
 */
export async function findEngine(options: EngineAddressOptions): Promise<EngineAddress> {
  const { env, home = homedir(), platform = process.platform } = options;
  const host = env['DOCKER_HOST'];
  if (host) return parseEngineHost(host, env);
  const context = await hostOfContext(env, home);
  if (context !== undefined) return parseEngineHost(context, env);
  if (platform === 'win32') return parseEngineHost('npipe:////./pipe/docker_engine', env);
  const runtime = env['XDG_RUNTIME_DIR'];
  const standard = '/var/run/docker.sock';
  const candidates = [
    standard,
    ...(runtime ? [join(runtime, 'docker.sock')] : []),
    join(home, '.docker/run/docker.sock'),
    ...(runtime ? [join(runtime, 'podman/podman.sock')] : []),
    '/run/podman/podman.sock',
  ];
  return parseEngineHost(`unix://${candidates.find((path) => existsSync(path)) ?? standard}`, env);
}

/** Reads `unix://`, `npipe://`, `tcp://`, `http://` and `https://` addresses. */
export async function parseEngineHost(host: string, env: NodeJS.ProcessEnv): Promise<EngineAddress> {
  const invalid = (why: string): InputError => new InputError('engine-address', `the engine's address "${forDisplay(host)}" (DOCKER_HOST or Docker context) cannot be used: ${why}`);
  const [, scheme, rest] = /^([a-z]+):\/\/(.+)$/.exec(host) ?? [];
  if (scheme === undefined || rest === undefined) throw invalid('it has no scheme such as unix:// or tcp://');
  if (scheme === 'unix') return { name: host, socketPath: rest, url: new URL('http://docker') };
  if (scheme === 'npipe') return { name: host, socketPath: rest.replaceAll('/', '\\'), url: new URL('http://docker') };
  if (scheme === 'ssh') throw invalid('ssh is not spoken here; forward the socket (ssh -L /tmp/docker.sock:/var/run/docker.sock HOST) and set DOCKER_HOST=unix:///tmp/docker.sock');
  if (scheme !== 'tcp' && scheme !== 'http' && scheme !== 'https') throw invalid(`${scheme}:// is not known`);

  const secure = scheme === 'https' || (scheme === 'tcp' && Boolean(env['DOCKER_TLS_VERIFY'] || env['DOCKER_TLS']));
  let url: URL;
  try {
    url = new URL(`${secure ? 'https' : 'http'}://${rest}`);
  } catch {
    throw invalid('it is not host:port');
  }
  if (url.port === '' && scheme === 'tcp') url.port = secure ? '2376' : '2375';
  return { name: host, url, ...(secure ? { tls: await clientCertificates(env, invalid) } : {}) };
}

async function clientCertificates(env: NodeJS.ProcessEnv, invalid: (why: string) => InputError): Promise<NonNullable<EngineAddress['tls']>> {
  const folder = env['DOCKER_CERT_PATH'];
  const verify = { rejectUnauthorized: Boolean(env['DOCKER_TLS_VERIFY']) || !env['DOCKER_TLS'] };
  if (!folder) return verify;
  try {
    const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(join(folder, name))));
    return { ...verify, ca: ca!, cert: cert!, key: key! };
  } catch (error) {
    throw invalid(`DOCKER_CERT_PATH must hold ca.pem, cert.pem and key.pem: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The endpoint of `docker context use NAME`; the metadata lies in a folder named by the name's SHA-256. */
async function hostOfContext(env: NodeJS.ProcessEnv, home: string): Promise<string | undefined> {
  const folder = env['DOCKER_CONFIG'] || join(home, '.docker');
  const config = await readConfig(join(folder, 'config.json'), {});
  const name = env['DOCKER_CONTEXT'] || config?.get('currentContext');
  if (typeof name !== 'string' || name === '' || name === 'default') return undefined;
  const id = createHash('sha256').update(name).digest('hex');
  const meta = await readConfig(join(folder, 'contexts', 'meta', id, 'meta.json'), {});
  const endpoints = meta?.get('Endpoints');
  if (endpoints === null || typeof endpoints !== 'object' || !('docker' in endpoints)) return undefined;
  const docker = endpoints.docker;
  return docker !== null && typeof docker === 'object' && 'Host' in docker && typeof docker.Host === 'string' ? docker.Host : undefined;
}
