/** Where the stored bytes of a sparse file belong. */
export interface SparseMap {
  pieces: { offset: number; length: number }[];
  /** Bytes of the expanded file. */
  size: number;
}

/**
 * Real headers have a few dozen records. A global header is merged with that of every entry, so that the
 * bound is on time as well.
 */
const MAX_RECORDS = 1000;

/**
 * Parses PAX records, `LENGTH KEY=VALUE\n` each. A broken record ends the list: what was read stays.
 * GNU sparse 0.0 repeats `GNU.sparse.offset` and `GNU.sparse.numbytes`; they are joined into a
 * `GNU.sparse.map` as format 0.1 has it.
 */
export function parsePax(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  const sparse00: string[] = [];
  let at = 0;
  while (at < bytes.length && records.size < MAX_RECORDS) {
    const space = bytes.indexOf(0x20, at);
    if (space < 0 || space - at > 10) break;
    const length = Number(bytes.toString('latin1', at, space));
    if (!Number.isInteger(length) || length <= space - at + 1 || at + length > bytes.length) break;
    const equals = bytes.indexOf(0x3d, space + 1);
    const end = at + length - 1;
    if (equals < 0 || equals >= end) break;
    const key = bytes.toString('utf8', space + 1, equals);
    const value = bytes.toString('utf8', equals + 1, end);
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') sparse00.push(value);
    else records.set(key, value);
    at += length;
  }
  if (sparse00.length > 0 && !records.has('GNU.sparse.map')) records.set('GNU.sparse.map', sparse00.join(','));
  return records;
}

/**
 * Parses the map at the start of a GNU sparse 1.0 file: a count, then offset and length of each piece,
 * one decimal number a line; the whole is padded to 512 bytes.
 * Undefined when more bytes are needed. `bytes` is the padded length of the map.
 */
export function parseSparseMap10(
  head: Buffer,
  maxPieces: number,
): { pieces: SparseMap['pieces']; bytes: number } | undefined {
  let at = 0;
  const next = (): number | undefined => {
    const newline = head.indexOf(0x0a, at);
    if (newline < 0) return undefined;
    const value = Number(head.toString('latin1', at, newline));
    at = newline + 1;
    return value;
  };
  const count = next();
  if (count === undefined) return undefined;
  const pieces: SparseMap['pieces'] = [];
  // An impossible count gives an impossible map, which the caller's check refuses.
  if (!Number.isInteger(count) || count < 0 || count > maxPieces) {
    return { pieces: [{ offset: Number.NaN, length: 0 }], bytes: Math.min(512, head.length) };
  }
  for (let i = 0; i < count; i++) {
    const offset = next();
    const length = next();
    if (offset === undefined || length === undefined) return undefined;
    pieces.push({ offset, length });
  }
  return { pieces, bytes: Math.ceil(at / 512) * 512 };
}
