import type { EntityName } from '@plimsoll/model/api';
import type { Live, LiveChange, Services } from '../context.ts';

/**
 * Answers that several people ask for at the same time are worked out once. An answer is kept until something it
 * may hold has changed; one that was costly may be older than the last change by ten times what it cost, so that
 * no question takes more than a tenth of a processor however fast a large fleet changes.
 */
export interface Cache {
  get<T>(entity: EntityName, key: string, work: () => Promise<T>): Promise<T>;
}

const TOPICS: Record<EntityName, readonly LiveChange['topic'][]> = {
  hosts: ['hosts', 'images', 'containers', 'sensors', 'findings', 'advisories', 'tags'],
  images: ['hosts', 'images', 'containers', 'findings', 'advisories', 'tags'],
  containers: ['hosts', 'images', 'containers', 'findings', 'advisories', 'tags'],
  registries: ['hosts', 'images', 'containers', 'findings', 'advisories', 'tags'],
  packages: ['hosts', 'images', 'findings', 'advisories', 'tags'],
  vulnerabilities: ['hosts', 'images', 'containers', 'findings', 'advisories', 'tags'],
  events: ['events', 'hosts', 'images', 'containers', 'tags'],
};

const KEEP_MS = 30_000;
const LAG_FACTOR = 10;
const LAG_MAX_MS = 5_000;
const MOST = 300;

interface Entry {
  answer: Promise<unknown>;
  started: number;
  /** How long it took; undefined while under way. */
  took?: number;
}

export function createCache(live: Live, now: () => number = () => performance.now()): Cache {
  const entries = new Map<string, Entry>();
  const changed = new Map<LiveChange['topic'], number>();
  live.subscribe(({ topic }) => changed.set(topic, now()));

  const usable = (entry: Entry, entity: EntityName): boolean => {
    const age = now() - entry.started;
    if (age > KEEP_MS) return false;
    const lastChange = Math.max(...TOPICS[entity].map((topic) => changed.get(topic) ?? -Infinity));
    if (lastChange < entry.started) return true;
    return entry.took !== undefined && age < Math.min(LAG_MAX_MS, entry.took * LAG_FACTOR);
  };

  return {
    async get<T>(entity: EntityName, key: string, work: () => Promise<T>): Promise<T> {
      const whole = `${entity} ${key}`;
      const known = entries.get(whole);
      if (known && usable(known, entity)) return known.answer as Promise<T>;
      // What changes while it is worked out may be missing from it.
      const started = now();
      const entry: Entry = { answer: work(), started };
      entries.delete(whole);
      entries.set(whole, entry);
      if (entries.size > MOST) entries.delete(entries.keys().next().value!);
      try {
        return (await entry.answer) as T;
      } catch (error) {
        if (entries.get(whole) === entry) entries.delete(whole);
        throw error;
      } finally {
        entry.took = now() - entry.started;
      }
    },
  };
}

const caches = new WeakMap<Services, Cache>();

/** One for each server process. */
export function cacheOf(services: Services): Cache {
  let cache = caches.get(services);
  if (!cache) caches.set(services, (cache = createCache(services.live)));
  return cache;
}
