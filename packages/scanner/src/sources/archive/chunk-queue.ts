/**
 * Hands chunks from a writer that is called synchronously to a reader that iterates. The writer asks
 * `drained` before it lets go of the chunks' memory.
 */
export class ChunkQueue implements AsyncIterable<Buffer> {
  #chunks: Buffer[] = [];
  #ended = false;
  #abandoned = false;
  #error: Error | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;
  /** The reader holds a chunk that it has not finished with. */
  #reading = false;

  push(chunk: Buffer): void {
    if (this.#abandoned) return;
    this.#chunks.push(chunk);
    this.#wakeReader?.();
  }

  end(): void {
    this.#ended = true;
    this.#wakeReader?.();
  }

  fail(error: Error): void {
    this.#error = error;
    this.#wakeReader?.();
  }

  /** The reader will not come back: nothing is kept any more. */
  abandon(): void {
    this.#abandoned = true;
    this.#chunks = [];
    this.#wakeWriter?.();
  }

  /** Resolves when the reader is through with every chunk so far. */
  async drained(): Promise<void> {
    while (!this.#abandoned && (this.#chunks.length > 0 || this.#reading)) {
      await new Promise<void>((resolve) => (this.#wakeWriter = resolve));
      this.#wakeWriter = undefined;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk) {
          this.#reading = true;
          yield chunk;
          this.#reading = false;
          continue;
        }
        this.#wakeWriter?.();
        if (this.#error) throw this.#error;
        if (this.#ended) return;
        await new Promise<void>((resolve) => (this.#wakeReader = resolve));
        this.#wakeReader = undefined;
      }
    } finally {
      this.abandon();
    }
  }
}
