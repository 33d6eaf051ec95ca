import { InputError } from '@plimsoll/model';
import { excerpt } from '../catalogers/names.ts';
import { maxJsonDepth } from './sbom/json-depth.ts';

/** Manifests and configs are a few KB; the OCI distribution spec lets registries refuse manifests above 4 MiB. */
export const MAX_JSON = 8 << 20;

/** Manifests and configs nest a handful deep. Deeper ones could not be written out again, which is done by recursion. */
const MAX_DEPTH = 100;

/** Parses JSON of an image. @throws InputError `json-corrupt` naming what it was */
export function parseJson(bytes: Buffer, what: string): unknown {
  if (maxJsonDepth(bytes, MAX_DEPTH) > MAX_DEPTH) throw new InputError('json-corrupt', `${what} is no JSON of an image: it nests deeper than ${MAX_DEPTH}`);
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (error) {
    throw new InputError('json-corrupt', `${what} is no JSON: ${excerpt((error as Error).message, 200)}`, { cause: error });
  }
}

/** A value of the image's for a message of one line. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? `"${excerpt(value, 200)}"` : value === undefined ? 'nothing' : `a value of type ${typeof value}`;
}

/** The first names of a list for a message of one line. */
export function listed(names: readonly string[]): string {
  const first = names.slice(0, 20).map((name) => excerpt(name, 200)).join(', ');
  return names.length > 20 ? `${first} and ${names.length - 20} more` : first;
}

export function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}

export function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asStrings(value: unknown): string[] {
  return asArray(value).filter((item): item is string => typeof item === 'string');
}

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** A digest in the only two algorithms that the OCI image spec registers. */
export function asDigest(value: unknown): string | undefined {
  return typeof value === 'string' && DIGEST.test(value) ? value : undefined;
}
