/**
 * The database file: one read-only file, opened in place.
 *
 * ```
 * header    64 bytes: magic, format version, where the footer is, file length, CRC-32
 * tables    each: its blocks one after the other, then its index
 * footer    JSON: DatabaseInfo, and where each table is
 * ```
 *
 * A table is rows in order of their keys, cut into blocks of some 8–32 KiB that are compressed one by
 * one; its index holds each block's first key, row count and sizes. A lookup is a binary search in
 * the index, one read, one inflate, a binary search in the block. Opening reads header and footer.
 * Blocks, indexes and footer are zlib streams (RFC 1950), so each ends in an Adler-32 of its content:
 * flipped bits are noticed where they are read, without a pass over the file.
 *
 * Tables: `records` (by number: one OSV record's facts, without packages), `packages`
 * (ecosystem NUL package → its advisories, each pointing to a record), `ids` (any id in upper case →
 * records), `cves` (CVE id → facts). Records are numbered by their first package, so one package's
 * records share blocks.
 *
 * Own format rather than SQLite or LMDB: both need a native module (prebuilt binaries that are
 * fetched outside the registry, or a compiler; Node's own sqlite is not in Node 20), neither
 * compresses, and the file here has to be small enough to ship in the repository. Nothing is ever
 * updated in place, which is all that a sorted table cannot do.
 */
export const MAGIC = Buffer.from('PLIMSLDB', 'latin1');

/** Raised when a reader of the old format would misread the new one. */
export const FORMAT_VERSION = 1;

export const HEADER_BYTES = 64;

/** Larger sizes in a file are taken as corruption rather than allocated. */
export const MAX_BLOCK_BYTES = 256 * 1024 * 1024;
export const MAX_INDEX_BYTES = 64 * 1024 * 1024;
export const MAX_FOOTER_BYTES = 16 * 1024 * 1024;

export const TABLE_NAMES = ['records', 'packages', 'ids', 'cves'] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/**
 * Bytes per block before compression. Larger ones compress better; smaller ones cost less where
 * lookups are scattered over the table, as they are for CVEs and ids.
 */
export const BLOCK_BYTES: Record<TableName, number> = {
  records: 32 * 1024,
  packages: 32 * 1024,
  ids: 16 * 1024,
  cves: 8 * 1024,
};

/** Where a table is in the file. Offsets and lengths in bytes; blocks lie from `start` to `indexStart`. */
export interface TableExtent {
  rows: number;
  blocks: number;
  start: number;
  indexStart: number;
  indexLength: number;
  /** Length of the index when inflated. */
  indexSize: number;
}
