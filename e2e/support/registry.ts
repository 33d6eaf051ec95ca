import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, endsWithUs } from './engine.ts';
import { findProgram } from './needs.ts';
import { startTokenServer, type TokenServer } from './token-server.ts';

/** The one account of a registry that asks for one. */
export const REGISTRY_USER = 'plimsoll';
export const REGISTRY_PASSWORD = 'load-line';
/** bcrypt, the only form that docker-registry takes in its htpasswd file; of the password above. */
const HTPASSWD = `${REGISTRY_USER}:$2y$05$vj.IOMT..yPB3Ms6O5iiUeWn7.q6Y267J4hlpXrRSY31jjKrBq6DK\n`;

/** A running docker-registry. */
export interface TestRegistry {
  /** `127.0.0.1:PORT`, as it stands in a reference. */
  address: string;
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Folder of its blobs, for tests that damage them. */
  dir: string;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  /**
   * `none`: anyone. `basic`: the account above. `bearer`: tokens from a token server that asks
   * pushers for the account above and lets anyone pull (needs openssl for its certificate).
   */
  auth?: 'none' | 'basic' | 'bearer';
}

/** Starts the real docker-registry (Debian: package docker-registry) on a free loopback port. */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const program = findProgram('docker-registry');
  if (!program) throw new Error('There is no docker-registry on PATH.');
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-registry-'));
  const port = await freePort();
  const address = `127.0.0.1:${String(port)}`;
  let tokens: TokenServer | undefined;
  const config = [
    'version: 0.1',
    'log: {level: warn, accesslog: {disabled: true}}',
    `storage: {filesystem: {rootdirectory: ${join(dir, 'blobs')}}, delete: {enabled: true}}`,
    `http: {addr: "${address}", secret: "only for tests"}`,
  ];
  if (options.auth === 'basic') {
    const file = join(dir, 'htpasswd');
    writeFileSync(file, HTPASSWD);
    config.push(`auth: {htpasswd: {realm: tests, path: ${file}}}`);
  } else if (options.auth === 'bearer') {
    tokens = await startTokenServer({ dir, user: REGISTRY_USER, password: REGISTRY_PASSWORD });
    config.push(
      `auth: {token: {realm: "${tokens.realm}", service: "${tokens.service}", issuer: "${tokens.issuer}", rootcertbundle: ${tokens.certificate}}}`,
    );
  }
  const configFile = join(dir, 'config.yml');
  writeFileSync(configFile, config.join('\n') + '\n');
  const log = join(dir, 'log');
  const logFd = openSync(log, 'w');
  const server = spawn(program, ['serve', configFile], { stdio: ['ignore', logFd, logFd] });
  closeSync(logFd);
  const release = endsWithUs(server);
  const stop = async () => {
    release();
    await end(server);
    await tokens?.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  const url = `http://${address}`;
  for (let tries = 0; tries < 150; tries++) {
    if (server.exitCode !== null || server.signalCode !== null) break;
    if (await answers(`${url}/v2/`)) return { address, url, dir: join(dir, 'blobs'), stop };
    await sleep(100);
  }
  const said = readFileSync(log, 'utf8').trim().slice(-1000);
  await stop();
  throw new Error(`docker-registry did not start: ${said}`);
}

/** True once the registry speaks its protocol: 200, or 401 where it wants credentials. */
function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, (response) => {
      response.resume();
      resolve(response.statusCode === 200 || response.statusCode === 401);
    }).on('error', () => {
      resolve(false);
    });
  });
}

/** A loopback port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      probe.close(() => {
        resolve(port);
      });
    });
  });
}
