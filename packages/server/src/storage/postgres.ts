import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@plimsoll/model';
import { Pool } from 'pg';
import type { PoolClient, PoolConfig } from 'pg';
import type { Logger } from 'pino';
import type { Sql } from 'sql-template-tag';
import type { Database, Queryable } from '../context.ts';
import { isConnectionLoss, isNotThereYet, isWorthAnotherTry, unreachable } from './failures.ts';
import { TYPES } from './types.ts';

const POOL_SIZE = 10;
/** Exports are read as fast as a browser takes them: they get few connections of their own, so that slow ones starve nobody else. */
const STREAM_POOL_SIZE = 3;
const STATEMENT_TIMEOUT_MS = 30_000;
/** Beyond the server's own limit, for a connection that went silent. */
const QUERY_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 15_000;
const IDLE_IN_TRANSACTION_MS = 300_000;
/** How long a statement waits for a free connection, and for a server that restarts. */
const ACQUIRE_MS = 30_000;
const RESTART_MS = 15_000;
const TRANSACTION_TRIES = 6;
/** `unique nulls not distinct` came with 15: https://www.postgresql.org/docs/15/release-15.html */
const OLDEST_SERVER = 150_000;

export interface PostgresOptions {
  url: string;
  kind: Database['kind'];
  log: Logger;
  /** How long to wait for a server that is not up yet, in milliseconds. */
  waitMs?: number;
  /** After the connections are closed: stops the embedded server. */
  onClose?: () => Promise<void>;
}

/** Opens pools to the server at `url`. Waits for it to come up; an InputError says what it lacks. */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { url, kind, log, waitMs = 30_000, onClose } = options;
  const pool = makePool(url, POOL_SIZE, log);
  const streams = makePool(url, STREAM_POOL_SIZE, log);
  try {
    await waitForServer(pool, waitMs, log);
  } catch (error) {
    await Promise.all([pool.end(), streams.end()]);
    throw error;
  }

  const queryable = over((work) => withClient(pool, work));
  let closing: Promise<void> | undefined;
  return {
    kind,
    url,
    ...queryable,
    transaction: (work) => transaction(pool, work),
    stream: (statement, batch = 500) => stream(streams, statement, batch),
    close: () =>
      (closing ??= (async () => {
        await Promise.all([pool.end(), streams.end()]);
        await onClose?.();
      })()),
  };
}

/** A pool whose connections may break without ending the process, which an error event that nobody hears would. */
export function makePool(url: string, max: number, log: Logger, name = 'plimsoll'): Pool {
  const pool = new Pool({ ...poolConfig(url), application_name: name, max });
  // Those in use: their next statement fails and says so.
  pool.on('connect', (client) => client.on('error', () => undefined));
  // Idle ones: the pool drops them.
  pool.on('error', (error) => {
    if (!pool.ending) log.warn({ err: error.message }, 'An idle database connection broke');
  });
  return pool;
}

function poolConfig(url: string): PoolConfig {
  return {
    connectionString: url,
    types: TYPES,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    connectionTimeoutMillis: ACQUIRE_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
  };
}

async function waitForServer(pool: Pool, waitMs: number, log: Logger): Promise<void> {
  const until = Date.now() + waitMs;
  for (let told = false; ; ) {
    try {
      const { rows } = await pool.query<{ version: string }>(`select current_setting('server_version_num') as version`);
      const version = Number(rows[0]?.version);
      if (version < OLDEST_SERVER) {
        throw new InputError(
          'database-too-old',
          `The database server is PostgreSQL ${Math.floor(version / 10_000)}; Plimsoll needs 15 or newer.`,
        );
      }
      return;
    } catch (error) {
      if (error instanceof InputError) throw error;
      if (!isNotThereYet(error) || Date.now() >= until) throw unreachable(error, waitMs);
      if (!told) log.info({ err: (error as Error).message }, 'Waiting for the database server');
      told = true;
      await sleep(250);
    }
  }
}

/** A connection, waiting through a restart of the server: nothing was sent yet, so trying again repeats nothing. */
async function acquire(pool: Pool): Promise<PoolClient> {
  const until = Date.now() + RESTART_MS;
  for (let pause = 100; ; pause = Math.min(pause * 2, 2000)) {
    try {
      return await pool.connect();
    } catch (error) {
      if (!isNotThereYet(error) || Date.now() >= until) throw error;
      await sleep(pause);
    }
  }
}

async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await acquire(pool);
  let broken = false;
  try {
    return await work(client);
  } catch (error) {
    broken = isConnectionLoss(error);
    throw error;
  } finally {
    client.release(broken);
  }
}

function over(use: <T>(work: (client: PoolClient) => Promise<T>) => Promise<T>): Queryable {
  const query = <Row extends object>(statement: Sql): Promise<Row[]> =>
    use(async (client) => (await client.query<Row>(statement.text, statement.values)).rows);
  return {
    query,
    one: async <Row extends object>(statement: Sql) => (await query<Row>(statement))[0],
    run: (statement) => use(async (client) => (await client.query(statement.text, statement.values)).rowCount ?? 0),
  };
}

async function transaction<T>(pool: Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    let committing = false;
    try {
      return await once(await acquire(pool), work, () => (committing = true));
    } catch (error) {
      // A connection lost before the commit was sent took everything with it; after that nobody knows.
      const again = isWorthAnotherTry(error) || (isConnectionLoss(error) && !committing);
      if (!again || attempt >= TRANSACTION_TRIES) throw error;
      await sleep(10 * 2 ** attempt * (0.5 + Math.random()));
    }
  }
}

async function once<T>(client: PoolClient, work: (tx: Queryable) => Promise<T>, onCommit: () => void): Promise<T> {
  let broken = false;
  try {
    await client.query('begin');
    const result = await work(over((statement) => statement(client)));
    onCommit();
    await client.query('commit');
    return result;
  } catch (error) {
    // Where even this fails the connection is lost, and the transaction with it: what is told is the first failure.
    broken = await client.query('rollback').then(() => false, () => true);
    throw error;
  } finally {
    client.release(broken);
  }
}

async function* stream<Row extends object>(pool: Pool, statement: Sql, batch: number): AsyncGenerator<Row[], void, undefined> {
  const size = Math.max(1, Math.floor(batch));
  const client = await acquire(pool);
  let failure: unknown;
  try {
    await client.query('begin read only');
    await client.query(`declare batches no scroll cursor for ${statement.text}`, statement.values);
    for (;;) {
      const { rows } = await client.query<Row>(`fetch ${size} from batches`);
      if (rows.length > 0) yield rows;
      if (rows.length < size) return;
    }
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    // Also when the reader leaves early. Ending the transaction closes the cursor.
    const ended = await client.query('rollback').then(() => true, () => false);
    client.release(!ended || isConnectionLoss(failure));
  }
}
