import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@plimsoll/model';

/** A socket's path may have 107 bytes (unix(7)). */
const LONGEST_PATH = 100;
/** One that is ending, as after a restart, has this long to give the folder free. */
const PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 200;

/**
 * Makes sure that one sensor alone uses a state folder, by listening on a socket in it: unlike a file with a
 * process id it works across containers, and the system frees it when the process dies. Waits a while for another.
 * @returns what gives it free
 * @throws InputError `state-dir-in-use`
 */
export async function lockStateDir(folder: string, patienceMs = PATIENCE_MS): Promise<() => Promise<void>> {
  const path = socketPath(resolve(folder));
  const end = performance.now() + patienceMs;
  for (;;) {
    const server = await listen(path);
    if (server) return () => new Promise((done) => server.close(() => done()));
    if (await answers(path)) {
      if (performance.now() >= end) throw new InputError('state-dir-in-use', `another sensor runs with the state folder ${folder}; stop it, or give this one another --state-dir`);
      await sleep(LOOK_AGAIN_MS);
    } else {
      // Left behind by a process that was killed.
      rmSync(path, { force: true });
    }
  }
}

function socketPath(folder: string): string {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\plimsoll-sensor-${name}`;
  const inside = join(folder, 'lock');
  return Buffer.byteLength(inside) <= LONGEST_PATH ? inside : join(tmpdir(), `plimsoll-sensor-${name}`);
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((done, fail) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') done(undefined);
      else fail(new InputError('state-dir-unusable', `${path} cannot be made: ${error.message}`, { cause: error }));
    });
    server.listen(path, () => {
      server.unref();
      done(server);
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
