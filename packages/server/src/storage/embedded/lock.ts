import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@plimsoll/model';

/**
 * One server a data folder. Each server that wants the folder puts down a file of its own name, which names a
 * socket it listens on. One that was killed no longer listens, and never will under that name, so its file may
 * be removed by anyone; its process id would tell nothing, since by now it may be another process's, or, in a
 * container started anew, our own.
 *
 * Of several that start at once each sees at least the ones before it. Who sees one with a lower name gives up;
 * who sees one with a higher name waits until that one has the folder or gave up.
 */
export interface Lock {
  release(): Promise<void>;
}

/** What fits into a socket's address on every system: https://man7.org/linux/man-pages/man7/unix.7.html (macOS has 104). */
export const SOCKET_PATH_LIMIT = 103;

const FILE_NAME = /^server-[0-9a-f]{16}\.lock$/;
const ANSWER_MS = 5000;

type State = 'wants' | 'has' | 'dead';

/** @throws InputError when another server has it. */
export async function lockDataDir(dataDir: string): Promise<Lock> {
  const name = `server-${randomBytes(8).toString('hex')}.lock`;
  let state: State = 'wants';
  const stop = await listen(dataDir, name, () => state);
  try {
    await settle(dataDir, name);
    state = 'has';
  } catch (error) {
    await stop();
    throw error;
  }
  return { release: stop };
}

async function settle(dataDir: string, own: string): Promise<void> {
  for (const until = Date.now() + 4 * ANSWER_MS; ; await sleep(20)) {
    let waiting: string | undefined;
    for (const other of readdirSync(dataDir).filter((file) => FILE_NAME.test(file) && file !== own)) {
      const file = read(join(dataDir, other));
      const state = file ? await ask(file.socket) : 'dead';
      if (state === 'dead') remove(dataDir, other, file?.socket);
      else if (state === 'has' || other < own || Date.now() > until) throw inUse(dataDir, file?.pid);
      else waiting = other;
    }
    if (waiting === undefined) return;
  }
}

function inUse(dataDir: string, pid: number | undefined): InputError {
  return new InputError('data-dir-in-use', `Another Plimsoll server (pid ${pid ?? '?'}) uses ${dataDir}: stop it, or use another --data-dir.`);
}

function remove(dataDir: string, name: string, socket: string | undefined): void {
  rmSync(join(dataDir, name), { force: true });
  if (socket) rmSync(socket, { force: true });
}

/** The file comes when the socket answers, and complete. */
function read(path: string): { pid: number; socket: string } | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('socket' in value)) return undefined;
    return typeof value.pid === 'number' && typeof value.socket === 'string' ? { pid: value.pid, socket: value.socket } : undefined;
  } catch {
    // Gone in between, or cut off by a machine that went down.
    return undefined;
  }
}

/** The socket is in the data folder, where a server in another container over the same volume finds it; elsewhere only when its address got too long. */
async function listen(dataDir: string, name: string, state: () => State): Promise<() => Promise<void>> {
  const near = join(dataDir, name.replace('.lock', '.socket'));
  const isShort = Buffer.byteLength(near) <= SOCKET_PATH_LIMIT;
  const socket = isShort ? near : join(mkdtempSync(join(tmpdir(), 'plimsoll-')), 'lock');
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    connection.end(state());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  server.unref();
  const aside = join(dataDir, `.${name}`);
  writeFileSync(aside, JSON.stringify({ pid: process.pid, socket }), { mode: 0o600 });
  renameSync(aside, join(dataDir, name));
  return async () => {
    remove(dataDir, name, undefined);
    await new Promise((resolve) => server.close(resolve));
    if (!isShort) rmSync(dirname(socket), { recursive: true, force: true });
  };
}

function ask(socket: string): Promise<State> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    const done = (state: State): void => {
      connection.destroy();
      resolve(state);
    };
    let said = '';
    // Someone listens, too busy or stopped to answer.
    connection.setTimeout(ANSWER_MS, () => done('has'));
    connection.on('data', (chunk) => (said += chunk.toString()));
    connection.once('end', () => done(said === 'wants' ? 'wants' : 'has'));
    // Another user's socket refuses us, but someone may listen.
    connection.once('error', (error: NodeJS.ErrnoException) => done(error.code === 'EACCES' ? 'has' : 'dead'));
  });
}
