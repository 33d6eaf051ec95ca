import { MAX_VALUE_SIZE, type ReportProblem } from './database-problem.ts';
import type { RandomAccess } from './random-access.ts';

/** `RpmP`, little-endian, as are all numbers of the format. */
const FILE_MAGIC = 0x506d7052;
/** `Slot` */
const SLOT_MAGIC = 0x746f6c53;
/** `BlbS` */
const BLOB_MAGIC = 0x53626c42;
const PAGE = 4096;
const SLOT = 16;
const BLOCK = 16;
/** The file header takes the room of the first two slots. */
const FILE_HEADER = 32;
const BLOB_HEADER = 16;
/** Checksum, length and closing magic. */
const BLOB_TRAILER = 12;

export function isNdb(content: RandomAccess): boolean {
  const head = content.read(0, 4);
  return head.length === 4 && head.readUInt32LE(0) === FILE_MAGIC;
}

/**
 * The blobs of rpm's "ndb" database (rpm's lib/backend/ndb/rpmpkg.c): a table of slots, each naming
 * a package's number and the 16-byte blocks that its blob takes. Damaged ones are reported and left
 * out; together the blobs may not be longer than the file.
 */
export function* ndbBlobs(content: RandomAccess, report: ReportProblem): Generator<Buffer> {
  const header = content.read(0, FILE_HEADER);
  if (header.length < FILE_HEADER || !isNdb(content)) {
    report('it is not an ndb database');
    return;
  }
  if (header.readUInt32LE(4) !== 0) {
    report(`it has version ${header.readUInt32LE(4)} of the ndb format; only version 0 is known`);
    return;
  }
  const declared = header.readUInt32LE(12) * PAGE;
  const table = Math.min(declared, content.size);
  if (declared > content.size) report('it is cut off within its table of packages');
  let budget = content.size;
  for (let page = 0; page < table; page += PAGE) {
    const slots = content.read(page, Math.min(PAGE, table - page));
    for (let at = page === 0 ? FILE_HEADER : 0; at + SLOT <= slots.length; at += SLOT) {
      if (slots.readUInt32LE(at) !== SLOT_MAGIC) {
        report(`slot ${(page + at) / SLOT} is damaged`);
        continue;
      }
      const index = slots.readUInt32LE(at + 4);
      const offset = slots.readUInt32LE(at + 8) * BLOCK;
      const room = slots.readUInt32LE(at + 12) * BLOCK;
      // A slot without a blob is free.
      if (index === 0 || offset === 0) continue;
      const blob = readBlob(content, index, offset, room);
      budget -= blob?.length ?? BLOB_HEADER;
      if (budget < 0) {
        report('its packages overlap each other');
        return;
      }
      if (blob) yield blob;
      else report(`package number ${index} is damaged or cut off`);
    }
  }
}

function readBlob(content: RandomAccess, index: number, offset: number, room: number): Buffer | undefined {
  const head = content.read(offset, BLOB_HEADER);
  if (head.length < BLOB_HEADER || head.readUInt32LE(0) !== BLOB_MAGIC || head.readUInt32LE(4) !== index) return undefined;
  const length = head.readUInt32LE(12);
  if (length > MAX_VALUE_SIZE || BLOB_HEADER + length + BLOB_TRAILER > room) return undefined;
  const blob = content.read(offset + BLOB_HEADER, length);
  return blob.length === length ? blob : undefined;
}
