import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface LocatedDatabase {
  file: string;
  /** What named it. */
  by: 'flag' | 'environment' | 'cache' | 'bundled';
}

export interface LocateOptions {
  /** `--db FILE` */
  flag?: string | undefined;
  env: NodeJS.ProcessEnv;
  /** Where the bundled snapshot is, when not beside this package's sources. */
  bundled?: string;
}

/** The snapshot that ships with Plimsoll, seen from this source file. */
export const BUNDLED_SNAPSHOT = fileURLToPath(new URL('../../data/snapshot.db', import.meta.url));

/** The folder that `db update` fills: `$XDG_CACHE_HOME/plimsoll/db`, or below `~/.cache`. */
export function databaseFolder(env: NodeJS.ProcessEnv): string {
  const base = env.XDG_CACHE_HOME;
  // The XDG base directory specification has relative paths ignored.
  return join(base?.startsWith('/') ? base : join(env.HOME || homedir(), '.cache'), 'plimsoll', 'db');
}

/** Name of the database within `databaseFolder`. */
export const DATABASE_NAME = 'plimsoll.db';

/**
 * The database to use: `--db`, then `PLIMSOLL_DB`, then what `db update` made, then the bundled
 * snapshot. The first two are taken at their word, so that a wrong name fails instead of giving
 * answers from another database; undefined when nothing is named and nothing is there.
 */
export function locateDatabase({ flag, env, bundled = BUNDLED_SNAPSHOT }: LocateOptions): LocatedDatabase | undefined {
  if (flag) return { file: flag, by: 'flag' };
  if (env.PLIMSOLL_DB) return { file: env.PLIMSOLL_DB, by: 'environment' };
  const cached = join(databaseFolder(env), DATABASE_NAME);
  if (existsSync(cached)) return { file: cached, by: 'cache' };
  if (existsSync(bundled)) return { file: bundled, by: 'bundled' };
  return undefined;
}
