import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, existsSync, openSync, closeSync, renameSync, rmSync, writeSync, fsyncSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sql from 'sql-template-tag';
import type { Database, Queryable } from '../context.ts';

/** Advisory database files in PostgreSQL, and their copies on this process's disk. */

export interface StoredDatabase {
  /** Lower-case hex SHA-256 of the file. */
  id: string;
  built: Date;
}

const CHUNK_BYTES = 1024 * 1024;
/** The one in use and the one before it, by which changes are told. */
const KEEP = 2;

/** The newest first. */
export function storedDatabases(db: Queryable): Promise<StoredDatabase[]> {
  return db.query<StoredDatabase>(sql`select id, built from advisory_databases order by generation desc`);
}

export async function newestStored(db: Queryable): Promise<StoredDatabase | undefined> {
  return (await storedDatabases(db))[0];
}

export async function idOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/**
 * Makes a file the database in use, unless one built as late or later is. All or nothing, and one at a time.
 * @returns whether it was taken, and the one in use before, where there was one.
 */
export async function storeFile(db: Database, file: string, id: string, built: string): Promise<{ taken: boolean; before: StoredDatabase | undefined }> {
  return db.transaction(async (tx) => {
    await tx.run(sql`lock table advisory_databases in exclusive mode`);
    const before = await newestStored(tx);
    if (before && (before.id === id || before.built >= new Date(built))) return { taken: false, before };
    await tx.run(sql`delete from advisory_databases where id = ${id}`);
    await tx.run(sql`insert into advisory_databases (id, built, bytes) values (${id}, ${built}, 0)`);
    let position = 0;
    let bytes = 0;
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
      await tx.run(sql`insert into advisory_chunks (database_id, position, data) values (${id}, ${position++}, ${chunk as Buffer})`);
      bytes += (chunk as Buffer).length;
    }
    await tx.run(sql`update advisory_databases set bytes = ${bytes} where id = ${id}`);
    await tx.run(sql`delete from advisory_databases where generation not in (select generation from advisory_databases order by generation desc limit ${KEEP})`);
    return { taken: true, before };
  });
}

/** The stored file as a file in `folder`; written there unless it is there already. Undefined when it is stored no more. */
export async function localCopy(db: Queryable, folder: string, id: string): Promise<string | undefined> {
  const file = fileIn(folder, id);
  if (existsSync(file)) return file;
  const temporary = join(folder, `.${id}.${randomBytes(4).toString('hex')}.tmp`);
  const fd = openSync(temporary, 'wx');
  try {
    const hash = createHash('sha256');
    for (let position = 0; ; position++) {
      const chunk = await db.one<{ data: Buffer }>(sql`select data from advisory_chunks where database_id = ${id} and position = ${position}`);
      if (!chunk) break;
      hash.update(chunk.data);
      for (let at = 0; at < chunk.data.length; ) at += writeSync(fd, chunk.data, at);
    }
    // Also when it was replaced while it was read: then the one that replaced it is taken up next.
    if (hash.digest('hex') !== id) return undefined;
    fsyncSync(fd);
    renameSync(temporary, file);
    return file;
  } finally {
    closeSync(fd);
    rmSync(temporary, { force: true });
  }
}

export function fileIn(folder: string, id: string): string {
  return join(folder, `${id}.db`);
}

/** Removes files of databases that are in use no more, and what killed processes left. */
export async function tidy(folder: string, keep: readonly string[]): Promise<void> {
  for (const name of await readdir(folder)) {
    const id = /^([0-9a-f]{64})\.db$/.exec(name)?.[1];
    if ((id !== undefined && !keep.includes(id)) || /^\.[0-9a-f]{64}\..*\.tmp$/.test(name)) rmSync(join(folder, name), { force: true });
  }
}
