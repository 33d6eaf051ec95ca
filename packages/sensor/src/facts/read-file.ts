import { open } from 'node:fs/promises';

/** Reads a small file, the first `limit` bytes of it; undefined when it cannot be read. */
export async function readSmallFile(path: string, limit = 64 * 1024): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(limit);
      let length = 0;
      // Files of /proc and /sys have no size to go by.
      for (;;) {
        const { bytesRead } = await file.read(buffer, length, limit - length, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return buffer.toString('utf8', 0, length);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
