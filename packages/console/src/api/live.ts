import type { RouteName } from '@plimsoll/model/api';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { urlOf } from './client.ts';

type Topic = 'hosts' | 'images' | 'containers' | 'events' | 'sensors' | 'findings' | 'advisories' | 'tags';

/** Routes whose answers a change can touch. Only those on screen are asked again. */
const TOUCHES: Record<Topic, readonly RouteName[]> = {
  hosts: ['search', 'facets', 'host', 'overview', 'coverage', 'aggregate'],
  images: ['search', 'facets', 'image', 'imageSbom', 'imageChanges', 'overview', 'coverage', 'aggregate'],
  containers: ['search', 'facets', 'container', 'image', 'host', 'overview', 'aggregate'],
  events: ['search', 'facets', 'aggregate', 'coverage'],
  sensors: ['sensors', 'enrolmentTokens', 'coverage', 'overview', 'host'],
  findings: ['search', 'facets', 'image', 'imageSbom', 'imageChanges', 'host', 'hostSbom', 'hostChanges', 'container', 'vulnerability', 'overview', 'coverage', 'aggregate'],
  advisories: ['advisories', 'coverage', 'overview'],
  tags: ['tags', 'search', 'facets', 'image', 'host', 'container'],
};
/** Entities whose search a topic can touch; other tables stay as they are. */
const ENTITIES: Record<Topic, readonly string[]> = {
  hosts: ['hosts'],
  images: ['images', 'registries', 'packages'],
  containers: ['containers', 'images', 'hosts'],
  events: ['events'],
  sensors: ['hosts'],
  findings: ['images', 'hosts', 'containers', 'vulnerabilities', 'packages', 'registries'],
  advisories: [],
  tags: ['hosts', 'images', 'containers'],
};
const BY_ENTITY = new Set<unknown>(['search', 'facets', 'aggregate']);

/** Whether the answer under a query key may be out of date after changes in these topics. */
export function isTouched(key: readonly unknown[], topics: Iterable<string>): boolean {
  for (const topic of topics) {
    if (!Object.hasOwn(TOUCHES, topic)) continue;
    const known = topic as Topic;
    if (!(TOUCHES[known] as readonly unknown[]).includes(key[0])) continue;
    if (!BY_ENTITY.has(key[0])) return true;
    const params = key[1];
    const entity = typeof params === 'object' && params !== null && 'entity' in params ? params.entity : undefined;
    if (typeof entity === 'string' && ENTITIES[known].includes(entity)) return true;
  }
  return false;
}

export function topicsOf(data: string): string[] {
  try {
    const parsed: unknown = JSON.parse(data);
    const changes = Array.isArray(parsed) ? parsed : [parsed];
    return changes.flatMap((change: unknown) =>
      typeof change === 'object' && change !== null && 'topic' in change && typeof change.topic === 'string' ? [change.topic] : [],
    );
  } catch {
    return [];
  }
}

/** However much happens, what is on screen is asked for again at most this often. */
const THROTTLE_MS = 1500;
const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000];

let connected = true;
const listeners = new Set<() => void>();
function setConnected(value: boolean): void {
  if (connected === value) return;
  connected = value;
  for (const listener of listeners) listener();
}

/** Whether changes come in as they happen; when not, the top bar says so. */
export function useIsLive(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, () => connected);
}

/** Listens to the server's changes for as long as the caller is mounted: once, in the shell. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => {
    const pending = new Set<string>();
    let source: EventSource | undefined;
    let flushTimer: number | undefined;
    let retryTimer: number | undefined;
    let failures = 0;

    const flush = () => {
      flushTimer = undefined;
      // A page in the background catches up when it is looked at again.
      if (document.hidden) return;
      const topics = [...pending];
      pending.clear();
      if (topics.length > 0) void client.invalidateQueries({ predicate: (query) => isTouched(query.queryKey, topics) });
    };
    const soon = () => (flushTimer ??= window.setTimeout(flush, THROTTLE_MS));
    const connect = () => {
      source = new EventSource(urlOf('live'));
      source.onopen = () => {
        // What happened while the stream was down went unheard.
        if (failures > 0) void client.invalidateQueries();
        failures = 0;
        setConnected(true);
      };
      const hear = (event: MessageEvent<string>) => {
        for (const topic of topicsOf(event.data)) pending.add(topic);
        if (pending.size > 0) soon();
      };
      source.onmessage = hear;
      source.addEventListener('change', hear);
      source.onerror = () => {
        source?.close();
        if (failures > 0) setConnected(false);
        retryTimer = window.setTimeout(connect, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
      };
    };
    const seen = () => {
      if (!document.hidden && pending.size > 0) soon();
    };
    connect();
    document.addEventListener('visibilitychange', seen);
    return () => {
      source?.close();
      window.clearTimeout(flushTimer);
      window.clearTimeout(retryTimer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [client]);
}
