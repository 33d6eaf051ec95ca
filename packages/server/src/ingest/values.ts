/** Values from outside, as PostgreSQL can hold them. */

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
/** As JSON writes what PostgreSQL refuses; an escaped backslash before it makes a false alarm, which costs only time. */
const MAY_BE_REFUSED = /\\u(?:0000|d[89a-f])/;

/** Text without what PostgreSQL refuses: U+0000 and halves of surrogate pairs become U+FFFD. */
export function plain(text: string): string {
  return text.replaceAll('\0', '\uFFFD').replace(LONE_SURROGATE, '\uFFFD');
}

/**
 * Rows as one JSON parameter for `jsonb_to_recordset`. One character that PostgreSQL refuses, in one label of one
 * container, must not keep all the others out.
 */
export function rows(values: readonly object[]): string {
  return json(values);
}

/** JSON for a jsonb column, which refuses in escapes what text columns never get to see: half a surrogate pair. */
export function json(value: unknown): string {
  const text = JSON.stringify(value);
  return MAY_BE_REFUSED.test(text) ? JSON.stringify(cleaned(value)) : text;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return plain(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [plain(key), cleaned(inner)]));
  }
  return value;
}

/** A time that PostgreSQL's timestamptz can hold, in ISO 8601; null for others, such as the year 0. */
export function timeOrNull(text: string | null | undefined): string | null {
  if (text == null) return null;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return null;
  const iso = time.toISOString();
  return /^\d{4}-/.test(iso) && !iso.startsWith('0000') ? iso : null;
}

/** Sensors tell of the past, as far back as anything is kept. */
const OLDEST_MS = 90 * 86_400_000;

/** A time that a sensor told at `at`, within what can be believed of a clock; `at` itself where it is none. */
export function believable(text: string, at = new Date()): Date {
  const told = Date.parse(timeOrNull(text) ?? at.toISOString());
  return new Date(Math.min(Math.max(told, at.getTime() - OLDEST_MS), Date.now()));
}

/** More than a billion lost messages are not told apart: so that the sum over many gaps stays a number. */
export function lostCount(count: number): number {
  return Math.min(count, 1e9);
}

/** A whole number that an int column can hold; null for others. */
export function int4OrNull(value: number | null | undefined): number | null {
  return value != null && Number.isInteger(value) && Math.abs(value) <= 0x7fff_ffff ? value : null;
}

/** A whole number that a bigint column and JavaScript can hold; null for others. */
export function bigintOrNull(value: number | null | undefined): number | null {
  return value != null && Number.isSafeInteger(Math.round(value)) ? Math.round(value) : null;
}

/** A count for an int column: the largest it can hold where there are more. */
export function int4Count(value: number): number {
  return Math.min(value, 0x7fff_ffff);
}

const MAX_DEPTH = 16;
const MAX_MEMBERS = 2000;

/** Whether a value from a JSON document is small and flat enough to be kept as it is. */
export function isSmall(value: unknown): boolean {
  let members = 0;
  const within = (inner: unknown, depth: number): boolean => {
    if (typeof inner === 'string') members += inner.length / 100;
    if (++members > MAX_MEMBERS || depth > MAX_DEPTH) return false;
    if (typeof inner !== 'object' || inner === null) return true;
    return Object.entries(inner).every(([key, member]) => key.length <= 200 && within(member, depth + 1));
  };
  return within(value, 0);
}

export function grouped<T, K>(values: Iterable<T>, keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}
