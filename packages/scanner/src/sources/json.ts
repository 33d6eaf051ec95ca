import { InputError } from '@plimsoll/model';

/** Manifests and configs are a few KB; the OCI distribution spec lets registries refuse manifests above 4 MiB. */
export const MAX_JSON = 8 << 20;

/** Parses JSON of an image. @throws InputError `json-corrupt` naming what it was */
export function parseJson(bytes: Buffer, what: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (error) {
    throw new InputError('json-corrupt', `${what} is no JSON: ${(error as Error).message}`, { cause: error });
  }
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
