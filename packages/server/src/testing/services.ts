import { pino } from 'pino';
import type { Advisories, Database, Live, LiveChange, Queue, Secrets, ServerConfig, Services } from '../context.ts';

/** A job as it was sent. */
export interface SentJob {
  job: string;
  data: object;
  options: { key?: string; priority?: number; afterSeconds?: number };
}

export interface TestServices extends Services {
  /** Jobs that were sent, in order; nothing runs them. */
  readonly sent: SentJob[];
  /** Changes that were published, in order; subscribers hear of each at once. */
  readonly published: LiveChange[];
}

/** The services of one server process for a test: everything but the database is held in memory. */
export function testServices(overrides: { db: Database } & Partial<Omit<Services, 'config'>> & { config?: Partial<ServerConfig> }): TestServices {
  const sent: SentJob[] = [];
  const published: LiveChange[] = [];
  return {
    log: pino({ level: 'silent' }),
    queue: recordingQueue(sent),
    live: recordingLive(published),
    advisories: noAdvisories,
    secrets: readableSecrets,
    ...overrides,
    config: { host: '127.0.0.1', port: 0, dataDir: '', trustProxy: false, version: '0.0.0', logLevel: 'silent', jobs: false, ...overrides.config },
    sent,
    published,
  };
}

function recordingQueue(sent: SentJob[]): Queue {
  return {
    async send(job, data, options = {}) {
      const again = options.key !== undefined && sent.some((other) => other.job === job && other.options.key === options.key);
      if (!again) sent.push({ job, data, options });
    },
    async waiting() {
      const counts: Record<string, number> = {};
      for (const { job } of sent) counts[job] = (counts[job] ?? 0) + 1;
      return counts;
    },
    async close() {
      sent.length = 0;
    },
  };
}

function recordingLive(published: LiveChange[]): Live {
  const listeners = new Set<(change: LiveChange) => void>();
  return {
    publish(change) {
      published.push(change);
      for (const listener of listeners) listener(change);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      listeners.clear();
    },
  };
}

const noAdvisories: Advisories = {
  current: () => undefined,
  state: { updating: false, failed: null, checkedAt: null },
  update: async () => undefined,
  close: async () => undefined,
};

/** Not a cipher: marks what was sealed, so that a test sees whether it was. */
const readableSecrets: Secrets = {
  seal: (plain) => `sealed:${Buffer.from(plain).toString('base64')}`,
  open(sealed) {
    if (!sealed.startsWith('sealed:')) throw new Error('This was not sealed.');
    return Buffer.from(sealed.slice('sealed:'.length), 'base64').toString();
  },
};
