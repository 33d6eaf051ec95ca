import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import sql from 'sql-template-tag';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../context.ts';
import { buildScript } from '../test-script.ts';
import { openEmbedded } from './open.ts';

const log = pino({ level: 'silent' });
const scratch = mkdtempSync(join(tmpdir(), 'plimsoll-embedded-'));
if (process.getuid?.() === 0) execFileSync('chmod', ['711', scratch]);
const dataDir = join(scratch, 'data');
const script = join(scratch, 'server.mjs');
let open: Database[] = [];
const children: ChildProcess[] = [];

async function start(folder = dataDir): Promise<Database> {
  const db = await openEmbedded(folder, log);
  open.push(db);
  return db;
}

beforeAll(async () => {
  // A server process that can be killed.
  await buildScript(
    script,
    `import { openEmbedded } from './storage/embedded/open.ts'; import { pino } from 'pino';
     openEmbedded(process.argv[2], pino({ level: 'silent' })).then(() => console.log('open'), (error) => { console.log(error.code); process.exit(1); });
     setInterval(() => undefined, 1000);`,
  );
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(open.map((db) => db.close()));
  open = [];
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function startProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const said = await new Promise<string>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())));
  expect(said).toBe('open');
  return child;
}

const postmaster = (): number => Number(readFileSync(join(dataDir, 'database', 'postmaster.pid'), 'utf8').split('\n')[0]);
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return existsSync('/proc/self') ? false : killable(pid);
  }
}
function killable(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
async function gone(pid: number): Promise<boolean> {
  for (let i = 0; i < 500 && isRunning(pid); i++) await sleep(20);
  return !isRunning(pid);
}

test('what was written is there after a stop and a start', async () => {
  const first = await start();
  expect(first.kind).toBe('embedded');
  await first.run(sql`create table kept as select 'Zürich' as text`);
  const pid = postmaster();
  await first.close();
  expect(isRunning(pid)).toBe(false);
  expect(readdirSync(dataDir).sort()).toEqual(['database', 'database-password']);
  expect(await (await start()).query(sql`select lower(text) as text from kept`)).toEqual([{ text: 'zürich' }]);
});

test('only its own user comes in, and only with the password', async () => {
  const db = await start();
  expect(statSync(join(dataDir, 'database-password')).mode & 0o777).toBe(0o600);
  expect(statSync(join(dataDir, 'socket')).mode & 0o777).toBe(0o700);
  expect(statSync(join(dataDir, 'database')).mode & 0o777).toBe(0o700);
  expect(await db.one(sql`show listen_addresses`)).toEqual({ listen_addresses: '' });
  const { openPostgres } = await import('../postgres.ts');
  const wrong = db.url.replace(/plimsoll:[^@]+@/, 'plimsoll:guess@');
  await expect(openPostgres({ url: wrong, kind: 'embedded', log })).rejects.toMatchObject({ code: 'database-unreachable' });
});

test('a second server on the folder is told who has it', async () => {
  await start();
  await expect(openEmbedded(dataDir, log)).rejects.toMatchObject({
    code: 'data-dir-in-use',
    message: expect.stringContaining(`pid ${process.pid}`) as string,
  });
});

test('of several that start at once over a dead one’s lock, one gets the folder', async () => {
  const child = await startProcess();
  child.kill('SIGKILL');
  const results = await Promise.allSettled(Array.from({ length: 4 }, () => start()));
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'data-dir-in-use' });
});

test('a killed server takes its database along, and what was committed is there', async () => {
  const child = await startProcess();
  const pid = postmaster();
  child.kill('SIGKILL');
  expect(await gone(pid)).toBe(true);
  const db = await start();
  expect(await db.query(sql`select count(*) as n from kept`)).toEqual([{ n: 1 }]);
});

test('a database that a killed server left running is stopped at the next start', async () => {
  const child = await startProcess();
  const pid = postmaster();
  // The watcher too, so that nothing ends the database.
  const watchers = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n').filter((line) => line.includes('plimsoll-database-watch') && line.endsWith(` ${pid}`));
  expect(watchers).toHaveLength(1);
  for (const line of watchers) process.kill(Number(line.trim().split(/\s+/)[0]), 'SIGKILL');
  child.kill('SIGKILL');
  await sleep(300);
  expect(isRunning(pid)).toBe(true);
  const db = await start();
  expect(isRunning(pid)).toBe(false);
  expect(await db.query(sql`select count(*) as n from kept`)).toEqual([{ n: 1 }]);
});

test('server and database killed together: the notes they left stop nobody', async () => {
  const child = await startProcess();
  const pid = postmaster();
  child.kill('SIGKILL');
  if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  expect(await gone(pid)).toBe(true);
  // As in a container started anew: the id belongs to someone else now.
  const note = join(dataDir, 'database', 'postmaster.pid');
  const other = spawn('sleep', ['60']);
  children.push(other);
  const lines = existsSync(note) ? readFileSync(note, 'utf8').split('\n').slice(1) : [join(dataDir, 'database'), '0', '5432', '', '', '', 'ready'];
  writeFileSync(note, [other.pid, ...lines].join('\n'));
  const db = await start();
  expect(await db.query(sql`select count(*) as n from kept`)).toEqual([{ n: 1 }]);
  expect(other.exitCode ?? other.signalCode).toBeNull();
});

test('a database that ends by itself is started again, and statements wait for it', async () => {
  const db = await start();
  const pid = postmaster();
  process.kill(pid, 'SIGKILL');
  expect(await gone(pid)).toBe(true);
  await expect.poll(() => db.query(sql`select count(*) as n from kept`).catch(() => []), { timeout: 20_000 }).toEqual([{ n: 1 }]);
  expect(postmaster()).not.toBe(pid);
});

test('a start that was cut short while making the database does no harm', async () => {
  const folder = join(scratch, 'cut-short');
  mkdirSync(join(folder, 'database.new', 'base'), { recursive: true });
  writeFileSync(join(folder, 'database.new', 'PG_VERSION'), '18\n');
  const db = await start(folder);
  expect(await db.one(sql`select 1 as x`)).toEqual({ x: 1 });
});

test('a folder with a long name works', async () => {
  const folder = join(scratch, 'long-'.repeat(15), 'name-'.repeat(15));
  const db = await start(folder);
  expect(await db.one(sql`select 1 as x`)).toEqual({ x: 1 });
  await expect(openEmbedded(folder, log)).rejects.toMatchObject({ code: 'data-dir-in-use' });
});

test('the data of another major version is refused, untouched', async () => {
  const folder = join(scratch, 'old');
  mkdirSync(join(folder, 'database'), { recursive: true });
  writeFileSync(join(folder, 'database', 'PG_VERSION'), '12\n');
  writeFileSync(join(folder, 'database-password'), 'x');
  await expect(openEmbedded(folder, log)).rejects.toMatchObject({ code: 'database-other-version', message: expect.stringMatching(/PostgreSQL 12.*18/) as string });
  expect(readdirSync(folder).sort()).toEqual(['database', 'database-password']);
});

test('a folder whose database is damaged is told with what the database says', async () => {
  const folder = join(scratch, 'damaged');
  mkdirSync(join(folder, 'database'), { recursive: true });
  writeFileSync(join(folder, 'database', 'PG_VERSION'), '18\n');
  writeFileSync(join(folder, 'database-password'), 'x');
  await expect(openEmbedded(folder, log)).rejects.toMatchObject({ code: 'database-not-started', message: expect.stringContaining('postgres') as string });
});

test.skipIf(process.getuid?.() !== 0)('as root, a folder that is closed to the database’s user is refused with what to do (skipped: needs root)', async () => {
  const closed = join(scratch, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  await expect(openEmbedded(join(closed, 'data'), log)).rejects.toMatchObject({
    code: 'data-dir-closed',
    message: expect.stringContaining(closed) as string,
  });
});
