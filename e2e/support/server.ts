/** A real server process to test against, and a person or program that talks to it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endsWithUs } from './engine.ts';
import { ensureBuilt, environment, LAUNCHER } from './plimsoll.ts';

export interface ServerOptions {
  /** Holds the database, the key and the state of the local sensor. The folder around it is opened for passing through. */
  dataDir: string;
  args?: string[];
  /** Instead of this checkout's own `plimsoll server`: what starts one, and where. */
  command?: { program: string; args: string[]; cwd: string };
  env?: Record<string, string>;
}

export interface ServerProcess {
  url: string;
  /** Address at which the first user is made; undefined when there is one. */
  setupUrl: string | undefined;
  pid: number;
  /** What it said on standard error until now. */
  log(): string;
  /** Ends it as Ctrl-C does; gives the exit code. */
  stop(): Promise<number | null>;
  /** kill -9. */
  kill(): Promise<void>;
}

/** Starts `plimsoll server` on a free port and waits until it says its address. */
export async function startServerProcess({ dataDir, args = [], env = {}, command }: ServerOptions): Promise<ServerProcess> {
  if (!command) ensureBuilt();
  // For the embedded database, which root runs as someone else.
  chmodSync(dirname(dataDir), 0o711);
  const { program, args: first, cwd } = command ?? { program: process.execPath, args: [LAUNCHER, 'server'], cwd: undefined };
  const child = spawn(program, [...first, '--port', '0', '--data-dir', dataDir, '--log-level', 'info', ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...environment(`${dataDir}-home`), DATABASE_URL: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const release = endsWithUs(child);
  let said = '';
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => {
      release();
      resolve(code);
    }),
  );
  const url = await until('the server says its address', () => {
    if (hasEnded(child)) throw new Error(`the server ended: ${log.slice(-2000)}`);
    return / answers at (\S+)/.exec(said)?.[1];
  }, command ? 1500 : 60);
  // The address of the first user is the line after.
  await sleep(50);
  return {
    url,
    setupUrl: /first user at (\S+)/.exec(said)?.[1],
    pid: child.pid!,
    log: () => log,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Asks again and again until there is an answer other than undefined, null or false. */
export async function until<T>(what: string, ask: () => T | Promise<T>, seconds = 60): Promise<NonNullable<T>> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer as NonNullable<T>;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(100);
  }
}

export const ADMIN = { name: 'Ada Admin', email: 'ada@example.org', password: 'correct horse battery staple' };

/** Someone signed in, with cookie and CSRF token. */
export interface Client {
  get<T>(path: string): Promise<T>;
  send<T>(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T>;
  /** As it comes, whatever the status. */
  raw(path: string, init?: RequestInit): Promise<Response>;
  /** Rows that a query matches. */
  search<Row>(entity: string, query?: string): Promise<{ rows: Row[]; total: number }>;
}

/** Makes the first user when there is none, and signs in. */
export async function signInAsAdmin(server: { url: string; setupUrl: string | undefined }): Promise<Client> {
  if (server.setupUrl) {
    const code = new URL(server.setupUrl).hash.replace('#code=', '');
    return clientOf(server.url, await post(server.url, '/api/v1/setup', { ...ADMIN, code }));
  }
  return signIn(server.url, ADMIN);
}

export async function signIn(url: string, { email, password }: { email: string; password: string }): Promise<Client> {
  return clientOf(url, await post(url, '/api/v1/session', { email, password }));
}

function post(url: string, path: string, body: unknown): Promise<Response> {
  return fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

async function clientOf(url: string, response: Response): Promise<Client> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  const cookie = response.headers.getSetCookie().map((line) => line.split(';', 1)[0]!).join('; ');
  const { csrf } = (await response.json()) as { csrf: string };
  const raw = (path: string, init: RequestInit = {}) => fetch(url + path, { ...init, headers: { cookie, 'x-csrf-token': csrf, ...(init.headers as Record<string, string> | undefined) } });
  const json = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const answer = await raw(path, init);
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return {
    raw,
    get: (path) => json(path),
    send: (method, path, body) => json(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) }),
    search: (entity, query = '') => json(`/api/v1/search/${entity}?query=${encodeURIComponent(query)}&limit=500`),
  };
}
