import { deflateSync } from 'node:zlib';
import { ByteWriter } from './bytes.ts';
import { writeAll } from './files.ts';
import type { TableExtent } from './format.ts';

const COMPRESSION = { level: 9 };

/** The file being written and how far it has got. */
export interface Output {
  fd: number;
  position: number;
}

/** Writes one table: rows in order of their keys, then `finish`. */
export class TableWriter {
  private readonly output: Output;
  private readonly blockBytes: number;
  private readonly start: number;
  private readonly rows = new ByteWriter(64 * 1024);
  private lengths: number[] = [];
  private firstKey: Buffer | undefined;
  private lastKey: Buffer | undefined;
  private readonly index = new ByteWriter(4096);
  private blocks = 0;
  private rowCount = 0;

  constructor(output: Output, blockBytes: number) {
    this.output = output;
    this.blockBytes = blockBytes;
    this.start = output.position;
  }

  /** Keys must strictly ascend; tables that are read by row number pass an empty key for every row. */
  add(key: Buffer, value: Buffer): void {
    if (key.length > 0 && this.lastKey && Buffer.compare(this.lastKey, key) >= 0) {
      throw new Error(`table rows out of order at ${key.toString('utf8')}`);
    }
    this.lastKey = key;
    this.firstKey ??= key;
    const before = this.rows.length;
    this.rows.varint(key.length).bytes(key).bytes(value);
    this.lengths.push(this.rows.length - before);
    this.rowCount++;
    if (this.rows.length >= this.blockBytes) this.endBlock();
  }

  private endBlock(): void {
    if (this.lengths.length === 0) return;
    const head = new ByteWriter(this.lengths.length * 2 + 8).varint(this.lengths.length);
    for (const length of this.lengths) head.varint(length);
    const block = Buffer.concat([head.view(), this.rows.view()]);
    const compressed = deflateSync(block, COMPRESSION);
    this.write(compressed);
    this.index.varint(this.lengths.length).varint(compressed.length).varint(block.length);
    this.index.varint(this.firstKey!.length).bytes(this.firstKey!);
    this.blocks++;
    this.rows.clear();
    this.lengths = [];
    this.firstKey = undefined;
  }

  private write(data: Buffer): void {
    writeAll(this.output.fd, data);
    this.output.position += data.length;
  }

  finish(): TableExtent {
    this.endBlock();
    const indexStart = this.output.position;
    const compressed = deflateSync(this.index.view(), COMPRESSION);
    this.write(compressed);
    return {
      rows: this.rowCount,
      blocks: this.blocks,
      start: this.start,
      indexStart,
      indexLength: compressed.length,
      indexSize: this.index.length,
    };
  }
}
