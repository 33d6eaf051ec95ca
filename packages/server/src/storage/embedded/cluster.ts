import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@plimsoll/model';
import type { Logger } from 'pino';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';

/** A PostgreSQL data folder ("cluster") and the server process over it. */
export interface ClusterOptions {
  binaries: Binaries;
  /** Where the data is. */
  directory: string;
  /** Folder of its socket: the only way in. */
  socketDir: string;
  account: Account | undefined;
  settings: Readonly<Record<string, string>>;
  log: Logger;
  /** It lives as long as that process, not this one, and then its folder goes: for tests. */
  lifetime?: { process: number; remove: string };
}

export const USER = 'plimsoll';
export const PORT = 5432;

const START_MS = 120_000;

/** Beside what the person's system needs, nothing of our environment: PG* variables would change how it runs. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, DYLD_LIBRARY_PATH } = process.env;
  return { LC_ALL: 'C', TZ: 'UTC', ...(PATH && { PATH }), ...(TMPDIR && { TMPDIR }), ...(DYLD_LIBRARY_PATH && { DYLD_LIBRARY_PATH }) };
}

function as(account: Account | undefined): { uid?: number; gid?: number } {
  return account ? { uid: account.uid, gid: account.gid } : {};
}

/**
 * Makes the data folder. Text sorts and folds by code point and Unicode alone, the same on every machine, since
 * an index made under one C library's rules is wrong under another's.
 * @param durable false for tests: does not wait for the disk.
 * @throws InputError with what initdb says.
 */
export async function createCluster(options: Omit<ClusterOptions, 'settings' | 'socketDir' | 'lifetime'>, password: string, durable = true): Promise<void> {
  const { binaries, directory, account } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const passwordFile = join(directory, '..', `.password-${process.pid}`);
  writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' });
  try {
    if (account) for (const path of [directory, passwordFile]) chownSync(path, account.uid, account.gid);
    const args = [
      `--pgdata=${directory}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-locale',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(durable ? [] : ['--no-sync']),
    ];
    const { code, output } = await finished(
      spawn(join(binaries.directory, 'bin', 'initdb'), args, { ...as(account), env: environment(), cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    if (code !== 0) throw notMade(directory, output.trim().split('\n').slice(-3).join(' '));
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function notMade(directory: string, reason: string): InputError {
  // It asks for the name of the user it runs as; in a container with a bare --user there is none.
  const hint = reason.includes('effective user ID') ? 'give this user an entry in /etc/passwd' : 'mend that';
  return new InputError('database-not-made', `The database in ${directory} cannot be made: ${reason}. Either ${hint}, or set DATABASE_URL to a PostgreSQL server.`);
}

function notStarted(directory: string, reason: string): InputError {
  return new InputError('database-not-started', `The embedded database in ${directory} does not start: ${reason}`);
}

function finished(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    let output = '';
    const take = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-8192);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

export interface RunningCluster {
  pid: number;
  /** Ends the sessions and writes everything down. */
  stop(): Promise<void>;
  /** When the process ends, asked or not. */
  exited: Promise<void>;
}

/** Starts the server over the data folder and returns when it takes connections. @throws InputError when it does not. */
export async function startCluster(options: ClusterOptions): Promise<RunningCluster> {
  const { binaries, directory, socketDir, account, settings, log, lifetime } = options;
  const all = { ...settings, listen_addresses: '', port: String(PORT), unix_socket_directories: socketDir, unix_socket_permissions: '0700' };
  const args = ['-D', directory, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  // A process group of its own: Ctrl-C in a terminal ends Plimsoll, which then stops the database when it is done with it.
  const child = spawn(join(binaries.directory, 'bin', 'postgres'), args, {
    ...as(account),
    env: environment(),
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => undefined);
  const { pid } = child;
  if (pid === undefined) return failed;

  const last: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    last.push(line);
    if (last.length > 20) last.shift();
    logLine(log, line);
  });
  const watchdog = lifetime ? outlive(pid, lifetime) : watch(pid, account);
  if (lifetime) {
    child.unref();
    (child.stderr as Socket).unref();
  }
  void exited.then(() => watchdog.kill('SIGKILL'));

  const over = exited.then(() => true);
  const until = Date.now() + START_MS;
  while (!isReady(directory, pid)) {
    if (await Promise.race([over, failed, sleep(10, false)])) {
      throw notStarted(directory, last.slice(-4).join(' ') || 'it ended without a word');
    }
    if (Date.now() > until) {
      child.kill('SIGQUIT');
      throw notStarted(directory, `not within ${START_MS / 1000} s. ${last.slice(-4).join(' ')}`);
    }
  }
  return {
    pid,
    exited,
    stop: async () => {
      await stopProcess(child, exited, log);
    },
  };
}

/** Fast shutdown; if it hangs, as after a power cut: https://www.postgresql.org/docs/current/server-shutdown.html */
async function stopProcess(child: ChildProcess, exited: Promise<void>, log: Logger): Promise<void> {
  for (const [signal, ms] of [['SIGINT', 30_000], ['SIGQUIT', 10_000], ['SIGKILL', 5_000]] as const) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (signal !== 'SIGINT') log.warn(`The embedded database does not stop: sending ${signal}`);
    child.kill(signal);
    const giveUp = new AbortController();
    await Promise.race([exited, sleep(ms, undefined, { signal: giveUp.signal }).catch(() => undefined)]);
    giveUp.abort();
  }
}

/**
 * Stops the database when we die without a word: the shell's input ends with us. (Linux could tell the database
 * itself, but Node cannot ask for that, and macOS has no such thing.)
 */
function watch(pid: number, account: Account | undefined): ChildProcess {
  const script = 'cat >/dev/null; kill -INT "$1"';
  const child = spawn('/bin/sh', ['-c', script, 'plimsoll-database-watch', String(pid)], {
    ...as(account),
    env: environment(),
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  child.unref();
  return child;
}

/** Looks after the database until the process it is for is gone, then removes it. As ourselves: it has to see that process. */
function outlive(pid: number, { process: owner, remove }: { process: number; remove: string }): ChildProcess {
  const script = 'while kill -0 "$2" 2>/dev/null; do sleep 1; done; kill -INT "$1"; for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$1" 2>/dev/null && sleep 0.5; done; rm -rf "$3"';
  const child = spawn('/bin/sh', ['-c', script, 'plimsoll-test-database-watch', String(pid), String(owner), remove], {
    env: environment(),
    cwd: '/',
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  return child;
}

export interface PostmasterFile {
  pid: number;
  ready: boolean;
}

/** What the server notes of itself, line by line: pid, folder, start, port, socket's folder, address, memory, state. */
export function readPostmasterFile(directory: string): PostmasterFile | undefined {
  const path = join(directory, 'postmaster.pid');
  if (!existsSync(path)) return undefined;
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isReady(directory: string, pid: number): boolean {
  const file = readPostmasterFile(directory);
  return file?.pid === pid && file.ready;
}

const SEVERITY = /\b(LOG|WARNING|ERROR|FATAL|PANIC):\s+(.*)$/;

/** Failed statements are told by whoever sent them; here only what no statement hears of. */
function logLine(log: Logger, line: string): void {
  const [, severity, message] = SEVERITY.exec(line) ?? [];
  if (severity === 'PANIC') log.error({ database: message }, 'The embedded database failed');
  else if (severity === 'WARNING') log.warn({ database: message }, 'The embedded database warns');
  else log.debug({ database: message ?? line }, 'The embedded database says');
}
