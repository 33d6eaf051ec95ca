import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@plimsoll/model';

const BEAT_MS = 10_000;
/** A lock without a beat for so long is left over, on whatever host its process was. */
const STALE_MS = 2 * 60_000;

interface Holder {
  pid: number;
  host: string;
  token: string;
}

/**
 * Takes the lock of a folder: a file `update.lock` naming who holds it, touched while it is held.
 * Returns the function that gives it back. Throws `InputError` `update-running` when another process
 * holds it. A lock whose process is gone, or that was not touched for two minutes, is taken over.
 */
export function lockFolder(folder: string, heartbeatMs: number = BEAT_MS): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'update.lock');
  const mine: Holder = { pid: process.pid, host: hostname(), token: randomBytes(8).toString('hex') };
  if (!create(file, mine)) {
    const holder = readHolder(file);
    if (!isStale(file, holder)) throw running(file, holder);
    // Renaming is atomic: of several processes that find a stale lock only one gets it out of the way.
    const aside = `${file}.${mine.token}`;
    try {
      renameSync(file, aside);
      // Another process may have taken over between the look and the rename: then this is its lock.
      const taken = readHolder(aside);
      if (taken?.token !== holder?.token) {
        renameSync(aside, file);
        throw running(file, taken);
      }
    } catch (error) {
      if (error instanceof InputError) throw error;
    } finally {
      rmSync(aside, { force: true });
    }
    if (!create(file, mine)) throw running(file, readHolder(file));
  }
  const beat = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(file, now, now);
    } catch {
      // Whoever removed it meant it.
    }
  }, heartbeatMs);
  beat.unref();
  return () => {
    clearInterval(beat);
    if (readHolder(file)?.token === mine.token) rmSync(file, { force: true });
  };
}

function create(file: string, holder: Holder): boolean {
  let fd: number;
  try {
    fd = openSync(file, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(fd, JSON.stringify(holder));
  } finally {
    closeSync(fd);
  }
  return true;
}

function readHolder(file: string): Holder | undefined {
  try {
    const { pid, host, token } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    return Number.isSafeInteger(pid) && typeof host === 'string' && typeof token === 'string'
      ? { pid: pid!, host, token }
      : undefined;
  } catch {
    return undefined;
  }
}

function isStale(file: string, holder: Holder | undefined): boolean {
  let age: number;
  try {
    age = Date.now() - statSync(file).mtimeMs;
  } catch {
    return true;
  }
  if (age > STALE_MS) return true;
  return holder?.host === hostname() && !isAlive(holder.pid);
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, as another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function running(file: string, holder: Holder | undefined): InputError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new InputError('update-running', `${who} is updating the database already (${file}); wait for it, or remove that file if it is not`);
}
