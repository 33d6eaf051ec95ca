import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileContent, MemoryContent, type RandomAccess } from '../formats/random-access.ts';

/** Up to here a file's content is collected in memory; beyond, in a temporary file. */
const IN_MEMORY = 64 << 20;
/** The buffer that is kept between files. */
const KEPT = 8 << 20;

/**
 * Collects one file's content at a time out of a stream of chunks, in memory that is used again for
 * the next file. What it gives is valid until `begin` is called again.
 */
export class ContentCollector {
  #buffer = Buffer.allocUnsafe(256 << 10);
  #length = 0;
  #size = 0;
  /** The whole content when it came in one piece: no copy is made then. */
  #whole: Buffer | undefined;
  #fd = -1;

  /** @param size expected bytes, holes included */
  begin(size: number): void {
    this.release();
    this.#size = size;
    this.#length = 0;
    this.#whole = undefined;
  }

  /** Large content goes to a file that only this process can open, and that is gone with it: its name is removed at once. */
  #spill(): void {
    if (this.#size <= IN_MEMORY || this.#fd >= 0) return;
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-'));
    this.#fd = openSync(join(folder, 'content'), 'wx+', 0o600);
    rmSync(folder, { recursive: true, force: true });
  }

  add(chunk: Buffer): void {
    this.#spill();
    if (this.#fd >= 0) {
      let done = 0;
      while (done < chunk.length) done += writeSync(this.#fd, chunk, done, chunk.length - done, this.#length + done);
    } else if (this.#length === 0 && chunk.length >= this.#size) {
      this.#whole = chunk;
    } else {
      this.#room(this.#length + chunk.length);
      chunk.copy(this.#buffer, this.#length);
    }
    this.#length += chunk.length;
  }

  addZeros(length: number): void {
    this.#spill();
    if (this.#fd < 0) {
      this.#room(this.#length + length);
      this.#buffer.fill(0, this.#length, this.#length + length);
    }
    this.#length += length;
    if (this.#fd >= 0) ftruncateSync(this.#fd, this.#length);
  }

  /** Bytes collected so far. */
  get length(): number {
    return this.#length;
  }

  content(): RandomAccess {
    if (this.#fd >= 0) return new FileContent(this.#fd, this.#length);
    return new MemoryContent(this.#whole ?? this.#buffer.subarray(0, this.#length));
  }

  release(): void {
    if (this.#fd >= 0) {
      closeSync(this.#fd);
      this.#fd = -1;
    }
    this.#whole = undefined;
    if (this.#buffer.length > KEPT) this.#buffer = Buffer.allocUnsafe(256 << 10);
  }

  #room(needed: number): void {
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, Math.min(this.#size, IN_MEMORY), this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
