import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import sql from 'sql-template-tag';
import type { Database, Live, LiveChange } from '../context.ts';
import { listen } from './listener.ts';

type Topic = LiveChange['topic'];

const CHANNEL = 'plimsoll_live';
/** At most four a second for each topic. */
const INTERVAL_MS = 250;
/** More than so many ids are told as "some": who listens asks for the page anyway. */
const MOST_IDS = 50;
/** PostgreSQL takes payloads below 8000 bytes. */
const MOST_BYTES = 7900;

const TOPICS: Readonly<Record<Topic, true>> = {
  hosts: true,
  images: true,
  containers: true,
  events: true,
  sensors: true,
  findings: true,
  advisories: true,
  tags: true,
};

/** Undefined ids: any of them. */
interface Pending {
  ids: Set<string> | undefined;
}

/**
 * Changes, told to every server process on this database. What one process publishes is gathered for a moment.
 * After a lost connection every topic is signalled, since nobody knows what was missed.
 */
export async function createLive(db: Database, log: Logger): Promise<Live> {
  const self = randomUUID();
  const listeners = new Set<(change: LiveChange) => void>();
  const pending = new Map<Topic, Pending>();
  const timers = new Map<Topic, NodeJS.Timeout>();
  const sending = new Set<Promise<void>>();
  let closed = false;

  function tell(change: LiveChange): void {
    for (const listener of [...listeners]) {
      try {
        listener(change);
      } catch (error) {
        log.error({ err: error }, 'A listener for changes failed');
      }
    }
  }

  function gather(topic: Topic, ids: Iterable<string> | undefined): void {
    const known = pending.get(topic);
    const merged = (known && !known.ids) || !ids ? undefined : new Set([...(known?.ids ?? []), ...ids]);
    pending.set(topic, { ids: merged && merged.size <= MOST_IDS ? merged : undefined });
  }

  /** Sends what is pending and keeps the topic quiet for the interval; what comes in that time goes at its end. */
  function flush(topic: Topic): void {
    const what = pending.get(topic);
    if (!what) return;
    pending.delete(topic);
    timers.set(topic, setTimeout(() => { timers.delete(topic); flush(topic); }, INTERVAL_MS).unref());
    const change: LiveChange = { topic, ...(what.ids && { ids: [...what.ids] }) };
    tell(change);
    const sent: Promise<void> = send(change).finally(() => sending.delete(sent));
    sending.add(sent);
  }

  async function send(change: LiveChange): Promise<void> {
    let payload = JSON.stringify({ from: self, ...change });
    if (Buffer.byteLength(payload) > MOST_BYTES) payload = JSON.stringify({ from: self, topic: change.topic });
    try {
      await db.run(sql`select pg_notify(${CHANNEL}, ${payload})`);
    } catch (error) {
      // The others hear of it when the database is back: they signal every topic then.
      if (!closed) log.warn({ err: (error as Error).message, topic: change.topic }, 'Other servers could not be told of a change');
    }
  }

  const listener = await listen(
    db.url,
    CHANNEL,
    {
      payload: (text) => {
        const change = parse(text);
        if (change && change.from !== self) tell({ topic: change.topic, ...(change.ids && { ids: change.ids }) });
      },
      reconnect: () => {
        for (const topic of Object.keys(TOPICS) as Topic[]) tell({ topic });
      },
    },
    log,
  );

  return {
    publish: ({ topic, ids }) => {
      if (closed) return;
      gather(topic, ids);
      if (!timers.has(topic)) flush(topic);
    },
    subscribe: (heard) => {
      // One function may be given twice: each subscription is its own.
      const own = (change: LiveChange): void => heard(change);
      listeners.add(own);
      return () => listeners.delete(own);
    },
    close: async () => {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      for (const topic of [...pending.keys()]) flush(topic);
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(sending);
      listeners.clear();
      await listener.close();
    },
  };
}

/** Anyone with access to the database can notify: undefined for what no server says. */
function parse(text: string): { from: string; topic: Topic; ids?: string[] } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { from, topic, ids } = value as Record<string, unknown>;
  if (typeof from !== 'string' || typeof topic !== 'string' || !Object.hasOwn(TOPICS, topic)) return undefined;
  const list = Array.isArray(ids) && ids.length <= MOST_IDS && ids.every((id) => typeof id === 'string') ? ids : undefined;
  return { from, topic: topic as Topic, ...(list && { ids: list }) };
}
