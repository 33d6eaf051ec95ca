import { deflateRawSync } from 'node:zlib';

/** An entry to write. Checksums are written as zero: the reader leaves them to the layer's digest. */
export interface ZipInput {
  name: string;
  data?: Buffer | string;
  stored?: boolean;
  /** Sizes only behind the data and in the directory, as streaming writers leave them. */
  streamed?: boolean;
  /** Sizes and offset in zip64 extra fields, 32-bit fields all ones. */
  wide?: boolean;
  /** What the directory declares instead of the true unpacked size. */
  declaredSize?: number;
  flags?: number;
  method?: number;
  /** Write no data of its own; point to the data of the entry with this index. */
  sameDataAs?: number;
}

export interface ZipOptions {
  /** Bytes before the archive. */
  prefix?: Buffer;
  /** Whether offsets count the prefix. */
  offsetsCountPrefix?: boolean;
  comment?: string;
  /** End record in zip64 form. */
  wide?: boolean;
  suffix?: Buffer;
}

/** Writes a zip archive for tests. */
export function writeZip(inputs: readonly ZipInput[], options: ZipOptions = {}): Buffer {
  const prefix = options.prefix ?? Buffer.alloc(0);
  const base = options.offsetsCountPrefix ? prefix.length : 0;
  const body: Buffer[] = [];
  const directory: Buffer[] = [];
  const places: { offset: number; packed: number; size: number; method: number }[] = [];
  let at = 0;
  for (const input of inputs) {
    const name = Buffer.from(input.name);
    const data = Buffer.from(input.data ?? '');
    const same = input.sameDataAs === undefined ? undefined : places[input.sameDataAs]!;
    const packed = input.stored || same ? data : deflateRawSync(data);
    const place = same ?? { offset: at, packed: packed.length, size: data.length, method: input.method ?? (input.stored ? 0 : 8) };
    const flags = (input.flags ?? 0) | (input.streamed ? 8 : 0);
    places.push(place);
    if (!same) {
      const local = Buffer.alloc(30);
      local.writeUInt32LE(0x04034b50, 0);
      local.writeUInt16LE(flags, 6);
      local.writeUInt16LE(place.method, 8);
      if (!input.streamed) {
        local.writeUInt32LE(place.packed, 18);
        local.writeUInt32LE(place.size, 22);
      }
      local.writeUInt16LE(name.length, 26);
      const descriptor = Buffer.alloc(input.streamed ? 16 : 0);
      if (input.streamed) {
        descriptor.writeUInt32LE(0x08074b50, 0);
        descriptor.writeUInt32LE(place.packed, 8);
        descriptor.writeUInt32LE(place.size, 12);
      }
      body.push(local, name, packed, descriptor);
      at += local.length + name.length + packed.length + descriptor.length;
    }
    const size = input.declaredSize ?? place.size;
    const extra = Buffer.alloc(input.wide ? 28 : 0);
    if (input.wide) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(size), 4);
      extra.writeBigUInt64LE(BigInt(place.packed), 12);
      extra.writeBigUInt64LE(BigInt(place.offset + base), 20);
    }
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(flags, 8);
    record.writeUInt16LE(place.method, 10);
    record.writeUInt32LE(input.wide ? 0xffffffff : place.packed, 20);
    record.writeUInt32LE(input.wide ? 0xffffffff : size, 24);
    record.writeUInt16LE(name.length, 28);
    record.writeUInt16LE(extra.length, 30);
    record.writeUInt32LE(input.wide ? 0xffffffff : place.offset + base, 42);
    directory.push(record, name, extra);
  }
  const records = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(options.wide ? 0xffff : inputs.length & 0xffff, 10);
  end.writeUInt32LE(options.wide ? 0xffffffff : records.length, 12);
  end.writeUInt32LE(options.wide ? 0xffffffff : at + base, 16);
  const comment = Buffer.from(options.comment ?? '');
  end.writeUInt16LE(comment.length, 20);
  const wideEnd = options.wide ? zip64End(inputs.length, records.length, at + base) : Buffer.alloc(0);
  return Buffer.concat([prefix, ...body, records, wideEnd, end, comment, options.suffix ?? Buffer.alloc(0)]);
}

function zip64End(count: number, size: number, offset: number): Buffer {
  const out = Buffer.alloc(56 + 20);
  out.writeUInt32LE(0x06064b50, 0);
  out.writeBigUInt64LE(44n, 4);
  out.writeBigUInt64LE(BigInt(count), 32);
  out.writeBigUInt64LE(BigInt(size), 40);
  out.writeBigUInt64LE(BigInt(offset), 48);
  out.writeUInt32LE(0x07064b50, 56);
  out.writeBigUInt64LE(BigInt(offset + size), 64);
  return out;
}
