import type { FileHandle } from 'node:fs/promises';

const CHUNK = 1 << 20;

/**
 * Reads a part of a file, in chunks of up to 1 MiB. Two buffers take turns: the next read runs while
 * the last chunk is worked on, and a chunk is valid until the one after the next is asked for.
 */
export async function* fileRange(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  const buffers = [Buffer.allocUnsafe(Math.min(CHUNK, end - start)), Buffer.allocUnsafe(Math.min(CHUNK, end - start))] as const;
  let at = start;
  let turn = 0;
  const read = () => {
    const buffer = buffers[turn as 0 | 1];
    turn ^= 1;
    return file.read(buffer, 0, Math.min(buffer.length, end - at), at);
  };
  let pending = at < end ? read() : undefined;
  try {
    while (pending) {
      const { bytesRead, buffer } = await pending;
      pending = undefined;
      if (bytesRead === 0) return;
      at += bytesRead;
      if (at < end) pending = read();
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    // The file may be closed by the caller now: no read may be under way.
    await pending?.catch(() => undefined);
  }
}
