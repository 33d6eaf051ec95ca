import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync } from 'node:fs';
import {
  InputError,
  type Advisory,
  type AdvisoryDatabase,
  type CveFacts,
  type DatabaseInfo,
} from '@plimsoll/model';
import { crc32 } from '../feeds/crc32.ts';
import { MalformedBytes, type ByteReader } from './bytes.ts';
import { readAffected, readCve, readRecord, type RecordFacts } from './codec.ts';
import { readAt } from './files.ts';
import {
  FORMAT_VERSION,
  HEADER_BYTES,
  MAGIC,
  MAX_FOOTER_BYTES,
  MAX_INDEX_BYTES,
  TABLE_NAMES,
  type TableExtent,
  type TableName,
} from './format.ts';
import { idKey, normalizeName, packageKey } from './keys.ts';
import { BlockCache, inflateUpTo, TableReader } from './table-reader.ts';

/** Inflated blocks held: some 500, more than a scan of one image touches. */
const CACHE_BYTES = 16 * 1024 * 1024;

/**
 * Opens a database file for reading by position; nothing is loaded but header and footer.
 * The file may be replaced (by rename) while it is open: this reader keeps the old one.
 *
 * Throws `InputError`: `database-missing`, `database-unreadable`, `database-format` (made by another
 * version of Plimsoll) or `database-corrupt`. Lookups throw `database-corrupt` and
 * `database-unreadable` too, when they come to such bytes.
 */
export function openDatabase(file: string): AdvisoryDatabase {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    throw new InputError('database-missing', `advisory database ${file}: ${reason}; run "plimsoll db update" or name another with --db`, { cause });
  }
  try {
    return guarded(file, () => new DatabaseFile(file, fd, readFooter(file, fd)));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Reads the whole file once and checks every block. Throws `InputError` `database-corrupt`. */
export function verifyDatabase(file: string): DatabaseInfo {
  const database = openDatabase(file) as DatabaseFile;
  try {
    database.verify();
    return database.info;
  } finally {
    database.close();
  }
}

function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MalformedBytes) throw corrupt(file, error.message, error);
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall !== undefined) throw new InputError('database-unreadable', `advisory database ${file}: ${message}`, { cause: error });
    throw error;
  }
}

function corrupt(file: string, reason: string, cause?: unknown): InputError {
  return new InputError('database-corrupt', `advisory database ${file} is damaged (${reason}); run "plimsoll db update" to make it anew`, { cause });
}

interface Footer {
  info: DatabaseInfo;
  tables: Record<TableName, TableExtent>;
}

function readFooter(file: string, fd: number): Footer {
  const header = readAt(fd, 0, HEADER_BYTES);
  if (header.length < MAGIC.length || !header.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new InputError('database-corrupt', `${file} is not a Plimsoll advisory database`);
  }
  if (header.length < HEADER_BYTES) throw new MalformedBytes('it is cut off');
  const version = header.readUInt32LE(8);
  if (header.readUInt32LE(32) !== crc32(header.subarray(0, 32))) throw new MalformedBytes('its header is broken');
  if (version !== FORMAT_VERSION) {
    throw new InputError(
      'database-format',
      `advisory database ${file} has format ${version}, this version of Plimsoll reads format ${FORMAT_VERSION}; run "plimsoll db update"`,
    );
  }
  const length = header.readUInt32LE(12);
  const start = Number(header.readBigUInt64LE(16));
  const fileLength = Number(header.readBigUInt64LE(24));
  if (fstatSync(fd).size !== fileLength) throw new MalformedBytes('it is cut off, or longer than it was written');
  if (length > MAX_FOOTER_BYTES || start + length !== fileLength) throw new MalformedBytes('its header is broken');
  let footer: unknown;
  try {
    // The footer's size is not told anywhere, so the bound is all there is.
    footer = JSON.parse(inflateUpTo(readAt(fd, start, length), MAX_FOOTER_BYTES).toString('utf8'));
  } catch (cause) {
    if (cause instanceof MalformedBytes) throw cause;
    throw new MalformedBytes('its footer is broken');
  }
  return checkFooter(footer, start);
}

/** A forged footer with a right checksum must not lead to reads outside the file or huge allocations. */
function checkFooter(json: unknown, end: number): Footer {
  const footer = json as Partial<Footer> | null;
  const info = footer?.info;
  const lists = [info?.feeds, info?.ecosystems];
  if (!info || !lists.every(Array.isArray) || typeof info.built !== 'string') throw new MalformedBytes('its footer is broken');
  for (const name of TABLE_NAMES) {
    const extent = footer?.tables?.[name];
    const numbers = extent ? [extent.rows, extent.blocks, extent.start, extent.indexStart, extent.indexLength, extent.indexSize] : [-1];
    if (!numbers.every((value) => Number.isSafeInteger(value) && value >= 0)) throw new MalformedBytes('its footer is broken');
    const { start, indexStart, indexLength, indexSize } = extent!;
    if (start > indexStart || indexStart + indexLength > end || indexSize > MAX_INDEX_BYTES) {
      throw new MalformedBytes('its footer is broken');
    }
  }
  return footer as Footer;
}

/** A package of the database, and a digest of all that is said of it. */
export interface PackageDigest {
  /** Ecosystem NUL normalised name; rows come in the order of these bytes. */
  key: string;
  digest: string;
}

/**
 * Every package with a digest of what its advisories say: equal in two databases when they say the same, however
 * their records are numbered. Reads the whole file. Throws as lookups do.
 */
export function* packageDigests(file: string): Generator<PackageDigest> {
  const database = openDatabase(file) as DatabaseFile;
  try {
    yield* database.packageDigests();
  } finally {
    database.close();
  }
}

class DatabaseFile implements AdvisoryDatabase {
  readonly info: DatabaseInfo;
  private readonly file: string;
  private readonly fd: number;
  private readonly tables: Record<TableName, TableReader>;
  private readonly epssDate: string | undefined;
  private open = true;

  constructor(file: string, fd: number, { info, tables }: Footer) {
    this.file = file;
    this.fd = fd;
    this.info = info;
    this.epssDate = info.feeds.find((feed) => feed.name === 'epss')?.asOf?.slice(0, 10);
    const cache = new BlockCache(CACHE_BYTES);
    const reader = (name: TableName): TableReader => new TableReader(fd, name, tables[name], cache);
    this.tables = { records: reader('records'), packages: reader('packages'), ids: reader('ids'), cves: reader('cves') };
  }

  advisoriesFor(ecosystem: string, packageName: string): Advisory[] {
    return this.guarded(() => {
      const row = this.tables.packages.find(packageKey(ecosystem, packageName));
      return row ? this.readPackage(row, ecosystem, normalizeName(ecosystem, packageName)) : [];
    });
  }

  cve(id: string): CveFacts | undefined {
    return this.guarded(() => {
      const key = id.toUpperCase();
      const row = this.tables.cves.find(Buffer.from(key));
      return row && readCve(row, key, this.epssDate);
    });
  }

  byId(id: string): Advisory[] {
    return this.guarded(() => {
      const row = this.tables.ids.find(idKey(id));
      if (!row) return [];
      const wanted = new Set(ascending(row));
      const places = new Set<number>();
      for (const record of wanted) for (const place of ascending(this.tables.records.row(record))) places.add(place);
      const found: Advisory[] = [];
      for (const place of [...places].sort((a, b) => a - b)) {
        const { key, value } = this.tables.packages.keyedRow(place);
        const end = key.indexOf('\0');
        found.push(...this.readPackage(value, key.slice(0, end), key.slice(end + 1), wanted));
      }
      return found;
    });
  }

  *packageDigests(): Generator<PackageDigest> {
    /** Of each record, eight bytes: a chance of 2^-64 that a change goes unseen. */
    const records = this.guarded(() => {
      const digests = Buffer.alloc(this.tables.records.rows * 8);
      for (let number = 0; number < this.tables.records.rows; number++) {
        createHash('md5').update(this.recordRow(number).rest()).digest().copy(digests, number * 8, 0, 8);
      }
      return digests;
    });
    for (let place = 0; place < this.tables.packages.rows; place++) {
      yield this.guarded(() => {
        const { key, value } = this.tables.packages.keyedRow(place);
        const hash = createHash('md5');
        const count = value.count();
        let number = 0;
        for (let i = 0; i < count; i++) {
          number += value.varint();
          const start = value.position;
          readAffected(value);
          hash.update(value.since(start)).update(records.subarray(number * 8, number * 8 + 8));
        }
        return { key, digest: hash.digest('base64') };
      });
    }
  }

  verify(): void {
    this.guarded(() => {
      for (const name of TABLE_NAMES) this.tables[name].verify();
    });
  }

  close(): void {
    if (this.open) closeSync(this.fd);
    this.open = false;
  }

  private guarded<T>(work: () => T): T {
    if (!this.open) throw new Error(`advisory database ${this.file} is closed`);
    return guarded(this.file, work);
  }

  /** A package row's advisories, all or only those of the wanted records. */
  private readPackage(row: ByteReader, ecosystem: string, name: string, wanted?: ReadonlySet<number>): Advisory[] {
    const found: Advisory[] = [];
    const count = row.count();
    let number = 0;
    for (let i = 0; i < count; i++) {
      number += row.varint();
      const affected = readAffected(row);
      if (wanted && !wanted.has(number)) continue;
      const facts = this.readRecordRow(number);
      const advisory: Advisory = {
        id: facts.id,
        cves: facts.cves,
        aliases: facts.aliases,
        ecosystem,
        package: name,
        ranges: affected.ranges,
        versions: affected.versions,
        severity: affected.severity ?? facts.severity,
        links: facts.links,
      };
      const vendorSeverity = affected.vendorSeverity ?? facts.vendorSeverity;
      if (vendorSeverity !== undefined) advisory.vendorSeverity = vendorSeverity;
      if (facts.published !== undefined) advisory.published = facts.published;
      if (facts.modified !== undefined) advisory.modified = facts.modified;
      if (facts.cwes) advisory.cwes = facts.cwes;
      if (affected.status !== undefined) advisory.status = affected.status;
      if (affected.informational !== undefined) advisory.informational = affected.informational;
      if (affected.module !== undefined) advisory.module = affected.module;
      found.push(advisory);
    }
    return found;
  }

  private readRecordRow(number: number): RecordFacts {
    return readRecord(this.recordRow(number));
  }

  /** A record's facts, behind the places of its packages. */
  private recordRow(number: number): ByteReader {
    const row = this.tables.records.row(number);
    for (let skip = row.count(); skip > 0; skip--) row.varint();
    return row;
  }
}

/** A list of ascending numbers, each written as its distance from the one before. */
function ascending(row: ByteReader): number[] {
  let last = 0;
  return row.list((reader) => (last += reader.varint()));
}
