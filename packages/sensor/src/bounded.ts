/**
 * Reads of values that others wrote: of the wrong type they are as absent, too long ones are cut.
 * The protocol's bounds are met here, so that one strange container does not keep the others from the server.
 */
export type Fields = ReadonlyMap<string, unknown>;

export function fieldsOf(value: unknown): Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? new Map(Object.entries(value)) : new Map();
}

export function listOf(value: unknown, limit: number): unknown[] {
  return Array.isArray(value) ? value.slice(0, limit) : [];
}

/** At most so many UTF-16 units, never half of a surrogate pair, and without NUL, which PostgreSQL cannot hold. */
export function cut(text: string, limit: number): string {
  const clean = text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
  if (clean.length <= limit) return clean;
  const end = (clean.charCodeAt(limit - 1) & 0xfc00) === 0xd800 ? limit - 1 : limit;
  return clean.slice(0, end);
}

/** Empty when it is no text. */
export function textOf(value: unknown, limit: number): string {
  return typeof value === 'string' ? cut(value, limit) : '';
}

export function textOrNull(value: unknown, limit: number): string | null {
  return textOf(value, limit) || null;
}

export function textsOf(value: unknown, count: number, limit: number): string[] {
  return listOf(value, count).filter((item): item is string => typeof item === 'string').map((item) => cut(item, limit));
}

export function intOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** A whole number from 0 on; 0 when it is none. */
export function countOf(value: unknown): number {
  return Math.max(0, intOrNull(value) ?? 0);
}

const MAX_LABELS = 500;
/** All labels of one thing together: a thousand containers with the largest labels must still fit into a message. */
const MAX_LABEL_TEXT = 64 * 1024;

export function labelsOf(value: unknown): Record<string, string> {
  const kept: [string, string][] = [];
  let room = MAX_LABEL_TEXT;
  for (const [name, text] of fieldsOf(value)) {
    if (typeof text !== 'string' || name === '' || name === '__proto__') continue;
    const label: [string, string] = [cut(name, 512), cut(text, 8192)];
    room -= label[0].length + label[1].length;
    if (room < 0 || kept.length >= MAX_LABELS) break;
    kept.push(label);
  }
  return Object.fromEntries(kept);
}

/** ISO 8601 in UTC; null for what is no time, and for Go's zero time, by which engines say "never". */
export function timeOrNull(value: unknown): string | null {
  const time = typeof value === 'number' ? value * 1000 : typeof value === 'string' ? Date.parse(value) : NaN;
  // A year beyond 9999 is written with a sign, which the protocol does not take.
  return Number.isFinite(time) && time > 0 && time < 253_402_300_800_000 ? new Date(time).toISOString() : null;
}

export function digestOrNull(value: unknown): string | null {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value) ? value : null;
}
