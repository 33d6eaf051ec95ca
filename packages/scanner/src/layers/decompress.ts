import { InputError } from '@plimsoll/model';
import * as zlib from 'node:zlib';
import { MAX_MOVED, ZstdFrames } from './zstd-frames.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/** Chunk of decompressed output. Larger ones save calls, smaller ones memory. */
const OUTPUT_CHUNK = 256 << 10;
/**
 * What counts as a bomb: this much output, at a ratio that no real content reaches over such a length
 * (deflate's own limit is 1,032 to 1).
 */
const BOMB_OUTPUT = 1 << 30;
const BOMB_RATIO = 300;

/** Recognises a compression by its first bytes (RFC 1952 and RFC 8878 magic numbers). */
export function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  // Parallel compressors start with a skippable frame, whose magic number leaves four bits free.
  if ((head[0]! & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18) return 'zstd';
  return 'none';
}

const ZSTD_STEP = 1 << 10;

/** Guards a decompressed stream against bombs by the ratio of what came out to what went in. */
async function* guarded(output: AsyncIterable<Buffer>, consumed: () => number): AsyncGenerator<Buffer> {
  let produced = 0;
  for await (const chunk of output) {
    produced += chunk.length;
    if (produced > BOMB_OUTPUT && produced > consumed() * BOMB_RATIO) {
      throw new InputError(
        'decompression-bomb',
        `${consumed()} compressed bytes expand to more than ${produced}: this looks like a decompression bomb`,
      );
    }
    yield chunk;
  }
}

async function* watched(input: AsyncIterable<Buffer>, watch: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of input) {
    watch(chunk);
    yield chunk;
  }
}

/** Decompresses by the magic number; what has none is passed on as it is. */
export async function* decompress(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { head, rest } = await peek(input, 4);
  const kind = compressionOf(head);
  if (kind === 'none') {
    yield* rest;
    return;
  }
  let consumed = 0;
  const frames = new ZstdFrames(nativeZstd ? Number.POSITIVE_INFINITY : MAX_MOVED);
  const source = watched(rest, (chunk) => {
    consumed += chunk.length;
    if (kind === 'zstd') frames.push(chunk);
  });
  const output = kind === 'gzip' ? gunzip(source) : unzstd(source);
  yield* guarded(output, () => consumed);
}

async function* gunzip(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* throughZlib(input, zlib.createGunzip({ chunkSize: OUTPUT_CHUNK }), 'gzip');
}

async function* throughZlib(
  input: AsyncIterable<Buffer>,
  transform: NodeJS.ReadWriteStream & { destroy(error?: Error): unknown },
  name: string,
): AsyncGenerator<Buffer> {
  let sourceError: unknown;
  // Chunk by chunk, each only when the last was used up: sources may use their buffers again.
  const pump = async () => {
    try {
      for await (const chunk of input) {
        await new Promise<void>((resolve, reject) => {
          const failed = (error: Error) => reject(error);
          transform.once('error', failed);
          transform.write(chunk, () => {
            transform.off('error', failed);
            resolve();
          });
        });
        if (done) return;
      }
      transform.end();
    } catch (error) {
      sourceError = error;
      transform.destroy(error as Error);
    }
  };
  let done = false;
  const pumping = pump();
  try {
    for await (const chunk of transform as unknown as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    if (sourceError instanceof InputError) throw sourceError;
    throw new InputError('layer-corrupt', `the ${name} stream is corrupt or cut off: ${(error as Error).message}`, { cause: error });
  } finally {
    done = true;
    transform.destroy();
    await pumping;
  }
}

interface ZstdCapableZlib {
  createZstdDecompress?: (options: { chunkSize: number }) => NodeJS.ReadWriteStream & { destroy(error?: Error): unknown };
}

/** Node before 22.15 has no zstd of its own. */
const nativeZstd = (zlib as ZstdCapableZlib).createZstdDecompress;

async function* unzstd(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (nativeZstd) {
    yield* throughZlib(input, nativeZstd({ chunkSize: OUTPUT_CHUNK }), 'zstd');
    return;
  }
  const { Decompress } = await import('fzstd');
  let ready: Buffer[] = [];
  let ended = false;
  const stream = new Decompress((chunk, last) => {
    // The library uses its window again: the bytes are copied before it goes on.
    ready.push(Buffer.from(chunk));
    ended ||= last ?? false;
  });
  try {
    for await (const chunk of input) {
      // Small steps bound what one call can expand to: four bytes make a block of 128 KiB at most, so 32 MiB a step.
      for (let at = 0; at < chunk.length; at += ZSTD_STEP) {
        // A copy, for it keeps what it could not use yet, while sources use their buffers again.
        stream.push(Buffer.from(chunk.subarray(at, at + ZSTD_STEP)));
        yield* ready;
        ready = [];
      }
    }
    stream.push(new Uint8Array(0), true);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError('layer-corrupt', `the zstd stream is corrupt or cut off: ${(error as Error).message}`, { cause: error });
  }
  yield* ready;
  if (!ended) throw new InputError('layer-corrupt', 'the zstd stream is cut off');
}

/** The first `length` bytes (fewer when the stream is shorter), and the whole stream from its start. */
export async function peek(
  input: AsyncIterable<Buffer>,
  length: number,
): Promise<{ head: Buffer; rest: AsyncIterable<Buffer> }> {
  const iterator = input[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let size = 0;
  while (size < length) {
    const next = await iterator.next();
    if (next.done) break;
    // Sources may use their buffer again for the next chunk: what is kept across a call is copied when more than one is needed.
    chunks.push(size + next.value.length < length ? Buffer.from(next.value) : next.value);
    size += next.value.length;
  }
  const first = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  async function* rest(): AsyncGenerator<Buffer> {
    try {
      if (first.length > 0) yield first;
      for (;;) {
        const next = await iterator.next();
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { head: first.subarray(0, length), rest: rest() };
}
