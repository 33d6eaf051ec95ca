import { writeSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import type { CveFacts, CvssScore, DatabaseInfo, FeedInfo } from '@plimsoll/model';
import { crc32 } from '../feeds/crc32.ts';
import type { AdvisoryRecord, AffectedPackage, FeedSink } from '../feeds/feed.ts';
import { schemeFor } from '../versions/index.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { readCve, writeAffected, writeCve, writeRecord, type AffectedFacts } from './codec.ts';
import { BLOCK_BYTES, FORMAT_VERSION, HEADER_BYTES, MAGIC, type TableExtent, type TableName } from './format.ts';
import { writeAll } from './files.ts';
import { idKey, normalizeName, packageKey } from './keys.ts';
import { Places } from './places.ts';
import { SortedRuns } from './sorted-runs.ts';
import { TableWriter, type Output } from './table-writer.ts';

export interface BuilderOptions {
  /** An empty folder for intermediate files. */
  folder: string;
  /** Bytes of rows to hold in memory, all tables together. */
  memory?: number;
}

const DEFAULT_MEMORY = 128 * 1024 * 1024;

/**
 * Collects facts in any order and writes the database file. The same facts give the same bytes.
 *
 * Records get their final numbers in order of their first package once all are there; until then the
 * other tables name them by the order in which they came (their serial).
 */
export class DatabaseBuilder implements FeedSink {
  private readonly records: SortedRuns;
  private readonly packages: SortedRuns;
  private readonly ids: SortedRuns;
  private readonly cves: SortedRuns;
  private readonly scratch = new ByteWriter(4096);
  private serials = 0;

  constructor({ folder, memory = DEFAULT_MEMORY }: BuilderOptions) {
    const runs = (name: TableName, share: number): SortedRuns => new SortedRuns(folder, name, memory * share);
    this.records = runs('records', 0.35);
    this.packages = runs('packages', 0.35);
    this.ids = runs('ids', 0.15);
    this.cves = runs('cves', 0.15);
  }

  advisory(record: AdvisoryRecord): void {
    const byPackage = mergeByPackage(record.affected);
    if (byPackage.size === 0) return;
    const serial = this.serials++;
    const homes = [...byPackage.values()].map(([first]) => homeKey(first!)).sort();
    writeRecord(this.scratch.clear().varint(serial), record);
    this.records.add(Buffer.from(`${homes[0]}\0${record.id}`), this.scratch.take());
    for (const entries of byPackage.values()) {
      const { ecosystem, package: name } = entries[0]!;
      for (const entry of entries) {
        writeAffected(this.scratch.clear().varint(serial), entry);
        this.packages.add(packageKey(ecosystem, name), this.scratch.take());
      }
    }
    const serialBytes = this.scratch.clear().varint(serial).take();
    for (const id of new Set([record.id, ...record.cves, ...record.aliases])) this.ids.add(idKey(id), serialBytes);
  }

  cve(facts: CveFacts): void {
    writeCve(this.scratch.clear(), facts);
    this.cves.add(Buffer.from(facts.id), this.scratch.take());
  }

  /** Writes header, tables and footer to an open, empty file. `tick` is awaited between batches of rows. */
  async finish(fd: number, built: string, feeds: readonly FeedInfo[], tick: () => Promise<void>): Promise<DatabaseInfo> {
    const output: Output = { fd, position: HEADER_BYTES };
    writeAll(fd, Buffer.alloc(HEADER_BYTES));
    const numbers = new Uint32Array(this.serials);
    const order = await this.writePackages(numbers, output, tick);
    const ids = await this.writeIds(numbers, output, tick);
    const cves = await this.writeCves(output, tick);
    const info: DatabaseInfo = {
      format: FORMAT_VERSION,
      built,
      feeds: [...feeds],
      ecosystems: order.ecosystems,
      advisories: order.advisories,
      cves: cves.rows,
    };
    const tables: Record<TableName, TableExtent> = { records: order.records, packages: order.packages, ids, cves };
    writeFooter(output, info, tables);
    return info;
  }

  /** Writes `records` and `packages`, and fills `numbers` with each serial's record number. */
  private async writePackages(
    numbers: Uint32Array,
    output: Output,
    tick: () => Promise<void>,
  ): Promise<{ records: TableExtent; packages: TableExtent; ecosystems: string[]; advisories: number }> {
    // The record table names each record's package rows, and package rows name record numbers: so
    // number the records first, and write them when the package rows are known.
    let count = 0;
    for await (const { serial, isNew } of this.eachRecord(tick)) numbers[serial] = isNew ? count++ : count - 1;
    const places = new Places(count);
    const table = new TableWriter(output, BLOCK_BYTES.packages);
    const ecosystems = new Set<string>();
    let advisories = 0;
    let row = 0;
    for (const { key, values } of groups(this.packages.read())) {
      const entries = values.map((value) => {
        const reader = new ByteReader(value);
        return { number: numbers[reader.varint()]!, facts: value.subarray(reader.position) };
      });
      // A stable sort: entries of one record stay in the record's order.
      entries.sort((a, b) => a.number - b.number);
      const kept = entries.filter((entry, i) => {
        const before = entries[i - 1];
        return before?.number !== entry.number || !before.facts.equals(entry.facts);
      });
      const out = this.scratch.clear().varint(kept.length);
      let last = 0;
      for (const { number, facts } of kept) {
        out.varint(number - last).bytes(facts);
        last = number;
        places.add(number, row);
      }
      table.add(key, out.take());
      ecosystems.add(key.toString('utf8', 0, key.indexOf(0)));
      advisories += kept.length;
      if (++row % 1000 === 0) await tick();
    }
    const packages = table.finish();
    const recordTable = new TableWriter(output, BLOCK_BYTES.records);
    const rowsOf = places.group();
    for await (const { serial, isNew, facts } of this.eachRecord(tick)) {
      if (!isNew) continue;
      writeAscending(this.scratch.clear(), rowsOf(numbers[serial]!)).bytes(facts);
      recordTable.add(EMPTY, this.scratch.take());
    }
    return { records: recordTable.finish(), packages, ecosystems: [...ecosystems].sort(), advisories };
  }

  /** The records in order; `isNew` is false for one that two feeds hold alike. */
  private async *eachRecord(
    tick: () => Promise<void>,
  ): AsyncGenerator<{ serial: number; isNew: boolean; facts: Buffer }> {
    let last: { key: Buffer; facts: Buffer } | undefined;
    let n = 0;
    for (const { key, value } of this.records.read()) {
      const reader = new ByteReader(value);
      const serial = reader.varint();
      const facts = value.subarray(reader.position);
      yield { serial, isNew: !last?.key.equals(key) || !last.facts.equals(facts), facts };
      last = { key, facts };
      if (++n % 1000 === 0) await tick();
    }
  }

  private async writeIds(numbers: Uint32Array, output: Output, tick: () => Promise<void>): Promise<TableExtent> {
    const table = new TableWriter(output, BLOCK_BYTES.ids);
    let n = 0;
    for (const { key, values } of groups(this.ids.read())) {
      const records = [...new Set(values.map((value) => numbers[new ByteReader(value).varint()]!))].sort((a, b) => a - b);
      writeAscending(this.scratch.clear(), records);
      table.add(key, this.scratch.take());
      if (++n % 1000 === 0) await tick();
    }
    return table.finish();
  }

  private async writeCves(output: Output, tick: () => Promise<void>): Promise<TableExtent> {
    const table = new TableWriter(output, BLOCK_BYTES.cves);
    let n = 0;
    for (const { key, values } of groups(this.cves.read())) {
      const id = key.toString('utf8');
      writeCve(this.scratch.clear(), mergeCve(values.map((value) => readCve(new ByteReader(value), id))));
      table.add(key, this.scratch.take());
      if (++n % 1000 === 0) await tick();
    }
    return table.finish();
  }
}

const EMPTY = Buffer.alloc(0);

function writeAscending(out: ByteWriter, numbers: ArrayLike<number>): ByteWriter {
  out.varint(numbers.length);
  for (let i = 0; i < numbers.length; i++) out.varint(numbers[i]! - (i > 0 ? numbers[i - 1]! : 0));
  return out;
}

/** Header and footer go last, when everything that they tell is known. */
function writeFooter(output: Output, info: DatabaseInfo, tables: Record<TableName, TableExtent>): void {
  const footer = deflateSync(JSON.stringify({ info, tables }), { level: 9 });
  const footerStart = output.position;
  writeAll(output.fd, footer);
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(FORMAT_VERSION, 8);
  header.writeUInt32LE(footer.length, 12);
  header.writeBigUInt64LE(BigInt(footerStart), 16);
  header.writeBigUInt64LE(BigInt(footerStart + footer.length), 24);
  header.writeUInt32LE(crc32(header.subarray(0, 32)), 32);
  for (let at = 0; at < header.length; ) at += writeSync(output.fd, header, at, header.length - at, at);
}

/** Sort key that brings the records of one package of a family together, whatever its releases. */
function homeKey({ ecosystem, package: name }: AffectedPackage): string {
  return `${ecosystem.split(':')[0]}\0${normalizeName(ecosystem, name)}`;
}

/**
 * A record may name a package several times, once per branch: that is one advisory with several
 * ranges, unless what else it says of them differs. RPM errata name it once per build that has the
 * fix, and which of them speaks of an installed build is for the matcher to tell: they stay apart.
 */
function mergeByPackage(affected: readonly AffectedPackage[]): Map<string, AffectedPackage[]> {
  const byPackage = new Map<string, AffectedPackage[]>();
  for (const entry of affected) {
    const key = packageKey(entry.ecosystem, entry.package).toString();
    const entries = byPackage.get(key) ?? [];
    const apart = schemeFor(entry.ecosystem)?.name === 'rpm';
    const twin = apart ? undefined : entries.find((other) => rest(other) === rest(entry));
    if (twin) {
      twin.ranges = [...twin.ranges, ...entry.ranges];
      twin.versions = [...new Set([...twin.versions, ...entry.versions])];
    } else {
      entries.push({ ...entry });
    }
    byPackage.set(key, entries);
  }
  return byPackage;
}

function rest({ severity, vendorSeverity, status, informational, module }: AffectedFacts): string {
  return JSON.stringify([severity, vendorSeverity, status, informational, module]);
}

/** What several feeds say of one CVE: lists joined, otherwise the first one to say it. */
export function mergeCve(parts: readonly CveFacts[]): CveFacts {
  const scores: CvssScore[] = [];
  for (const score of parts.flatMap((part) => part.scores)) {
    if (!scores.some((other) => other.version === score.version && other.vector === score.vector)) scores.push(score);
  }
  const merged: CveFacts = { id: parts[0]!.id, scores, cwes: [...new Set(parts.flatMap((part) => part.cwes))] };
  for (const { published, modified, rejected, kev, epss } of parts) {
    if (published !== undefined) merged.published ??= published;
    if (modified !== undefined) merged.modified ??= modified;
    if (rejected) merged.rejected = true;
    if (kev) merged.kev ??= kev;
    if (epss) merged.epss ??= epss;
  }
  return merged;
}

function* groups(rows: Iterable<{ key: Buffer; value: Buffer }>): Generator<{ key: Buffer; values: Buffer[] }> {
  let key: Buffer | undefined;
  let values: Buffer[] = [];
  for (const row of rows) {
    if (key && key.equals(row.key)) {
      values.push(row.value);
      continue;
    }
    if (key) yield { key, values };
    key = row.key;
    values = [row.value];
  }
  if (key) yield { key, values };
}
