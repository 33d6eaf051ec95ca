import { crc32 } from 'node:zlib';

/**
 * What a record is worth when the disk is full. Activity can be counted as lost. State is replaced by the next
 * snapshot. Results (SBOMs, failures, gaps) go last.
 */
export const RECORD_CLASSES = ['activity', 'state', 'result'] as const;
export type RecordClass = (typeof RECORD_CLASSES)[number];

export interface SpoolRecord {
  seq: number;
  class: RecordClass;
  /** How far the engine's events are taken up with this record, in nanoseconds since 1970. */
  cursor: bigint;
  /** JSON of the message without its number. */
  payload: Buffer;
}

/**
 * A record on disk: magic byte, class, two free bytes, payload length (u32), sequence number (u64), cursor (u64),
 * CRC-32 of all these and the payload, then the payload. Little-endian. A record that was cut by a crash has a
 * wrong length or CRC.
 */
const MAGIC = 0xa7;
export const HEAD = 28;
/** The protocol's largest message is an SBOM of 48 MiB; anything longer is damage. */
export const MAX_PAYLOAD = 50 * 1024 * 1024;

export function encodeRecord(record: SpoolRecord): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD + record.payload.length);
  bytes.fill(0, 0, HEAD);
  bytes[0] = MAGIC;
  bytes[1] = RECORD_CLASSES.indexOf(record.class);
  bytes.writeUInt32LE(record.payload.length, 4);
  bytes.writeBigUInt64LE(BigInt(record.seq), 8);
  bytes.writeBigUInt64LE(record.cursor, 16);
  bytes.writeUInt32LE(crc32(record.payload, crc32(bytes.subarray(0, 24))), 24);
  record.payload.copy(bytes, HEAD);
  return bytes;
}

/** Length of the record that begins with these bytes, head included; undefined when none does. */
export function recordLength(head: Buffer): number | undefined {
  if (head.length < HEAD || head[0] !== MAGIC || head[1]! >= RECORD_CLASSES.length) return undefined;
  const length = head.readUInt32LE(4);
  return length > MAX_PAYLOAD ? undefined : HEAD + length;
}

/** Reads a whole record; undefined when it is damaged. */
export function decodeRecord(bytes: Buffer): SpoolRecord | undefined {
  if (recordLength(bytes) !== bytes.length) return undefined;
  const payload = bytes.subarray(HEAD);
  if (crc32(payload, crc32(bytes.subarray(0, 24))) !== bytes.readUInt32LE(24)) return undefined;
  return { seq: Number(bytes.readBigUInt64LE(8)), class: RECORD_CLASSES[bytes[1]!]!, cursor: bytes.readBigUInt64LE(16), payload };
}
