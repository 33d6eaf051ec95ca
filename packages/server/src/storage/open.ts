import type { Logger } from 'pino';
import type { Database } from '../context.ts';
import { openEmbedded } from './embedded/open.ts';
import { openPostgres } from './postgres.ts';

export interface OpenOptions {
  /** A PostgreSQL server; the embedded one when absent. */
  databaseUrl?: string;
  /** Holds the embedded database. */
  dataDir: string;
  log: Logger;
}

/**
 * Opens the database: on the server of `databaseUrl`, or the embedded one in `dataDir`, which is made at the first
 * start and stopped by `close()`. Run `migrate` on it next.
 * @throws InputError when it cannot be used: unreachable, too old, in use by another server, or no binary for this machine.
 */
export function openDatabase({ databaseUrl, dataDir, log }: OpenOptions): Promise<Database> {
  return databaseUrl ? openPostgres({ url: databaseUrl, kind: 'server', log }) : openEmbedded(dataDir, log);
}
