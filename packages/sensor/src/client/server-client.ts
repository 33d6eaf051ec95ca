import { InputError } from '@plimsoll/model';
import { enrolled, renewed, reported, ROUTES, work, type Enrolled, type Message, type RouteName, type Work } from '@plimsoll/model/api';
import { errorText, exchange, readSmall } from '@plimsoll/scanner';
import type { z } from 'zod';

export interface ServerClientOptions {
  /** Address of the server, with the path below which it lies behind a proxy. */
  server: string;
  /** Certificate authorities in PEM. */
  ca?: Buffer | undefined;
  version: string;
  /** The credential of the moment. */
  credential: () => string | undefined;
}

/** The server was not reached, or cannot take the request now; it is worth another try. */
export class ServerAway extends Error {
  override name = 'ServerAway';
  /** Milliseconds the server asks to wait. */
  readonly retryAfter: number;
  constructor(message: string, retryAfter = 0, options?: { cause?: unknown }) {
    super(message, options);
    this.retryAfter = retryAfter;
  }
}

/** The server understood and refuses; the same request would be refused again. */
export class ServerRefuses extends Error {
  override name = 'ServerRefuses';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const LARGEST_ANSWER = 4 * 1024 * 1024;
const ANSWER_TIMEOUT = 60_000;

/** The server as a sensor sees it. Errors: `ServerAway`, `ServerRefuses`, or InputError `sensor-revoked`. */
export class ServerClient {
  readonly #options: ServerClientOptions;
  readonly #base: string;

  /** @throws InputError `server-address` */
  constructor(options: ServerClientOptions) {
    this.#options = options;
    const url = URL.canParse(options.server) ? new URL(options.server) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash) {
      throw new InputError('server-address', `--server ${url?.username ? '' : `${JSON.stringify(options.server.slice(0, 200))} `}is no address of a server, without user and query; write https://plimsoll.example.org`);
    }
    this.#base = url.href.replace(/\/+$/, '');
  }

  enrol(body: { token: string; machineId: string; name: string; version: string }, signal: AbortSignal): Promise<Enrolled> {
    return this.#ask('sensorEnrol', enrolled, body, signal);
  }

  renew(signal: AbortSignal): Promise<z.infer<typeof renewed>> {
    return this.#ask('sensorRenew', renewed, undefined, signal);
  }

  /** Brings messages. @returns the highest number that the server has of the epoch */
  async report(epoch: string, messages: readonly Message[], signal: AbortSignal): Promise<number> {
    return (await this.#ask('sensorReport', reported, { epoch, messages }, signal)).acked;
  }

  /** Says that the sensor lives, and gets work, waiting for it up to so many seconds. */
  work(heartbeat: Record<string, unknown>, wait: number, signal: AbortSignal): Promise<Work> {
    return this.#ask('sensorWork', work, heartbeat, signal, `?wait=${wait}`, ANSWER_TIMEOUT + wait * 1000);
  }

  async #ask<T>(route: RouteName, shape: z.ZodType<T>, body: unknown, signal: AbortSignal, query = '', idleTimeout = ANSWER_TIMEOUT): Promise<T> {
    const { method, path } = ROUTES[route] as { method: 'POST'; path: string };
    const credential = route === 'sensorEnrol' ? undefined : this.#options.credential();
    let status: number;
    let retryAfter = 0;
    let bytes: Buffer | undefined;
    try {
      const reply = await exchange({
        url: new URL(this.#base + path + query),
        method,
        headers: {
          'user-agent': `plimsoll-sensor/${this.#options.version}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
        },
        body: body === undefined ? '' : JSON.stringify(body),
        idleTimeout,
        signal,
        ...(this.#options.ca ? { tls: { ca: this.#options.ca } } : {}),
      });
      status = reply.status;
      retryAfter = Number(reply.headers['retry-after']) * 1000 || 0;
      bytes = await readSmall(reply, LARGEST_ANSWER);
    } catch (error) {
      if (signal.aborted) throw error;
      throw new ServerAway(`the server at ${this.#base} does not answer: ${errorText(error)}`, 0, { cause: error });
    }
    const value = parsed(bytes);
    if (status === 200 || status === 201) {
      const answer = shape.safeParse(value);
      if (answer.success) return answer.data;
      throw new ServerAway(`${this.#base} answered ${path} with something else than expected; is it a Plimsoll server of this release, and is there a proxy before it?`);
    }
    const said = detailOf(value);
    if (status === 401 && route !== 'sensorEnrol') {
      throw new InputError('sensor-revoked', `the server at ${this.#base} no longer accepts this sensor: its credential was revoked${said === '' ? '' : ` (${said})`}; make a new enrolment token in the console under Configuration → Sensors and start the sensor with --token`);
    }
    if (status === 408 || status === 425 || status === 429 || status >= 500 || status < 400) {
      throw new ServerAway(`the server at ${this.#base} answered ${status}${said === '' ? '' : `: ${said}`}`, retryAfter);
    }
    throw new ServerRefuses(status, `the server at ${this.#base} answered ${status}${said === '' ? '' : `: ${said}`}`);
  }
}

function parsed(bytes: Buffer | undefined): unknown {
  try {
    return JSON.parse(bytes?.toString('utf8') ?? '');
  } catch {
    return undefined;
  }
}

/** What a refusal says, on one line. */
function detailOf(value: unknown): string {
  const detail = value !== null && typeof value === 'object' && 'detail' in value ? value.detail : undefined;
   
  return typeof detail === 'string' ? detail.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 500) : '';
}
