import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@plimsoll/model';
import { Client } from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../../context.ts';
import { openPostgres } from '../postgres.ts';
import { closedTo, databaseAccount } from './account.ts';
import type { Account } from './account.ts';
import { findBinaries } from './binaries.ts';
import { createCluster, PORT, startCluster } from './cluster.ts';
import type { ClusterOptions, RunningCluster } from './cluster.ts';
import { lockDataDir, SOCKET_PATH_LIMIT } from './lock.ts';
import { clearOrphan } from './orphan.ts';
import { SETTINGS, socketUrl } from './settings.ts';

const DATABASE = 'plimsoll';

/**
 * Opens the embedded PostgreSQL of a data folder, making it at the first start. It can be reached only through a
 * socket that is closed to other users, with a password that only this user can read.
 * @throws InputError when the folder is in use or cannot be used, or no binary fits this machine.
 */
export async function openEmbedded(dataDir: string, log: Logger): Promise<Database> {
  const folder = prepareFolder(resolve(dataDir));
  const lock = await lockDataDir(folder);
  const undo = [() => lock.release()];
  const unwind = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const directory = join(folder, 'database');
    const account = databaseAccount(directory);
    if (account) refuseClosedFolder(account, folder);
    const binaries = findBinaries(account, folder);
    const password = ownPassword(join(folder, 'database-password'), !existsSync(directory));

    await create({ binaries, directory, account, log }, password);
    refuseOtherMajor(directory, binaries.major);
    await clearOrphan(directory, log);
    const socket = makeSocketDir(folder, account);
    undo.push(socket.remove);

    const keeper = await keepRunning({ binaries, directory, account, log, socketDir: socket.directory, settings: SETTINGS });
    undo.push(() => keeper.stop());
    await createDatabase(socketUrl(socket.directory, password, 'postgres'));
    return await openPostgres({ url: socketUrl(socket.directory, password, DATABASE), kind: 'embedded', log, onClose: unwind });
  } catch (error) {
    await unwind();
    throw error;
  }
}

function prepareFolder(folder: string): string {
  try {
    // The database's account has to pass through, where we are root; what is inside is closed by itself.
    mkdirSync(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    return folder;
  } catch (error) {
    throw new InputError('data-dir', `The data folder ${folder} cannot be made: ${(error as Error).message}. Use another --data-dir.`, { cause: error });
  }
}

function refuseClosedFolder(account: Account, folder: string): void {
  const closed = closedTo(account, folder);
  if (closed === undefined) return;
  throw new InputError(
    'data-dir-closed',
    `The embedded database cannot run as root; it runs as user "${account.name}", to whom ${closed} is closed. ` +
      `Use a --data-dir elsewhere, such as /var/lib/plimsoll, run "chmod o+x ${closed}", or run Plimsoll as an ordinary user.`,
  );
}

/** Kept beside the database, readable by us alone. Made anew only with a new database, which takes no other. */
function ownPassword(path: string, isNew: boolean): string {
  if (!isNew) {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch (error) {
      throw new InputError('database-password', `The embedded database's password cannot be read: ${(error as Error).message}. Restore the file.`, { cause: error });
    }
  }
  const password = randomBytes(24).toString('base64url');
  rmSync(path, { force: true });
  writeFileSync(path, `${password}\n`, { mode: 0o600, flag: 'wx' });
  return password;
}

/** Made aside and renamed when complete: a start that is cut short leaves no half database. */
async function create(options: Omit<ClusterOptions, 'settings' | 'socketDir' | 'lifetime'>, password: string): Promise<void> {
  if (existsSync(options.directory)) return;
  options.log.info(`Making the database in ${options.directory}`);
  const aside = `${options.directory}.new`;
  rmSync(aside, { recursive: true, force: true });
  await createCluster({ ...options, directory: aside }, password);
  renameSync(aside, options.directory);
}

function refuseOtherMajor(directory: string, major: number): void {
  const version = readFileSync(join(directory, 'PG_VERSION'), 'utf8').trim();
  if (Number(version) === major) return;
  throw new InputError(
    'database-other-version',
    `The database in ${directory} is of PostgreSQL ${version}, this Plimsoll has ${major}: start the release that made it, ` +
      `or copy the data over with pg_dump of PostgreSQL ${version}, or use another --data-dir.`,
  );
}

/** The folder of the socket; elsewhere when the data folder's name is too long for a socket's address. */
function makeSocketDir(folder: string, account: Account | undefined): { directory: string; remove: () => Promise<void> } {
  const near = join(folder, 'socket');
  const isShort = Buffer.byteLength(join(near, `.s.PGSQL.${PORT}`)) <= SOCKET_PATH_LIMIT;
  // What a killed server left: its process id may be another's by now.
  rmSync(near, { recursive: true, force: true });
  const directory = isShort ? near : mkdtempSync(join(tmpdir(), 'plimsoll-'));
  if (isShort) mkdirSync(directory);
  chmodSync(directory, 0o700);
  if (account) chownSync(directory, account.uid, account.gid);
  return { directory, remove: () => Promise.resolve(rmSync(directory, { recursive: true, force: true })) };
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

/** Starts the database again when it ends by itself, as when the machine ran out of memory. Statements wait a while for it. */
async function keepRunning(options: ClusterOptions): Promise<{ stop(): Promise<void> }> {
  const { log, directory } = options;
  let stopping = false;
  let running: RunningCluster | undefined = await startCluster(options);
  const kept = (async () => {
    for (let pause = 100; ; ) {
      if (running) {
        const started = Date.now();
        await running.exited;
        running = undefined;
        if (Date.now() - started > 60_000) pause = 100;
      }
      if (stopping) return;
      log.error('The embedded database ended by itself: starting it again');
      try {
        await clearOrphan(directory, log);
        running = await startCluster(options);
      } catch (error) {
        log.error({ err: (error as Error).message }, 'The embedded database does not start');
      }
      if (stopping) await running?.stop();
      else await sleep(pause, undefined, { ref: false });
      pause = Math.min(pause * 2, 30_000);
    }
  })();
  return {
    stop: async () => {
      stopping = true;
      await running?.stop();
      await kept;
    },
  };
}

