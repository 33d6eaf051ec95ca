import { createHash, type Hash } from 'node:crypto';
import { closeSync, createReadStream, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '@plimsoll/model';
import { writeAll } from './files.ts';

/** What a cached file is known by, kept beside it as `<file>.json`. */
interface Stamp {
  url: string;
  etag?: string;
  lastModified?: string;
  sha256?: string;
}

export interface DownloadProgress {
  /** Bytes of the file that are here. */
  received: number;
  /** Bytes of the whole file, where the server tells. */
  total?: number;
}

export interface DownloadOptions {
  fetch: typeof fetch;
  /** Value of the `authorization` header. */
  authorization?: string;
  onProgress?: (progress: DownloadProgress) => void;
  /** Try again after a connection that broke or a server that failed. */
  attempts?: number;
  /** Pause before the second try, doubled for each further one. */
  pauseMs?: number;
  /** Silence after which a connection counts as broken. */
  idleMs?: number;
}

export type DownloadResult = 'fetched' | 'unchanged' | 'absent';

/** The largest feed, the CVE list, is some 500 MB. */
const MAX_FEED_BYTES = 8 * 1024 * 1024 * 1024;

/** Worth another try: the same request may go through later. */
class Transient extends Error {}

/**
 * Brings `url` into `file`, unless the server says that what is there is still current.
 * A transfer that broke leaves `<file>.part`, and the next call fetches only the rest, if the server
 * still has the same version. `file` is replaced only by a whole one.
 *
 * Resolves to `absent` when the server has no such file (404, 410); rejects with `InputError`
 * `feed-unreachable` or `feed-refused` naming the address for anything else.
 */
export async function download(url: string, file: string, options: DownloadOptions): Promise<DownloadResult> {
  const { attempts = 3, pauseMs = 1000 } = options;
  mkdirSync(dirname(file), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryOnce(url, file, options);
    } catch (error) {
      if (error instanceof InputError) throw error;
      if (attempt >= attempts) throw new InputError('feed-unreachable', `${url}: ${reasonOf(error)}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, pauseMs * 2 ** (attempt - 1)));
    }
  }
}

/** Fetch says "fetch failed" and hides why in the cause. */
function reasonOf(error: unknown): string {
  const cause = (error as Error).cause;
  return cause instanceof Error && cause.message ? cause.message : (error as Error).message;
}

async function tryOnce(url: string, file: string, options: DownloadOptions): Promise<DownloadResult> {
  const part = `${file}.part`;
  const have = readStamp(file, url);
  const begun = readStamp(part, url);
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (options.authorization !== undefined) headers.authorization = options.authorization;
  let offset = 0;
  // If-Range takes only validators that promise the same bytes (RFC 9110, 13.1.5).
  const strong = begun?.etag?.startsWith('W/') ? undefined : begun?.etag;
  const validator = strong ?? begun?.lastModified;
  if (begun && validator !== undefined && statSync(part).size > 0) {
    offset = statSync(part).size;
    headers.range = `bytes=${offset}-`;
    headers['if-range'] = validator;
  } else if (have) {
    if (have.etag !== undefined) headers['if-none-match'] = have.etag;
    else if (have.lastModified !== undefined) headers['if-modified-since'] = have.lastModified;
  }
  const idle = new IdleTimer(options.idleMs ?? 60_000);
  try {
    const response = await options.fetch(url, { headers, redirect: 'follow', signal: idle.signal });
    idle.touch();
    const { status } = response;
    if (status === 200 || status === 206) {
      if (status === 200) offset = 0;
      else if (!startsAt(response, offset)) throw discard(part, 'the server sent another part than asked for');
      await receive(response, url, file, offset, idle, options.onProgress);
      return 'fetched';
    }
    await response.body?.cancel();
    if (status === 304 && have) return 'unchanged';
    if (status === 404 || status === 410) return 'absent';
    if (status === 416) throw discard(part, 'the server has less than is here');
    if (status === 408 || status === 429 || status >= 500) throw new Transient(`the server answered ${status}`);
    throw new InputError('feed-refused', `${url}: the server answered ${status}`);
  } finally {
    idle.stop();
  }
}

function discard(part: string, why: string): Transient {
  rmSync(part, { force: true });
  rmSync(`${part}.json`, { force: true });
  return new Transient(why);
}

function startsAt(response: Response, offset: number): boolean {
  return new RegExp(`^bytes ${offset}-\\d+/`).test(response.headers.get('content-range') ?? '');
}

/** Writes the body to the part file, and that over the file when it is whole. */
async function receive(
  response: Response,
  url: string,
  file: string,
  offset: number,
  idle: IdleTimer,
  onProgress: DownloadOptions['onProgress'],
): Promise<void> {
  const part = `${file}.part`;
  const length = response.headers.get('content-length');
  // A body that was compressed all the same arrives longer than the header says.
  const plain = !response.headers.has('content-encoding');
  const total = plain && length !== null && /^\d{1,15}$/.test(length) ? offset + Number(length) : undefined;
  if ((total ?? 0) > MAX_FEED_BYTES) throw new InputError('feed-refused', `${url}: ${total} bytes are too many`);
  const etag = response.headers.get('etag');
  const lastModified = response.headers.get('last-modified');
  const stamp: Stamp = { url, ...(etag !== null && { etag }), ...(lastModified !== null && { lastModified }) };
  const hash = createHash('sha256');
  if (offset > 0) await hashFile(part, hash);
  else rmSync(part, { force: true });
  writeFileSync(`${part}.json`, JSON.stringify(stamp));
  const fd = openSync(part, 'a');
  let received = offset;
  try {
    onProgress?.({ received, ...(total !== undefined && { total }) });
    for await (const chunk of response.body ?? []) {
      idle.touch();
      const data = chunk as Uint8Array;
      received += data.length;
      if (received > MAX_FEED_BYTES) throw new InputError('feed-refused', `${url}: more than ${MAX_FEED_BYTES} bytes`);
      writeAll(fd, data);
      hash.update(data);
      onProgress?.({ received, ...(total !== undefined && { total }) });
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  if (total !== undefined && received !== total) throw new Transient(`it ended after ${received} of ${total} bytes`);
  renameSync(part, file);
  writeFileSync(`${file}.json`, JSON.stringify({ ...stamp, sha256: hash.digest('hex') }));
  rmSync(`${part}.json`, { force: true });
}

async function hashFile(file: string, hash: Hash): Promise<void> {
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
}

/** The stamp of a file that is there and came from that address. */
function readStamp(file: string, url: string): Stamp | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const stamp = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Partial<Stamp>;
    return stamp.url === url ? (stamp as Stamp) : undefined;
  } catch {
    return undefined;
  }
}

/** Removes a cached file, so that the next download brings it anew. */
export function forget(file: string): void {
  rmSync(`${file}.json`, { force: true });
  rmSync(file, { force: true });
}

/** Aborts when nothing was received for a while. */
class IdleTimer {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.timer = setTimeout(() => this.controller.abort(new Transient(`nothing received for ${Math.round(ms / 1000)} s`)), ms);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  touch(): void {
    this.timer.refresh();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
