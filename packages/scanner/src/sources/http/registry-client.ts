import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { InputError } from '@plimsoll/model';
import type { RegistryCredentials } from './docker-config.ts';
import { DEFAULT_REGISTRY, forDisplay, isDigest, isTag } from './reference.ts';
import { RegistryAuth, type TokenRequest } from './registry-auth.ts';
import { ResumingBody } from './resuming-body.ts';
import { errorCode, errorText, exchange, readSmall, type HttpReply } from './transport.ts';

export interface RegistryClientOptions {
  /** Host and port, `docker.io` for Docker Hub. */
  registry: string;
  credentials?: RegistryCredentials | undefined;
  /** Accept plain HTTP and unverified certificates. Always so for this machine itself, as Docker does. */
  insecure?: boolean | undefined;
  userAgent: string;
  /** Milliseconds without a byte before a connection counts as broken. Default 60 s. */
  idleTimeout?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Waits; replaced in tests. */
  sleep?: ((milliseconds: number) => Promise<unknown>) | undefined;
}

export interface Manifest {
  bytes: Buffer;
  /** As the registry says; the manifest's own `mediaType` may say more. */
  mediaType: string;
  /** Digest of the bytes. */
  digest: string;
}

export interface Blob {
  /** The bytes. They are not verified here: whoever reads a layer hashes it anyway. */
  stream: AsyncIterable<Buffer>;
  /** Bytes, where the registry says. */
  size?: number;
}

/** What a request is about, for messages. */
interface Target {
  repository: string;
  /** `/v2/<repository>/manifests/latest` */
  path: string;
  /** `docker.io/library/alpine:latest` */
  label: string;
}

/** Registries may refuse manifests above this size, so none that works is larger (distribution spec). */
export const MAX_MANIFEST = 4 * 1024 * 1024;

export const MANIFEST_TYPES: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

const MOST_ATTEMPTS = 5;
const MOST_REDIRECTS = 5;
/** A registry that asks for a longer wait is not waited for. */
const LONGEST_WAIT = 60_000;
const LARGEST_ERROR = 64 * 1024;

/** Errors after which the same request may well succeed. */
const PASSING = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENETRESET', 'ENETUNREACH', 'EHOSTUNREACH', 'IDLE', 'HPE_INVALID_EOF_STATE']);
/** What comes of TLS to a port that speaks plain HTTP, or to none at all. */
const NO_TLS = new Set(['EPROTO', 'ECONNREFUSED', 'ECONNRESET', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST']);

/**
 * Pulls from a registry over the Docker Registry HTTP API v2, which is the OCI distribution API.
 * Every failure is an `InputError` that names the image; passing ones are tried again first.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export class RegistryClient {
  readonly #options: RegistryClientOptions;
  readonly #auth: RegistryAuth;
  readonly #host: string;
  readonly #lenient: boolean;
  /** Where the registry answers; known after the first request. */
  #base: URL | undefined;

  constructor(options: RegistryClientOptions) {
    this.#options = options;
    this.#host = options.registry === DEFAULT_REGISTRY ? 'registry-1.docker.io' : options.registry;
    this.#lenient = options.insecure === true || isThisMachine(this.#host);
    this.#auth = new RegistryAuth(options.registry, options.credentials, options.userAgent, (request) => this.#sendForToken(request));
  }

  /**
   * Fetches a manifest or index and verifies it against the digest it was asked by, or that the
   * registry names.
   * @param reference a tag or a digest
   * @throws InputError `image-not-found`, `registry-unauthorized`, `digest-mismatch`, `manifest-too-large`…
   */
  async manifest(repository: string, reference: string, accept: readonly string[] = MANIFEST_TYPES): Promise<Manifest> {
    const separator = isDigest(reference) ? '@' : ':';
    const label = `${this.#options.registry}/${forDisplay(repository + separator + reference)}`;
    // References also come from indexes, which are the registry's word: they must not lead elsewhere.
    if (!isDigest(reference) && !isTag(reference)) throw new InputError('reference-invalid', `${label}: neither a tag nor a digest`);
    const target = { repository, path: `/v2/${repository}/manifests/${reference}`, label };
    for (let attempt = 1; ; attempt++) {
      const reply = await this.#get(target, { accept: accept.join(', ') });
      let bytes: Buffer | undefined;
      try {
        bytes = await readSmall(reply, MAX_MANIFEST);
      } catch (error) {
        if (attempt >= MOST_ATTEMPTS || !PASSING.has(errorCode(error))) throw unreachable(label, error);
        await this.#sleep(backOff(attempt));
        continue;
      }
      if (bytes === undefined) throw new InputError('manifest-too-large', `${label}: its manifest is larger than ${MAX_MANIFEST} bytes; it was not read`);
      return { bytes, mediaType: mediaTypeOf(reply), digest: verifiedDigest(bytes, reference, reply, label) };
    }
  }

  /**
   * Opens a blob. A connection that breaks is taken up again where it broke.
   * @param size bytes as the manifest says: a shorter blob counts as broken, a longer one is refused
   * @throws InputError when it cannot be opened; the stream throws one when it breaks for good
   */
  async blob(repository: string, digest: string, size?: number): Promise<Blob> {
    const label = `${this.#options.registry}/${forDisplay(`${repository}@${digest}`)}`;
    if (!isDigest(digest)) throw new InputError('reference-invalid', `${label}: not a digest`);
    const target = { repository, path: `/v2/${repository}/blobs/${digest}`, label };
    const open = (headers: Record<string, string>): Promise<HttpReply> => this.#get(target, headers);
    const body = new ResumingBody({
      label,
      open,
      expectedSize: size,
      first: await open({}),
      isPassing: (error) => PASSING.has(errorCode(error)),
      wait: (attempt) => this.#sleep(backOff(attempt)),
    });
    return { stream: body, ...(body.size === undefined ? {} : { size: body.size }) };
  }

  /** Fetches a small blob, such as an image config, and verifies its digest. */
  async smallBlob(repository: string, digest: string, limit = MAX_MANIFEST): Promise<Buffer> {
    const { stream, size } = await this.blob(repository, digest);
    const label = `${this.#options.registry}/${forDisplay(`${repository}@${digest}`)}`;
    const tooLarge = (): InputError => new InputError('blob-too-large', `${label} is larger than ${limit} bytes; it was not read`);
    if (size !== undefined && size > limit) throw tooLarge();
    const chunks: Buffer[] = [];
    let read = 0;
    for await (const chunk of stream) {
      read += chunk.length;
      if (read > limit) throw tooLarge();
      chunks.push(chunk);
    }
    const bytes = Buffer.concat(chunks, read);
    if (hashOf(bytes, digest) !== digest) throw mismatch(label, digest, bytes);
    return bytes;
  }

  /** A GET that ends in 200 or 206, or throws. Knows about logins. */
  async #get(target: Target, headers: Record<string, string>): Promise<HttpReply> {
    const base = await this.#findBase(target);
    const url = new URL(target.path, base);
    for (let challenged = 0; ; challenged++) {
      const authorization = this.#auth.headerFor(target.repository);
      const reply = await this.#follow(url, 'GET', { ...headers, ...(authorization === undefined ? {} : { authorization }) }, undefined, target.label);
      if (reply.status === 200 || reply.status === 206) return reply;
      // A token may run out between two layers: each request may be challenged anew, but only once.
      if (reply.status === 401 && challenged === 0 && (await this.#auth.answer(target.repository, reply, base))) {
        reply.discard();
        continue;
      }
      throw await this.#refusal(reply, target);
    }
  }

  /**
   * Docker's way: HTTPS first; on this machine and where `insecure` is set also plain HTTP.
   */
  async #findBase(target: Target): Promise<URL> {
    if (this.#base !== undefined) return this.#base;
    const secure = new URL(`https://${this.#host}`);
    if (!this.#lenient) return (this.#base = secure);
    try {
      const reply = await this.#exchange(new URL('/v2/', secure), 'GET', {}, undefined);
      reply.discard();
      return (this.#base = secure);
    } catch (error) {
      if (!NO_TLS.has(errorCode(error))) throw unreachable(target.label, error);
    }
    return (this.#base = new URL(`http://${this.#host}`));
  }

  async #sendForToken({ url, method, headers, body }: TokenRequest): Promise<HttpReply> {
    return this.#follow(url, method, headers, body, `${this.#options.registry} (login at ${url.host})`);
  }

  /** Follows redirects. `Authorization` goes only to the origin it is meant for, and never again once left. */
  async #follow(from: URL, method: 'GET' | 'POST', headers: Record<string, string>, body: string | undefined, label: string): Promise<HttpReply> {
    let url = from;
    let sent = headers;
    for (let redirects = 0; ; redirects++) {
      const reply = await this.#persist(url, method, sent, body, label);
      const location = reply.headers.location;
      if (![301, 302, 303, 307, 308].includes(reply.status) || location === undefined) return reply;
      reply.discard();
      if (redirects === MOST_REDIRECTS || method !== 'GET') throw new InputError('registry-redirect', `${label}: redirected too often, at last by ${url.host}`);
      const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (next === undefined || (next.protocol !== 'https:' && (next.protocol !== 'http:' || (url.protocol === 'https:' && !this.#lenient)))) {
        throw new InputError('registry-redirect', `${label}: ${url.host} redirects to "${forDisplay(location.slice(0, 100))}", which is not followed`);
      }
      if (next.origin !== url.origin) {
        const { authorization: _kept, ...others } = sent;
        sent = others;
      }
      url = next;
    }
  }

  /** Tries again after passing errors, 429 and 5xx, with growing waits or those the registry asks for. */
  async #persist(url: URL, method: 'GET' | 'POST', headers: Record<string, string>, body: string | undefined, label: string): Promise<HttpReply> {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt === MOST_ATTEMPTS;
      let reply: HttpReply;
      try {
        reply = await this.#exchange(url, method, headers, body);
      } catch (error) {
        if (isLast || !PASSING.has(errorCode(error))) throw unreachable(label, error);
        await this.#sleep(backOff(attempt));
        continue;
      }
      if (isLast || (reply.status !== 429 && (reply.status < 500 || reply.status === 501))) return reply;
      const wait = retryAfter(reply) ?? backOff(attempt);
      if (wait > LONGEST_WAIT) return reply;
      reply.discard();
      await this.#sleep(wait);
    }
  }

  #exchange(url: URL, method: 'GET' | 'POST', headers: Record<string, string>, body: string | undefined): Promise<HttpReply> {
    const { userAgent, idleTimeout = 60_000, signal } = this.#options;
    return exchange({
      url,
      method,
      headers: { 'user-agent': userAgent, ...headers },
      ...(body === undefined ? {} : { body }),
      tls: this.#lenient ? { rejectUnauthorized: false } : undefined,
      idleTimeout,
      signal,
    });
  }

  #sleep(milliseconds: number): Promise<unknown> {
    const { sleep, signal } = this.#options;
    return sleep === undefined ? delay(milliseconds, undefined, signal === undefined ? {} : { signal }) : sleep(milliseconds);
  }

  async #refusal(reply: HttpReply, { label }: Target): Promise<InputError> {
    const { status } = reply;
    const { registry } = this.#options;
    const said = await whatItSays(reply);
    const login = this.#auth.hasCredentials ? `the stored login does not allow it` : `log in with "docker login ${registry}"`;
    if (status === 404) return new InputError('image-not-found', `${label} is not in the registry${said}`);
    if (status === 401) return new InputError('registry-unauthorized', `${label} does not exist or needs a login; ${login}${said}`);
    if (status === 403) return new InputError('registry-denied', `${label}: access denied; ${login}${said}`);
    if (status === 429) {
      const wait = retryAfter(reply);
      const when = wait === undefined ? 'later' : `in ${Math.ceil(wait / 1000)} s`;
      return new InputError('registry-rate-limited', `${label}: ${registry} limits the number of requests; try again ${when} or log in${said}`);
    }
    return new InputError('registry-error', `${label}: ${registry} answered ${status}${said}`);
  }
}

/** Loopback names and addresses, for which Docker allows plain HTTP. */
function isThisMachine(host: string): boolean {
  return /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d+)?$/i.test(host);
}

/** 0.5, 1, 2, 4… seconds up to 10, less up to a quarter, so that many clients do not come back at once. */
function backOff(attempt: number): number {
  return Math.min(500 * 2 ** (attempt - 1), 10_000) * (1 - Math.random() / 4);
}

/** Milliseconds of `Retry-After`, which is a number of seconds or a date. */
function retryAfter(reply: HttpReply): number | undefined {
  const value = reply.headers['retry-after'];
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function mediaTypeOf(reply: HttpReply): string {
  return (reply.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

function hashOf(bytes: Buffer, like: string): string {
  const algorithm = like.startsWith('sha512:') ? 'sha512' : 'sha256';
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

function verifiedDigest(bytes: Buffer, reference: string, reply: HttpReply, label: string): string {
  const header = String(reply.headers['docker-content-digest'] ?? '');
  const expected = isDigest(reference) ? reference : isDigest(header) ? header : undefined;
  const actual = hashOf(bytes, expected ?? 'sha256:');
  if (expected !== undefined && expected !== actual) throw mismatch(label, expected, bytes);
  return actual;
}

function mismatch(label: string, expected: string, bytes: Buffer): InputError {
  return new InputError('digest-mismatch', `${label}: the registry sent other content than named: expected ${expected}, got ${hashOf(bytes, expected)}`);
}

const NETWORK_ADVICE = new Map([
  ['ENOTFOUND', 'its name is not known; check the reference and the network'],
  ['ECONNREFUSED', 'nothing answers there; check the reference and the port'],
  ['EPROTO', 'it does not speak TLS; --insecure allows plain HTTP'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed; set NODE_EXTRA_CA_CERTS to its authority or use --insecure'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is self-signed; set NODE_EXTRA_CA_CERTS to its authority or use --insecure'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate cannot be verified; set NODE_EXTRA_CA_CERTS to its authority or use --insecure'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its certificate cannot be verified; set NODE_EXTRA_CA_CERTS to its authority or use --insecure'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
]);

function unreachable(label: string, error: unknown): Error {
  if (error instanceof InputError || (error instanceof Error && error.name === 'AbortError')) return error;
  const why = NETWORK_ADVICE.get(errorCode(error)) ?? errorText(error);
  return new InputError('registry-unreachable', `${label}: the registry cannot be reached: ${why}`, { cause: error });
}

/** The registry's own words, shortened: `{"errors": [{"code": "…", "message": "…"}]}`. */
async function whatItSays(reply: HttpReply): Promise<string> {
  try {
    const bytes = await readSmall(reply, LARGEST_ERROR);
    const body: unknown = JSON.parse(bytes?.toString('utf8') ?? '');
    const errors = body !== null && typeof body === 'object' && 'errors' in body ? body.errors : undefined;
    const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
    if (first === null || typeof first !== 'object') return '';
    const message = 'message' in first && typeof first.message === 'string' ? first.message : undefined;
    return message === undefined || message === '' ? '' : ` (it says: ${forDisplay(message)})`;
  } catch {
    return '';
  }
}
