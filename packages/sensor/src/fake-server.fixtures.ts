import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { enrol, heartbeat, message, report, type Message, type MessageBody, type Work } from '@plimsoll/model/api';

/** What the fake server does with a request: takes it, or fails before or after it has kept what it brings. */
export type Mood = 'well' | 'refuse-connection' | 'fail-before' | 'fail-after' | 'garbage' | 'revoked';

const NO_WORK: Work = { analyse: [], scanHost: false, snapshot: false, renew: false };

/** The server's side of the sensor protocol, in memory, strict about the shapes, and moody on request. */
export class FakeServer {
  /** Every message taken, in the order in which they were; each once, by epoch and number. */
  readonly messages: (Message & { epoch: string })[] = [];
  /** Messages that came again after they had been taken. */
  repeated = 0;
  readonly heartbeats: { analysing: string | null; features: string[] }[] = [];
  readonly enrolments: { machineId: string; name: string; token: string }[] = [];
  readonly acked = new Map<string, number>();
  work: Work = NO_WORK;
  credential = 'credential-1';
  token = 'token-1';
  mood: (path: string) => Mood = () => 'well';
  /** Bodies it does not take, by 422. */
  refuses: (body: MessageBody) => boolean = () => false;
  readonly problems: string[] = [];
  readonly #server: Server;
  #port = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        this.problems.push(String(error));
        response.destroy();
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', () => resolve()));
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** Goes away; `start` comes back at the same address. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Bodies of one kind, oldest first. */
  bodies<K extends MessageBody['kind']>(kind: K): Extract<MessageBody, { kind: K }>[] {
    return this.messages.map(({ body }) => body).filter((body): body is Extract<MessageBody, { kind: K }> => body.kind === kind);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = new URL(request.url ?? '', 'http://x').pathname.replace('/api/v1/sensor/', '');
    const body: unknown = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : undefined;
    const mood = this.mood(path);
    if (mood === 'refuse-connection') return void request.socket.destroy();
    if (mood === 'fail-before') return send(response, 503, { detail: 'not now' });
    if (mood === 'revoked') return send(response, 401, { detail: 'revoked' });
    const answer = this.#handle(path, body, request.headers.authorization);
    if (mood === 'fail-after') return void request.socket.destroy();
    if (mood === 'garbage') return void response.end('<html>');
    send(response, answer.status ?? 200, answer.body);
  }

  #handle(path: string, body: unknown, authorization: string | undefined): { status?: number; body: unknown } {
    const renewAfter = new Date(Date.now() + 86_400_000).toISOString();
    if (path === 'enrol') {
      const asked = enrol.parse(body);
      if (asked.token !== this.token) return { status: 403, body: { detail: 'this token does not work' } };
      this.enrolments.push(asked);
      return { body: { sensorId: '6a5d1f60-6f0c-4a3a-9d4e-1f5a0f6f0c01', hostId: '6a5d1f60-6f0c-4a3a-9d4e-1f5a0f6f0c02', credential: this.credential, renewAfter } };
    }
    if (authorization !== `Bearer ${this.credential}`) return { status: 401, body: { detail: 'unknown credential' } };
    switch (path) {
      case 'credential':
        this.credential += '+';
        return { body: { credential: this.credential, renewAfter } };
      case 'messages': {
        const { epoch, messages: given } = report.parse(body);
        // The server takes note of strange messages; a sensor must not send any.
        const messages = given.map((one) => message.parse(one));
        if (messages.some((one) => this.refuses(one.body))) return { status: 422, body: { detail: 'no such thing' } };
        let acked = this.acked.get(epoch) ?? 0;
        for (const one of messages) {
          if (one.seq <= acked) {
            this.repeated++;
            continue;
          }
          acked = one.seq;
          this.messages.push({ ...one, epoch });
        }
        this.acked.set(epoch, acked);
        return { body: { acked } };
      }
      case 'work': {
        this.heartbeats.push(heartbeat.parse(body));
        const work = this.work;
        this.work = NO_WORK;
        return { body: work };
      }
      default:
        return { status: 404, body: {} };
    }
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Waits until something is so; fails with the question after some seconds. */
export async function until(what: string, isSo: () => boolean, seconds = 20): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
