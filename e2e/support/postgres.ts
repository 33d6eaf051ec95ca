/** A PostgreSQL server of Debian's, private to a test. */
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, endsWithUs } from './engine.ts';
import { mustRun, run } from './run.ts';
import { until } from './server.ts';

const INSTALLED = '/usr/lib/postgresql';

/** Folder of the newest installed server's programs; undefined when there is none. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(INSTALLED)) return undefined;
  const versions = readdirSync(INSTALLED).filter((name) => existsSync(join(INSTALLED, name, 'bin/initdb')));
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : join(INSTALLED, newest, 'bin');
}

export interface PostgresServer {
  /** For DATABASE_URL: an empty database. */
  url: string;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<PostgresServer> {
  const programs = postgresPrograms();
  if (!programs) throw new Error('There is no PostgreSQL server on this machine.');
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-postgres-'));
  const owner = await account();
  if (owner) chownSync(dir, owner.uid, owner.gid);
  chmodSync(dir, 0o711);
  const as = owner ? { command: 'setpriv', args: [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', '--'] } : { command: '', args: [] };
  const command = (program: string, args: string[]): [string, string[]] =>
    owner ? [as.command, [...as.args, join(programs, program), ...args]] : [join(programs, program), args];
  const data = join(dir, 'data');
  await mustRun(...command('initdb', ['-D', data, '-U', 'plimsoll', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8']));
  const port = await freePort();
  const server = spawn(...command('postgres', ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', dir, '-c', 'fsync=off']), { stdio: 'ignore' });
  const release = endsWithUs(server);
  await until('PostgreSQL answers', async () => (await run(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)])).code === 0, 30);
  return {
    url: `postgresql://plimsoll@127.0.0.1:${port}/postgres`,
    async stop() {
      release();
      // Fast shutdown does not wait for who is still connected.
      server.kill('SIGINT');
      await end(server);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root: the account that Debian's package makes. */
async function account(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number((await mustRun('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
