import { InputError } from '@plimsoll/model';
import { parseChallenges } from './challenge.ts';
import type { RegistryCredentials } from './docker-config.ts';
import { forDisplay } from './reference.ts';
import { readSmall, type HttpReply } from './transport.ts';

/** What is sent to a token endpoint. */
export interface TokenRequest {
  url: URL;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
}

const LARGEST_TOKEN_REPLY = 1024 * 1024;

/**
 * Keeps what a registry wants to see in `Authorization`, by repository, as learned from its challenges.
 * @see https://distribution.github.io/distribution/spec/auth/token/
 */
export class RegistryAuth {
  readonly #registry: string;
  readonly #credentials: RegistryCredentials | undefined;
  readonly #userAgent: string;
  readonly #send: (request: TokenRequest) => Promise<HttpReply>;
  /** Values of `Authorization` by repository; tokens are for one repository each. */
  readonly #headers = new Map<string, string>();

  /** @param send asks the token endpoint, with the client's retries and redirects */
  constructor(registry: string, credentials: RegistryCredentials | undefined, userAgent: string, send: (request: TokenRequest) => Promise<HttpReply>) {
    this.#registry = registry;
    this.#credentials = credentials;
    this.#userAgent = userAgent;
    this.#send = send;
  }

  headerFor(repository: string): string | undefined {
    return this.#headers.get(repository);
  }

  get hasCredentials(): boolean {
    return this.#credentials !== undefined;
  }

  /**
   * Answers the challenge of a 401.
   * @param base the registry's address, whose scheme a token endpoint must not fall short of
   * @returns false when there is nothing (more) that could be answered
   */
  async answer(repository: string, reply: HttpReply, base: URL): Promise<boolean> {
    const before = this.#headers.get(repository);
    const challenges = parseChallenges(String(reply.headers['www-authenticate'] ?? ''));
    for (const { scheme, parameters } of challenges) {
      if (scheme === 'bearer') {
        const header = `Bearer ${await this.#fetchToken(repository, parameters, base)}`;
        this.#headers.set(repository, header);
        return header !== before;
      }
      if (scheme === 'basic') {
        const header = this.#basic();
        if (header === undefined || header === before) return false;
        this.#headers.set(repository, header);
        return true;
      }
    }
    return false;
  }

  #basic(): string | undefined {
    if (this.#credentials?.kind !== 'password') return undefined;
    const { username, password } = this.#credentials;
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  async #fetchToken(repository: string, parameters: Map<string, string>, base: URL): Promise<string> {
    const realm = this.#realm(parameters.get('realm'), base);
    const service = parameters.get('service');
    const scope = parameters.get('scope') ?? `repository:${repository}:pull`;
    const reply = await this.#send(this.#tokenRequest(realm, service, scope));
    if (reply.status === 401 || reply.status === 403) {
      reply.discard();
      throw new InputError(
        'registry-unauthorized',
        this.#credentials === undefined
          ? `${this.#registry}: ${forDisplay(repository)} does not exist or needs a login; log in with "docker login ${this.#registry}"`
          : `${this.#registry}: the login was refused by ${realm.host}; log in again with "docker login ${this.#registry}"`,
      );
    }
    if (reply.status !== 200) {
      reply.discard();
      throw new InputError('registry-token', `${this.#registry}: its token endpoint ${realm.host} answered ${reply.status}`);
    }
    const bytes = await readSmall(reply, LARGEST_TOKEN_REPLY);
    const token = bytes === undefined ? undefined : tokenOf(bytes);
    if (token === undefined) throw new InputError('registry-token', `${this.#registry}: its token endpoint ${realm.host} gave no usable token`);
    return token;
  }

  #tokenRequest(realm: URL, service: string | undefined, scope: string): TokenRequest {
    const url = new URL(realm);
    if (this.#credentials?.kind === 'identity-token') {
      const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: this.#userAgent.split('/', 1)[0]!, refresh_token: this.#credentials.token, scope });
      if (service !== undefined) form.set('service', service);
      return { url, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() };
    }
    if (service !== undefined) url.searchParams.set('service', service);
    // Several scopes come in one parameter, divided by spaces.
    for (const part of scope.split(' ')) url.searchParams.append('scope', part);
    const basic = this.#basic();
    return { url, method: 'GET', headers: basic === undefined ? {} : { authorization: basic } };
  }

  /** A registry reached over TLS must not send the login in the clear elsewhere. */
  #realm(text: string | undefined, base: URL): URL {
    let realm: URL | undefined;
    try {
      realm = new URL(text ?? '');
    } catch {
      // Told below.
    }
    if (realm === undefined || (realm.protocol !== 'https:' && realm.protocol !== 'http:')) {
      throw new InputError('registry-token', `${this.#registry}: its challenge names no usable token endpoint ("${forDisplay(text ?? '')}")`);
    }
    if (base.protocol === 'https:' && realm.protocol !== 'https:') {
      throw new InputError('registry-token', `${this.#registry}: its token endpoint ${realm.host} is without TLS; the login was not sent`);
    }
    return realm;
  }
}

function tokenOf(bytes: Buffer): string | undefined {
  try {
    const reply: unknown = JSON.parse(bytes.toString('utf8'));
    if (reply === null || typeof reply !== 'object') return undefined;
    const fields = new Map<string, unknown>(Object.entries(reply));
    const token = fields.get('token') || fields.get('access_token');
    // Anything else would be refused as a header's value.
    return typeof token === 'string' && /^[\x21-\x7e]{1,65536}$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}
