import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from 'pino';

/** A connection that only listens. https://www.postgresql.org/docs/current/sql-notify.html */
export interface Listener {
  close(): Promise<void>;
}

const CHECK_MS = 30_000;
const LONGEST_PAUSE_MS = 5000;

/**
 * Hears what is notified on `channel`, connecting again whenever the connection is lost.
 * Resolves when it listens for the first time. `onReconnect`: something may have been missed.
 */
export async function listen(
  url: string,
  channel: string,
  on: { payload: (text: string) => void; reconnect: () => void },
  log: Logger,
): Promise<Listener> {
  const closing = new AbortController();
  let client = await connect(url, channel, on.payload);
  const kept = (async () => {
    while (!closing.signal.aborted) {
      await lost(client, closing.signal);
      await client.end().catch(() => undefined);
      if (closing.signal.aborted) return;
      log.warn('The connection that hears of changes was lost: connecting again');
      const next = await connectAgain(url, channel, on.payload, closing.signal);
      if (!next) return;
      client = next;
      on.reconnect();
    }
  })();
  return {
    close: async () => {
      closing.abort();
      await kept;
    },
  };
}

async function connect(url: string, channel: string, onPayload: (text: string) => void): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: 'plimsoll live', keepAlive: true, connectionTimeoutMillis: 10_000, query_timeout: 10_000 });
  // Without a listener an error event would end the process; `lost` sees the end.
  client.on('error', () => undefined);
  client.on('notification', ({ payload }) => onPayload(payload ?? ''));
  try {
    await client.connect();
    await client.query(`listen ${client.escapeIdentifier(channel)}`);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

async function connectAgain(url: string, channel: string, onPayload: (text: string) => void, closing: AbortSignal): Promise<Client | undefined> {
  for (let pause = 100; !closing.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await connect(url, channel, onPayload);
    } catch {
      await sleep(pause * (0.5 + Math.random()), undefined, { signal: closing }).catch(() => undefined);
    }
  }
  return undefined;
}

/** Until the connection ends, stops answering, or is wanted no more. A network that swallows packets ends nothing by itself. */
function lost(client: Client, closing: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const check = setInterval(() => void client.query('select 1').catch(done), CHECK_MS).unref();
    function done(): void {
      clearInterval(check);
      closing.removeEventListener('abort', done);
      resolve();
    }
    client.once('end', done);
    client.once('error', done);
    closing.addEventListener('abort', done);
    if (closing.aborted) done();
  });
}
