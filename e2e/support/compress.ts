import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { findProgram } from './needs.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/** Compresses a layer. zstd comes from the zstd program where it is on PATH, otherwise as stored blocks. */
export function compress(bytes: Buffer, kind: Compression): Buffer {
  switch (kind) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(bytes, { level: 6 });
    case 'zstd':
      return zstd(bytes);
  }
}

function zstd(bytes: Buffer): Buffer {
  const program = findProgram('zstd');
  if (!program) return zstdStored(bytes);
  const done = spawnSync(program, ['-q', '-c', '--no-progress', '-3'], { input: bytes, maxBuffer: 1 << 30 });
  if (done.status !== 0) throw new Error(`zstd ended with ${String(done.status)}: ${done.stderr.toString()}`);
  return done.stdout;
}

/** A valid zstd frame that stores its content: raw blocks of up to 128 KiB. @see RFC 8878, section 3.1.1 */
export function zstdStored(bytes: Buffer): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32LE(0xfd2fb528, 0);
  // An 8-byte content size, no checksum, no dictionary; a single segment, so no window descriptor.
  head[4] = 0b1110_0000;
  head.writeBigUInt64LE(BigInt(bytes.length), 5);
  const out: Buffer[] = [head];
  const step = 128 * 1024;
  for (let at = 0; at === 0 || at < bytes.length; at += step) {
    const block = bytes.subarray(at, at + step);
    const last = at + step >= bytes.length ? 1 : 0;
    const blockHead = Buffer.alloc(3);
    blockHead.writeUIntLE((block.length << 3) | last, 0, 3);
    out.push(blockHead, block);
  }
  return Buffer.concat(out);
}
