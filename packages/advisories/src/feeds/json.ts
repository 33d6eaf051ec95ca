import { InputError } from '@plimsoll/model';

export type JsonObject = Record<string, unknown>;

/** Longer ids, names and versions are nobody's: such a feed is refused, so no text can swell the database. */
export const MAX_TEXT = 4096;

export function object(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** An array's elements that are objects; nothing for anything else. */
export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter((item) => object(item) !== undefined) : [];
}

/** A string that says something; undefined for anything else. Throws `InputError` for one over `MAX_TEXT`. */
export function text(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  if (value.length > MAX_TEXT) {
    throw new InputError('feed-record-invalid', `a text of ${value.length} characters where an id, name or version belongs`);
  }
  return value;
}

/** An array's strings; nothing for anything else. */
export function texts(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.map(text).filter((item) => item !== undefined);
}

/**
 * A time as `YYYY-MM-DDTHH:MM:SSZ`; undefined for what is none. Seconds are as fine as anybody needs.
 * The Go feed says year 1 where it knows no date.
 */
export function time(value: unknown): string | undefined {
  const string = text(value);
  // Without a zone the CVE list means UTC; Date.parse would take the local zone.
  const match = string && /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(string);
  if (!match) return undefined;
  const ms = Date.parse(`${match[1]}T${match[2] ?? '00:00:00'}${match[3] ?? 'Z'}`);
  if (Number.isNaN(ms) || ms < Date.UTC(1970, 0, 1)) return undefined;
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function day(value: unknown): string | undefined {
  return time(value)?.slice(0, 10);
}

export function parseObject(bytes: Buffer): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    // V8's message quotes the input, which may be anything.
    throw new InputError('feed-record-invalid', 'not JSON, or cut off', { cause });
  }
  const found = object(value);
  if (!found) throw new InputError('feed-record-invalid', 'not a JSON object');
  return found;
}

export function unique<T>(items: Iterable<T>): T[] {
  return [...new Set(items)];
}

const CWE = /^CWE-\d{1,6}$/;
const CVE = /^CVE-\d{4}-\d{4,12}$/;

export function isCwe(id: string): boolean {
  return CWE.test(id);
}

export function isCve(id: string): boolean {
  return CVE.test(id);
}
