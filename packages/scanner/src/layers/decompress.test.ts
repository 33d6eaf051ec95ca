import { InputError } from '@plimsoll/model';
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compress } from '../../../../e2e/support/compress.ts';
import { compressionOf, decompress } from './decompress.ts';

/** Hands out one buffer again and again, as file sources do: who keeps a chunk sees it overwritten. */
async function* reused(bytes: Buffer, piece: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(piece);
  for (let at = 0; at < bytes.length; at += piece) {
    const length = bytes.copy(buffer, 0, at, at + piece);
    yield await Promise.resolve(buffer.subarray(0, length));
    buffer.fill(0xee);
  }
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of stream) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

describe('decompress', () => {
  const content = Buffer.from(Array.from({ length: 40_000 }, (_, i) => `line ${i * 7919}\n`).join(''));

  it.each(['none', 'gzip', 'zstd'] as const)('gives back what was stored with %s', async (kind) => {
    const stored = compress(content, kind);
    expect(compressionOf(stored)).toBe(kind);
    for (const piece of [stored.length, 65_536, 1000]) {
      expect((await collect(decompress(reused(stored, piece)))).equals(content)).toBe(true);
    }
  });

  it('reads gzip members one after the other', async () => {
    const stored = Buffer.concat([gzipSync('one'), gzipSync('two')]);
    expect((await collect(decompress(reused(stored, 7)))).toString()).toBe('onetwo');
  });

  it('reads zstd that starts with a skippable frame, as parallel compressors write it', async () => {
    // RFC 8878, 3.1.2: magic number 0x184D2A50 to 5F, length of the content, content.
    const skippable = Buffer.from([0x5c, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
    const stored = Buffer.concat([skippable, compress(content, 'zstd'), skippable, compress(Buffer.from('more'), 'zstd')]);
    expect(compressionOf(stored)).toBe('zstd');
    for (const piece of [stored.length, 1000, 5]) {
      expect((await collect(decompress(reused(stored, piece)))).equals(Buffer.concat([content, Buffer.from('more')]))).toBe(true);
    }
  });

  it('passes an empty stream on', async () => {
    expect(await collect(decompress(reused(Buffer.alloc(0), 10)))).toHaveLength(0);
  });

  it.each(['gzip', 'zstd'] as const)('says that a cut or damaged %s stream is corrupt', async (kind) => {
    const stored = compress(content, kind);
    await expect(collect(decompress(reused(stored.subarray(0, stored.length >> 1), 4096)))).rejects.toThrow(/corrupt or cut off|cut off/);
    const damaged = Buffer.from(stored);
    damaged.fill(0xff, stored.length >> 1, (stored.length >> 1) + 64);
    // A zstd frame without checksum may decode to other bytes: the layer's digest tells then.
    const outcome = await collect(decompress(reused(damaged, 4096))).catch((error: unknown) => error);
    if (outcome instanceof Buffer) expect(kind === 'zstd' && !outcome.equals(content)).toBe(true);
    else expect(outcome).toBeInstanceOf(InputError);
  });

  it('refuses a zstd window that would take gigabytes', async () => {
    // RFC 8878, 3.1.1.1.2: exponent 31-10, no mantissa: 2 GiB.
    const frame = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (31 - 10) << 3]), Buffer.alloc(64)]);
    await expect(collect(decompress(reused(frame, 4096)))).rejects.toMatchObject({ code: 'zstd-window' });
  });

  it('stops at a bomb before it is expanded in full', async () => {
    let made = 0;
    const member = gzipSync(Buffer.alloc(64 << 20));
    async function* bomb(): AsyncGenerator<Buffer> {
      for (; made < 200; made++) yield await Promise.resolve(member);
    }
    const expand = async () => {
      for await (const chunk of decompress(bomb())) expect(chunk.length).toBeGreaterThan(0);
    };
    await expect(expand()).rejects.toMatchObject({ code: 'decompression-bomb' });
    expect(made).toBeLessThan(40);
  });

  it('ends when the reader stops early', async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        const piece = compress(content, 'gzip');
        for (;;) yield await Promise.resolve(piece);
      } finally {
        closed = true;
      }
    }
    for await (const chunk of decompress(endless())) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(closed).toBe(true);
  });

  it('passes on errors of the source as they are', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(gzipSync(content).subarray(0, 100));
      throw new InputError('registry-gone', 'the registry hung up');
    }
    await expect(collect(decompress(broken()))).rejects.toThrow('the registry hung up');
  });

  it('never fails but by an InputError on random bytes behind a magic number', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('1f8b08', '28b52ffd'), fc.uint8Array({ maxLength: 400 }), async (magic, rest) => {
        try {
          await collect(decompress(reused(Buffer.concat([Buffer.from(magic, 'hex'), rest]), 50)));
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
