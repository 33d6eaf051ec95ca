import { InputError } from '@plimsoll/model';

/** What `zstd --long` makes (128 MiB) is read, nothing beyond: decoders keep a window of the output. */
const MAX_WINDOW = 128 << 20;
/**
 * The decoder in JavaScript moves its whole window for every block, however small the block. A layer of
 * 10 GB has 80,000 blocks of 128 KiB and, made at zstd's highest common level, a window of 8 MiB: 0.7 TB.
 */
export const MAX_MOVED = 2 ** 41;

const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const RLE = 1;

/**
 * Walks over the headers of a zstd stream as it comes, before it is decoded, and refuses what would
 * cost the decoder more memory or time than real content does.
 * @see RFC 8878, section 3.1.1
 */
export class ZstdFrames {
  readonly #header = Buffer.alloc(18);
  #have = 0;
  #skip = 0;
  #inFrame = false;
  #window = 0;
  #checksum = false;
  #moved = 0;
  readonly #maxMoved: number;

  /** @param maxMoved bound on window sizes added up over all blocks; none for decoders that do not move it */
  constructor(maxMoved: number) {
    this.#maxMoved = maxMoved;
  }

  /** @throws InputError `zstd-window` or `decompression-bomb`; what is no zstd at all is left to the decoder */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      const skipped = Math.min(this.#skip, chunk.length - at);
      this.#skip -= skipped;
      at += skipped;
      if (at === chunk.length) return;
      this.#header[this.#have++] = chunk[at++]!;
      const known = this.#inFrame ? this.#block() : this.#frame();
      if (known) this.#have = 0;
    }
  }

  /** True when the header is complete and was taken in. */
  #frame(): boolean {
    const header = this.#header;
    if (this.#have < 5) return false;
    const magic = header.readUInt32LE(0);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      if (this.#have < 8) return false;
      this.#skip = header.readUInt32LE(4);
      return true;
    }
    if (magic !== FRAME) {
      this.#skip = Number.POSITIVE_INFINITY;
      return true;
    }
    const descriptor = header[4]!;
    const single = (descriptor & 0x20) !== 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3]!;
    const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
    const sizeAt = 5 + (single ? 0 : 1) + dictionary;
    if (this.#have < sizeAt + sizeBytes) return false;
    this.#checksum = (descriptor & 4) !== 0;
    this.#window = single ? contentSize(header, sizeAt, sizeBytes) : 2 ** (10 + (header[5]! >> 3)) * (1 + (header[5]! & 7) / 8);
    if (this.#window > MAX_WINDOW) {
      throw new InputError('zstd-window', `the zstd stream wants a window of ${this.#window} bytes (limit ${MAX_WINDOW})`);
    }
    this.#inFrame = true;
    return true;
  }

  #block(): boolean {
    if (this.#have < 3) return false;
    const header = this.#header.readUIntLE(0, 3);
    const last = (header & 1) === 1;
    this.#skip = ((header >> 1) & 3) === RLE ? 1 : header >> 3;
    this.#moved += this.#window;
    if (this.#moved > this.#maxMoved) throw new InputError('decompression-bomb', 'the zstd stream has more blocks than its window allows: this looks like a decompression bomb');
    if (last) {
      this.#inFrame = false;
      if (this.#checksum) this.#skip += 4;
    }
    return true;
  }
}

function contentSize(header: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return Number(header.readBigUInt64LE(at));
  // Two bytes count from 256.
  return header.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}
