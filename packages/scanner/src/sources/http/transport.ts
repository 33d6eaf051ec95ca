import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from 'node:http';

/**
 * One HTTP exchange over node:http(s). Not the built-in fetch, because that unpacks `Content-Encoding`,
 * which would break digests, and can neither speak over a socket file nor accept unverified certificates.
 */
export interface Exchange {
  /** For messages and errors. */
  url: URL;
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: string;
  /** Unix socket or named pipe to connect to instead of the URL's host. */
  socketPath?: string | undefined;
  tls?: { rejectUnauthorized?: boolean; ca?: Buffer; cert?: Buffer; key?: Buffer } | undefined;
  /** Milliseconds without a byte after which the other side counts as gone. */
  idleTimeout: number;
  signal?: AbortSignal | undefined;
}

export interface HttpReply {
  url: URL;
  status: number;
  headers: IncomingHttpHeaders;
  /** The body as it comes; to be read to its end or given up with `discard`. */
  body: AsyncIterable<Buffer>;
  discard(): void;
}

/** The other side stopped sending. */
export class IdleError extends Error {
  override name = 'IdleError';
  readonly code = 'IDLE';
}

/** Sends a request and returns once the status and headers are there. Errors are Node's own, or `IdleError`. */
export async function exchange(options: Exchange): Promise<HttpReply> {
  const { url, method = 'GET', headers = {}, body, socketPath, tls, idleTimeout, signal } = options;
  const secure = url.protocol === 'https:' && socketPath === undefined;
  // TLS is loaded only when it is used, to keep the start of the program short.
  const request = secure ? (await import('node:https')).request : httpRequest;
  const requestOptions: RequestOptions = {
    method,
    path: url.pathname + url.search,
    headers: { host: url.host, 'accept-encoding': 'identity', ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) },
    ...(socketPath === undefined ? { hostname: url.hostname.replace(/^\[|\]$/g, ''), port: url.port || (secure ? 443 : 80) } : { socketPath }),
    ...(signal === undefined ? {} : { signal }),
    ...(secure ? tls : {}),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(requestOptions);
    const timer = setTimeout(() => outgoing.destroy(new IdleError(`no answer within ${seconds(idleTimeout)}`)), idleTimeout);
    outgoing.once('response', (incoming) => {
      clearTimeout(timer);
      resolve(incoming);
    });
    outgoing.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.end(body);
  });
  return {
    url,
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: watched(response, idleTimeout),
    discard: () => response.destroy(),
  };
}

/** Ends with `IdleError` when a chunk is waited for too long; time that the reader takes does not count. */
async function* watched(response: IncomingMessage, idleTimeout: number): AsyncGenerator<Buffer> {
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const timer = setTimeout(() => response.destroy(new IdleError(`nothing came for ${seconds(idleTimeout)}`)), idleTimeout);
      let next: IteratorResult<Buffer>;
      try {
        next = await chunks.next();
      } finally {
        clearTimeout(timer);
      }
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    response.destroy();
  }
}

/**
 * Reads a body that should be small.
 * @returns undefined when it is larger than `limit` bytes; what came is then thrown away
 */
export async function readSmall(reply: HttpReply, limit: number): Promise<Buffer | undefined> {
  if (Number(reply.headers['content-length'] ?? 0) > limit) {
    reply.discard();
    return undefined;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of reply.body) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** Node's error code of a failed exchange: `ECONNREFUSED`, `ENOTFOUND`, `IDLE`…; of the first attempt where several addresses were tried. */
export function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  if (error !== null && typeof error === 'object' && 'code' in error && typeof error.code === 'string') return error.code;
  return '';
}

export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorText(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}
