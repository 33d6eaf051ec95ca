import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { pino } from 'pino';
import type { Database } from '../context.ts';
import { databaseAccount } from './embedded/account.ts';
import { findBinaries } from './embedded/binaries.ts';
import { createCluster, startCluster } from './embedded/cluster.ts';
import { socketUrl, TEST_SETTINGS } from './embedded/settings.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './postgres.ts';

/**
 * Databases for tests. With DATABASE_URL they are made on that server, otherwise on one embedded PostgreSQL that
 * all test files of a run share: the first worker starts it, a small watcher stops and removes it when the run's
 * process is gone, however it went.
 */

const log = pino({ level: 'silent' });
const TEMPLATE = 'plimsoll_template';

export interface TestDatabase {
  db: Database;
  url: string;
  /** Closes the connections and drops the database. */
  close(): Promise<void>;
}

/** A new database with every migration applied. */
export async function testDatabase(): Promise<TestDatabase> {
  return makeDatabase(true);
}

/** A new database with nothing in it. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return makeDatabase(false);
}

/** Runs `work` with a new database, and drops it. */
export async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const { db, close } = await testDatabase();
  try {
    return await work(db);
  } finally {
    await close();
  }
}

async function makeDatabase(migrated: boolean): Promise<TestDatabase> {
  const given = process.env['DATABASE_URL'];
  const server = given ?? (await sharedServer());
  const name = `plimsoll_test_${randomBytes(6).toString('hex')}`;
  await administer(server, given || !migrated ? `create database ${name}` : `create database ${name} template ${TEMPLATE}`);
  const url = withName(server, name);
  const drop = (): Promise<void> => administer(server, `drop database if exists ${name} with (force)`);
  try {
    if (given && migrated) await migrate({ url });
    const db = await openPostgres({ url, kind: given ? 'server' : 'embedded', log });
    return { db, url, close: () => db.close().then(drop) };
  } catch (error) {
    await drop();
    throw error;
  }
}

function withName(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.href;
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

const shared = globalThis as typeof globalThis & { plimsollTestServer?: Promise<string> };

/** Once for this process. */
function sharedServer(): Promise<string> {
  return (shared.plimsollTestServer ??= findOrStart());
}

/** Once for the run: vitest gives each test file a process of its own, whose parent is the run. */
async function findOrStart(): Promise<string> {
  const run = process.env['VITEST'] ? process.ppid : process.pid;
  const directory = join(tmpdir(), `plimsoll-tests-${run}`);
  const note = join(directory, 'url');
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return waitForNote(directory, note);
  }
  const failure = join(directory, 'failure');
  try {
    const url = await start(directory, run);
    writeFileSync(`${note}.new`, url, { mode: 0o600 });
    renameSync(`${note}.new`, note);
    return url;
  } catch (error) {
    writeFileSync(failure, String(error));
    throw error;
  }
}

async function waitForNote(directory: string, note: string): Promise<string> {
  for (const until = Date.now() + 90_000; Date.now() < until; await sleep(25)) {
    if (existsSync(note)) return readFileSync(note, 'utf8');
    if (existsSync(join(directory, 'failure'))) throw new Error(readFileSync(join(directory, 'failure'), 'utf8'));
  }
  throw new Error(`No test database appeared in ${directory}.`);
}

async function start(directory: string, run: number): Promise<string> {
  const cluster = join(directory, 'database');
  const socketDir = join(directory, 's');
  const account = databaseAccount(cluster);
  // Its account has to pass through; what is inside stays closed.
  if (account) chmodSync(directory, 0o711);
  mkdirSync(socketDir, { mode: 0o700 });
  if (account) chownSync(socketDir, account.uid, account.gid);
  const binaries = findBinaries(account, directory);
  const password = randomBytes(16).toString('hex');
  await createCluster({ binaries, directory: cluster, account, log }, password, false);
  const running = await startCluster({
    binaries,
    directory: cluster,
    socketDir,
    account,
    settings: TEST_SETTINGS,
    log,
    lifetime: { process: run, remove: directory },
  });
  void running;
  const server = socketUrl(socketDir, password, 'postgres');
  await administer(server, `create database ${TEMPLATE}`);
  await migrate({ url: withName(server, TEMPLATE) });
  return server;
}
