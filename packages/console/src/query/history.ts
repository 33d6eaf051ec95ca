import { remember } from './bar.ts';

const PREFIX = 'plimsoll.history.';

/** The last queries of this browser on an entity, newest first. */
export function readHistory(entity: string): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(PREFIX + entity) ?? '[]');
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string').slice(0, 8) : [];
  } catch {
    return [];
  }
}

export function addToHistory(entity: string, query: string): void {
  try {
    localStorage.setItem(PREFIX + entity, JSON.stringify(remember(readHistory(entity), query)));
  } catch {
    // Storage is off or full: then there is no history.
  }
}
