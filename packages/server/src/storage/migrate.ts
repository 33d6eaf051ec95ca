import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InputError } from '@plimsoll/model';
import { Client } from 'pg';
import type { Database } from '../context.ts';

/**
 * The SQL files lie beside this file, and beside the bundle's chunk when it is built
 * (the build copies the folder to `dist/cli/migrations/`): the same relative address finds both.
 */
export const MIGRATIONS_DIR = new URL('./migrations/', import.meta.url);

/** One number for all Plimsoll servers: whoever holds this advisory lock migrates, the others wait. */
const LOCK = 7_403_911_662_044n;
const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;

export interface Migration {
  number: number;
  name: string;
  sql: string;
  checksum: string;
}

/** In order. @throws Error when the folder is missing or numbers are doubled: the installation is broken. */
export function readMigrations(directory: URL = MIGRATIONS_DIR): Migration[] {
  const migrations = readdirSync(directory)
    .filter((name) => FILE_NAME.test(name))
    .sort()
    .map((name) => {
      const text = readFileSync(new URL(name, directory), 'utf8');
      // Line ends do not count: git may change them.
      const checksum = createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex');
      return { number: Number(FILE_NAME.exec(name)?.[1]), name: name.replace(/\.sql$/, ''), sql: text, checksum };
    });
  if (migrations.length === 0) throw new Error(`No migrations in ${fileURLToPath(directory)}: the installation is incomplete.`);
  migrations.forEach((migration, i) => {
    if (migration.number === migrations[i - 1]?.number) throw new Error(`Two migrations have the number ${migration.number}: ${migration.name}.`);
  });
  return migrations;
}

/**
 * Brings the database to the code's state: every migration that is missing, in order, each in a transaction of its own.
 * Several servers may start at once: one works, the others wait for it.
 * @returns names of those applied now. @throws InputError when a newer release or other code made this database.
 */
export async function migrate(db: Pick<Database, 'url'>, migrations: Migration[] = readMigrations()): Promise<string[]> {
  // A connection of its own: the lock belongs to the session, and building an index may take longer than a statement may.
  const client = new Client({ connectionString: db.url, application_name: 'plimsoll migrations', keepAlive: true });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK.toString()]);
    await client.query(
      'create table if not exists migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
    );
    const { rows } = await client.query<{ name: string; checksum: string }>('select name, checksum from migrations order by name');
    check(rows, migrations);
    const applied = new Set(rows.map((row) => row.name));
    const missing = migrations.filter((migration) => !applied.has(migration.name));
    for (const migration of missing) {
      await client.query('begin');
      try {
        await client.query(migration.sql);
        await client.query('insert into migrations (name, checksum) values ($1, $2)', [migration.name, migration.checksum]);
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw new Error(`Migration ${migration.name} failed, nothing of it was kept: ${(error as Error).message}`, { cause: error });
      }
    }
    return missing.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

function check(applied: { name: string; checksum: string }[], migrations: Migration[]): void {
  for (const row of applied) {
    const own = migrations.find((migration) => migration.name === row.name);
    if (!own) {
      throw new InputError(
        'database-newer',
        `The database was made by a newer Plimsoll (it has the migration "${row.name}"): start that release or a later one, or use another database.`,
      );
    }
    if (own.checksum !== row.checksum) {
      throw new InputError(
        'database-differs',
        `The database was made by another build of Plimsoll (its migration "${row.name}" differs): use that build, or start with an empty database.`,
      );
    }
  }
}
