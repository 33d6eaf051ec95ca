import { closeSync, fstatSync, readSync } from 'node:fs';

/** Read-only content of known size, by position. */
export interface RandomAccess {
  /** Bytes. */
  readonly size: number;
  /**
   * The bytes from `offset`, up to `length` of them: shorter at the end, empty past it.
   * The result may share memory with the content and is valid until the cataloguer returns.
   */
  read(offset: number, length: number): Buffer;
  /** All bytes. Callers check `size` first. */
  all(): Buffer;
}

/** Content that lies in memory. */
export class MemoryContent implements RandomAccess {
  readonly #bytes: Buffer;
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  get size(): number {
    return this.#bytes.length;
  }
  read(offset: number, length: number): Buffer {
    if (offset < 0 || length <= 0) return Buffer.alloc(0);
    return this.#bytes.subarray(offset, offset + length);
  }
  all(): Buffer {
    return this.#bytes;
  }
}

/** Content of an open file, read on demand. The owner closes it. */
export class FileContent implements RandomAccess {
  readonly size: number;
  readonly #fd: number;
  constructor(fd: number, size = fstatSync(fd).size) {
    this.#fd = fd;
    this.size = size;
  }
  read(offset: number, length: number): Buffer {
    if (offset < 0 || length <= 0 || offset >= this.size) return Buffer.alloc(0);
    const out = Buffer.allocUnsafe(Math.min(length, this.size - offset));
    let done = 0;
    while (done < out.length) {
      const n = readSync(this.#fd, out, done, out.length - done, offset + done);
      if (n === 0) break;
      done += n;
    }
    return out.subarray(0, done);
  }
  all(): Buffer {
    return this.read(0, this.size);
  }
  close(): void {
    closeSync(this.#fd);
  }
}
