import { InputError } from '@plimsoll/model';
import { errorText, type HttpReply } from './transport.ts';

export interface ResumingBodyOptions {
  label: string;
  /** Sends the request anew, from the registry on: the address it redirects to may have run out. */
  open(headers: Record<string, string>): Promise<HttpReply>;
  /** The reply to the first request. */
  first: HttpReply;
  /** Bytes the blob must have. */
  expectedSize?: number | undefined;
  isPassing(error: unknown): boolean;
  wait(attempt: number): Promise<unknown>;
}

/** Attempts in a row that bring no byte. */
const MOST_FRUITLESS = 5;
/** Attempts in all, so that a registry that sends byte by byte does not keep us for ever. */
const MOST_RESUMES = 50;

/** The body of a blob; takes up a broken download by `Range` where it broke. Can be read once. */
export class ResumingBody implements AsyncIterable<Buffer> {
  /** Bytes, where known. */
  readonly size: number | undefined;
  readonly #options: ResumingBodyOptions;

  constructor(options: ResumingBodyOptions) {
    this.#options = options;
    const length = options.first.headers['content-length'];
    this.size = options.expectedSize ?? (length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const { label, first, isPassing, wait } = this.#options;
    const limit = this.size;
    let position = 0;
    let skip = 0;
    let reply = first;
    let fruitless = 0;
    for (let resumes = 0; ; resumes++) {
      const before = position;
      let broken: unknown;
      try {
        for await (let chunk of reply.body) {
          if (skip > 0) {
            const skipped = Math.min(skip, chunk.length);
            skip -= skipped;
            chunk = chunk.subarray(skipped);
            if (chunk.length === 0) continue;
          }
          position += chunk.length;
          if (limit !== undefined && position > limit) throw new InputError('blob-too-large', `${label}: the registry sends more than the ${limit} bytes it should have`);
          yield chunk;
        }
        if (this.size === undefined || position >= this.size) return;
        broken = new Error(`it ended after ${position} of ${this.size} bytes`);
      } catch (error) {
        if (error instanceof InputError || !isPassing(error)) throw this.#failure(error, position);
        broken = error;
      }
      fruitless = position > before ? 0 : fruitless + 1;
      if (fruitless >= MOST_FRUITLESS || resumes >= MOST_RESUMES) throw this.#failure(broken, position);
      await wait(fruitless + 1);
      ({ reply, skip } = await this.#resume(position));
    }
  }

  async #resume(position: number): Promise<{ reply: HttpReply; skip: number }> {
    if (position === 0) return { reply: await this.#options.open({}), skip: 0 };
    const reply = await this.#options.open({ range: `bytes=${position}-` });
    // Servers without ranges send all from the start.
    if (reply.status === 200) return { reply, skip: position };
    if (new RegExp(`^bytes ${position}-`).test(reply.headers['content-range'] ?? '')) return { reply, skip: 0 };
    reply.discard();
    throw this.#failure(new Error('the registry sent another range than asked for'), position);
  }

  #failure(error: unknown, position: number): Error {
    if (error instanceof InputError || (error instanceof Error && error.name === 'AbortError')) return error;
    return new InputError('download-broken', `${this.#options.label}: the download broke after ${position} bytes: ${errorText(error)}; try again`, { cause: error });
  }
}
