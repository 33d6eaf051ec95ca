/** Reading ran outside its buffer, or met a value that no writer writes. Callers turn it into an `InputError`. */
export class MalformedBytes extends Error {
  override name = 'MalformedBytes';
}

/**
 * Appends varints (7 bits per byte, least significant first) and length-prefixed UTF-8 strings to a
 * growing buffer. Whole numbers from 0 to `Number.MAX_SAFE_INTEGER`.
 */
export class ByteWriter {
  private buffer: Buffer;
  length = 0;

  constructor(capacity = 256) {
    this.buffer = Buffer.allocUnsafe(capacity);
  }

  private reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  varint(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a varint: ${value}`);
    this.reserve(8);
    // Division, since bit operators would cut numbers to 32 bits.
    while (value > 0x7f) {
      this.buffer[this.length++] = (value % 128) | 0x80;
      value = Math.floor(value / 128);
    }
    this.buffer[this.length++] = value;
    return this;
  }

  /** Negative numbers too: 0, -1, 1, -2 … are written as 0, 1, 2, 3 … */
  signed(value: number): this {
    return this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  string(text: string): this {
    const bytes = Buffer.byteLength(text);
    this.varint(bytes).reserve(bytes);
    this.buffer.write(text, this.length);
    this.length += bytes;
    return this;
  }

  strings(texts: readonly string[]): this {
    this.varint(texts.length);
    for (const text of texts) this.string(text);
    return this;
  }

  bytes(data: Uint8Array): this {
    this.reserve(data.length);
    this.buffer.set(data, this.length);
    this.length += data.length;
    return this;
  }

  /** A copy of what was written. */
  take(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.length));
  }

  /** What was written, without a copy: valid until the next write. */
  view(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  clear(): this {
    this.length = 0;
    return this;
  }
}

/** Reads what `ByteWriter` wrote. Never reads outside `start`–`end`, never allocates by a length it has not checked. */
export class ByteReader {
  private readonly buffer: Buffer;
  private end: number;
  private at: number;

  private readonly text: string | undefined;

  /** `text` is the buffer as Latin-1, where the caller has it: cutting strings out of it is far cheaper than decoding each. */
  constructor(buffer: Buffer, start = 0, end = buffer.length, text?: string) {
    this.buffer = buffer;
    this.at = start;
    this.end = end;
    this.text = text;
  }

  /** Starts over at another part of the buffer. */
  moveTo(start: number, end: number): this {
    this.at = start;
    this.end = end;
    return this;
  }

  get position(): number {
    return this.at;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  varint(): number {
    const first = this.at < this.end ? this.buffer[this.at]! : 0x80;
    if (first < 0x80) {
      this.at++;
      return first;
    }
    return this.longVarint();
  }

  private longVarint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      if (this.at >= this.end) throw new MalformedBytes('a number is cut off');
      const byte = this.buffer[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= 128;
    }
    throw new MalformedBytes('a number is too long');
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  /** Skips `count` bytes and returns where they start. */
  skip(count: number): number {
    const start = this.at;
    if (count > this.end - start) throw new MalformedBytes('bytes are missing');
    this.at = start + count;
    return start;
  }

  /** The bytes that are left, without a copy. */
  rest(): Buffer {
    return this.buffer.subarray(this.at, this.end);
  }

  /** The bytes that were read since `start`, without a copy. */
  since(start: number): Buffer {
    return this.buffer.subarray(start, this.at);
  }

  string(): string {
    const length = this.varint();
    const start = this.skip(length);
    const end = start + length;
    if (this.text !== undefined && isAscii(this.buffer, start, end)) return this.text.slice(start, end);
    return this.buffer.toString('utf8', start, end);
  }

  /** How many items follow. Each takes a byte at least, so more than the bytes left is malformed. */
  count(): number {
    const count = this.varint();
    if (count > this.end - this.at) throw new MalformedBytes('a list is longer than its bytes');
    return count;
  }

  list<T>(read: (reader: ByteReader) => T): T[] {
    const count = this.count();
    const out: T[] = [];
    for (let i = 0; i < count; i++) out.push(read(this));
    return out;
  }

  strings(): string[] {
    return this.list((reader) => reader.string());
  }
}

function isAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i]! > 0x7f) return false;
  return true;
}
