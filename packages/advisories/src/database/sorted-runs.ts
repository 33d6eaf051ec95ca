import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { writeAll } from './files.ts';

export interface Row {
  key: Buffer;
  value: Buffer;
}

/** What a row costs in memory beside its bytes: two buffer objects, the row, its place in the array. */
const ROW_OVERHEAD = 250;
const READ_CHUNK = 256 * 1024;

/**
 * Sorts more rows than fit in memory. Rows collect until `budget` bytes; then they are sorted and
 * written to a file of their own (a run), and reading merges the runs. Rows with equal keys come out
 * in the order they went in, so the same input always gives the same output.
 */
export class SortedRuns {
  private rows: Row[] = [];
  private used = 0;
  private sorted = false;
  private readonly runs: string[] = [];
  private readonly folder: string;
  private readonly name: string;
  private readonly budget: number;

  /** Run files are made in `folder` under `name`; who made the folder removes it. */
  constructor(folder: string, name: string, budget: number) {
    this.folder = folder;
    this.name = name;
    this.budget = budget;
  }

  add(key: Buffer, value: Buffer): void {
    this.rows.push({ key, value });
    this.used += key.length + value.length + ROW_OVERHEAD;
    if (this.used > this.budget) this.spill();
  }

  private sortRows(): Row[] {
    const rows = this.rows.sort((a, b) => Buffer.compare(a.key, b.key));
    this.rows = [];
    this.used = 0;
    return rows;
  }

  private spill(): void {
    const file = join(this.folder, `${this.name}.${this.runs.length}`);
    const fd = openSync(file, 'wx');
    try {
      let parts: Buffer[] = [];
      let size = 0;
      const flush = (): void => {
        if (size > 0) writeAll(fd, Buffer.concat(parts, size));
        parts = [];
        size = 0;
      };
      for (const { key, value } of this.sortRows()) {
        const head = Buffer.allocUnsafe(8);
        head.writeUInt32LE(key.length, 0);
        head.writeUInt32LE(value.length, 4);
        parts.push(head, key, value);
        size += 8 + key.length + value.length;
        if (size >= READ_CHUNK) flush();
      }
      flush();
    } finally {
      closeSync(fd);
    }
    this.runs.push(file);
  }

  /** All rows in byte order of their keys. May be called again, but nothing may be added after the first call. */
  *read(): Generator<Row> {
    if (!this.sorted) this.rows = this.sortRows();
    this.sorted = true;
    const sources: Iterator<Row>[] = this.runs.map((file) => readRun(file));
    sources.push(this.rows[Symbol.iterator]());
    const heads = sources.map((source) => source.next());
    if (sources.length === 1) {
      for (let head = heads[0]!; !head.done; head = sources[0]!.next()) yield head.value;
      return;
    }
    // Few runs (total size / budget), so looking at every head is cheaper than keeping a heap.
    for (;;) {
      let best = -1;
      for (let i = 0; i < heads.length; i++) {
        const head = heads[i]!;
        if (head.done) continue;
        if (best < 0 || Buffer.compare(head.value.key, heads[best]!.value!.key) < 0) best = i;
      }
      if (best < 0) return;
      yield heads[best]!.value!;
      heads[best] = sources[best]!.next();
    }
  }
}

function* readRun(file: string): Generator<Row> {
  const fd = openSync(file, 'r');
  try {
    let buffer = Buffer.alloc(0);
    let at = 0;
    /** True when `count` bytes are at `at`; false at the end of the file. */
    const have = (count: number): boolean => {
      if (buffer.length - at >= count) return true;
      const rest = buffer.subarray(at);
      const next = Buffer.allocUnsafe(Math.max(READ_CHUNK, count));
      rest.copy(next);
      let filled = rest.length;
      while (filled < next.length) {
        const read = readSync(fd, next, filled, next.length - filled, null);
        if (read === 0) break;
        filled += read;
      }
      buffer = next.subarray(0, filled);
      at = 0;
      return filled >= count;
    };
    while (have(8)) {
      const keyLength = buffer.readUInt32LE(at);
      const valueLength = buffer.readUInt32LE(at + 4);
      if (!have(8 + keyLength + valueLength)) throw new Error(`${file}: a sorted run ended early`);
      const keyEnd = at + 8 + keyLength;
      yield { key: buffer.subarray(at + 8, keyEnd), value: buffer.subarray(keyEnd, keyEnd + valueLength) };
      at = keyEnd + valueLength;
    }
  } finally {
    closeSync(fd);
  }
}
