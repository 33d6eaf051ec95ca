import type { HostFacts } from '@plimsoll/model/api';
import { exchange, readSmall } from '@plimsoll/scanner';
import { cut } from '../../bounded.ts';

export type CloudFacts = Pick<HostFacts, 'provider' | 'account' | 'region' | 'instance' | 'instanceType'>;

/** Asks the metadata service; gives the text of its answer, undefined when it does not answer with 200. */
export type AskMetadata = (path: string, headers?: Record<string, string>, method?: 'GET' | 'PUT') => Promise<string | undefined>;

/** One cloud provider is one file in this folder, listed in `facts/index.ts`. */
export interface CloudProvider {
  name: NonNullable<HostFacts['provider']>;
  /** Where its metadata service answers: an address that leads nowhere but to the host itself. */
  address: string;
  /** The facts, when this is the provider. */
  ask(metadata: AskMetadata): Promise<CloudFacts | undefined>;
}

/** The service is one hop away: it answers at once or is not there. */
const TIMEOUT_MS = 1000;
const MAX_ANSWER = 64 * 1024;

export function metadataOf(address: string, signal: AbortSignal): AskMetadata {
  return async (path, headers = {}, method = 'GET') => {
    try {
      const reply = await exchange({ url: new URL(path, address), method, headers, idleTimeout: TIMEOUT_MS, signal: AbortSignal.any([signal, AbortSignal.timeout(2 * TIMEOUT_MS)]) });
      if (reply.status !== 200) {
        reply.discard();
        return undefined;
      }
      return (await readSmall(reply, MAX_ANSWER))?.toString('utf8');
    } catch {
      return undefined;
    }
  };
}

/** A short name of the kind that providers give: letters, digits and a few signs; null for anything else. */
export function nameOrNull(value: unknown, limit: number): string | null {
  return typeof value === 'string' && /^[\w./:-]+$/.test(value) ? cut(value, limit) : null;
}

/** Parses JSON; undefined when it is none. */
export function jsonOrUndefined(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
