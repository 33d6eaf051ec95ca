import type { AdvisoryLink, AffectedRange, AdvisoryStatus, CveFacts, RangeEvent, SeverityScore } from '@plimsoll/model';
import type { AdvisoryRecord, AffectedPackage } from '../feeds/feed.ts';
import { LINK_TYPES } from '../feeds/link-types.ts';
import { MalformedBytes, type ByteReader, type ByteWriter } from './bytes.ts';

/** How facts are laid out in rows. Flags say which optional fields follow; the order is that of the writing functions. */
export type RecordFacts = Omit<AdvisoryRecord, 'affected'>;

const FLAG = {
  published: 1,
  modified: 2,
  vendorSeverity: 4,
  severity: 8,
  aliases: 16,
  links: 32,
  cwes: 64,
} as const;

export function writeRecord(out: ByteWriter, record: RecordFacts): void {
  out.string(record.id);
  out.varint(
    (record.published !== undefined ? FLAG.published : 0) |
      (record.modified !== undefined ? FLAG.modified : 0) |
      (record.vendorSeverity !== undefined ? FLAG.vendorSeverity : 0) |
      (record.severity.length > 0 ? FLAG.severity : 0) |
      (record.aliases.length > 0 ? FLAG.aliases : 0) |
      (record.links.length > 0 ? FLAG.links : 0) |
      (record.cwes ? FLAG.cwes : 0),
  );
  out.strings(record.cves);
  if (record.aliases.length > 0) out.strings(record.aliases);
  writeTimes(out, record.published, record.modified);
  if (record.vendorSeverity !== undefined) out.string(record.vendorSeverity);
  if (record.severity.length > 0) writeSeverity(out, record.severity);
  if (record.cwes) out.strings(record.cwes);
  if (record.links.length > 0) writeLinks(out, record);
}

export function readRecord(reader: ByteReader): RecordFacts {
  const id = reader.string();
  const flags = reader.varint();
  const cves = reader.strings();
  const aliases = flags & FLAG.aliases ? reader.strings() : [];
  // Fields are set one by one: this runs for every advisory of every package, and spreading is ten times as slow.
  const facts: RecordFacts = { id, cves, aliases, severity: [], links: [] };
  readTimes(reader, facts, (flags & FLAG.published) !== 0, (flags & FLAG.modified) !== 0);
  if (flags & FLAG.vendorSeverity) facts.vendorSeverity = reader.string();
  if (flags & FLAG.severity) facts.severity = readSeverity(reader);
  if (flags & FLAG.cwes) facts.cwes = reader.strings();
  if (flags & FLAG.links) facts.links = readLinks(reader, facts);
  return facts;
}

// ---- Times: seconds since 1970, the second one relative to the first ----

function writeTimes(out: ByteWriter, published: string | undefined, modified: string | undefined): void {
  const first = published === undefined ? 0 : seconds(published);
  if (published !== undefined) out.signed(first);
  if (modified !== undefined) out.signed(seconds(modified) - first);
}

function readTimes(
  reader: ByteReader,
  into: { published?: string; modified?: string },
  published: boolean,
  modified: boolean,
): void {
  const first = published ? reader.signed() : 0;
  if (published) into.published = isoTime(first);
  if (modified) into.modified = isoTime(first + reader.signed());
}

function seconds(iso: string): number {
  return Math.floor(Date.parse(iso) / 1000);
}

const SECONDS_PER_DAY = 86_400;
/** The largest day that a Date holds. */
const MAX_DAY = 1e8;
/** Days met, as ISO dates: building a Date takes most of the time that decoding an advisory takes. */
const days = new Map<number, string>();
const MAX_DAYS = 20_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));

function isoDay(number: number): string {
  let day = days.get(number);
  if (day === undefined) {
    if (!(Math.abs(number) <= MAX_DAY)) throw new MalformedBytes('a time is out of range');
    day = new Date(number * SECONDS_PER_DAY * 1000).toISOString().slice(0, -14);
    if (days.size >= MAX_DAYS) days.clear();
    days.set(number, day);
  }
  return day;
}

function isoTime(value: number): string {
  const day = Math.floor(value / SECONDS_PER_DAY);
  const rest = value - day * SECONDS_PER_DAY;
  if (rest === 0) return `${isoDay(day)}T00:00:00Z`;
  const minutes = Math.floor(rest / 60);
  const hour = TWO_DIGITS[Math.floor(minutes / 60)]!;
  return `${isoDay(day)}T${hour}:${TWO_DIGITS[minutes % 60]!}:${TWO_DIGITS[rest % 60]!}Z`;
}

// ---- Severity ----

const SEVERITY_TYPES: readonly SeverityScore['type'][] = ['CVSS_V2', 'CVSS_V3', 'CVSS_V4'];

function writeSeverity(out: ByteWriter, severity: readonly SeverityScore[]): void {
  out.varint(severity.length);
  for (const { type, score } of severity) out.varint(SEVERITY_TYPES.indexOf(type)).string(score);
}

function readSeverity(reader: ByteReader): SeverityScore[] {
  return reader.list(() => ({ type: pick(SEVERITY_TYPES, reader.varint()), score: reader.string() }));
}

function pick<T>(table: readonly T[], index: number): T {
  const value = table[index];
  if (value === undefined) throw new MalformedBytes('a code is unknown');
  return value;
}

// ---- Links: many end in the record's id, its CVE's or an alias, which is then not stored again ----

function writeLinks(out: ByteWriter, { id, cves, aliases, links }: RecordFacts): void {
  const ids = [id, ...cves, ...aliases];
  out.varint(links.length);
  for (const { type, url } of links) {
    const at = ids.findIndex((candidate) => url.endsWith(candidate));
    out.varint(LINK_TYPES.indexOf(type)).varint(at + 1);
    out.string(at < 0 ? url : url.slice(0, -ids[at]!.length));
  }
}

function readLinks(reader: ByteReader, { id, cves, aliases }: RecordFacts): AdvisoryLink[] {
  return reader.list(() => {
    const type = pick(LINK_TYPES, reader.varint());
    const at = reader.varint();
    const url = reader.string();
    if (at === 0) return { type, url };
    const suffix = at === 1 ? id : (cves[at - 2] ?? aliases[at - 2 - cves.length]);
    if (suffix === undefined) throw new MalformedBytes('a link names an id that is not there');
    return { type, url: url + suffix };
  });
}

// ---- A record's say on one package ----

const AFFECTED = {
  /** The one range is `ECOSYSTEM` from 0 to a fix, which is most of them: only the fix follows. */
  fixedOnly: 1,
  versions: 2,
  severity: 4,
  vendorSeverity: 8,
  status: 16,
  informational: 32,
  module: 64,
} as const;

const STATUSES: readonly AdvisoryStatus[] = ['unfixed', 'ignored', 'end-of-life', 'not-affected'];
const RANGE_TYPES: readonly AffectedRange['type'][] = ['SEMVER', 'ECOSYSTEM'];
const EVENT_KINDS = ['introduced', 'fixed', 'lastAffected', 'limit'] as const;

export type AffectedFacts = Omit<AffectedPackage, 'ecosystem' | 'package'>;

export function writeAffected(out: ByteWriter, affected: AffectedFacts): void {
  const fix = onlyFix(affected.ranges);
  out.varint(
    (fix !== undefined ? AFFECTED.fixedOnly : 0) |
      (affected.versions.length > 0 ? AFFECTED.versions : 0) |
      (affected.severity ? AFFECTED.severity : 0) |
      (affected.vendorSeverity !== undefined ? AFFECTED.vendorSeverity : 0) |
      (affected.status !== undefined ? AFFECTED.status : 0) |
      (affected.informational !== undefined ? AFFECTED.informational : 0) |
      (affected.module !== undefined ? AFFECTED.module : 0),
  );
  if (fix !== undefined) out.string(fix);
  else writeRanges(out, affected.ranges);
  if (affected.versions.length > 0) out.strings(affected.versions);
  if (affected.severity) writeSeverity(out, affected.severity);
  if (affected.vendorSeverity !== undefined) out.string(affected.vendorSeverity);
  if (affected.status !== undefined) out.varint(STATUSES.indexOf(affected.status));
  if (affected.informational !== undefined) out.string(affected.informational);
  if (affected.module !== undefined) out.string(affected.module);
}

export function readAffected(reader: ByteReader): AffectedFacts {
  const flags = reader.varint();
  const ranges: AffectedRange[] =
    flags & AFFECTED.fixedOnly
      ? [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: reader.string() }] }]
      : readRanges(reader);
  const affected: AffectedFacts = { ranges, versions: flags & AFFECTED.versions ? reader.strings() : [] };
  if (flags & AFFECTED.severity) affected.severity = readSeverity(reader);
  if (flags & AFFECTED.vendorSeverity) affected.vendorSeverity = reader.string();
  if (flags & AFFECTED.status) affected.status = pick(STATUSES, reader.varint());
  if (flags & AFFECTED.informational) affected.informational = reader.string();
  if (flags & AFFECTED.module) affected.module = reader.string();
  return affected;
}

function onlyFix(ranges: readonly AffectedRange[]): string | undefined {
  const range = ranges[0];
  if (!range || ranges.length > 1 || range.type !== 'ECOSYSTEM' || range.events.length !== 2) return undefined;
  return range.events[0]!.introduced === '0' ? range.events[1]!.fixed : undefined;
}

function writeRanges(out: ByteWriter, ranges: readonly AffectedRange[]): void {
  out.varint(ranges.length);
  for (const { type, events } of ranges) {
    out.varint(RANGE_TYPES.indexOf(type)).varint(events.length);
    for (const event of events) {
      const kind = EVENT_KINDS.findIndex((name) => event[name] !== undefined);
      out.varint(kind).string(event[EVENT_KINDS[kind]!]!);
    }
  }
}

function readRanges(reader: ByteReader): AffectedRange[] {
  return reader.list(() => ({
    type: pick(RANGE_TYPES, reader.varint()),
    events: reader.list((): RangeEvent => ({ [pick(EVENT_KINDS, reader.varint())]: reader.string() })),
  }));
}

// ---- CVEs ----

const CVE = { published: 1, modified: 2, rejected: 4, kev: 8, dueDate: 16, ransomware: 32, epss: 64, scores: 128, cwes: 256 };
/** EPSS publishes five decimals. */
const EPSS_SCALE = 1e6;
const MS_PER_DAY = 86_400_000;

/** All but the id, which is the row's key, and the day of the EPSS model, which is the same for all. */
export function writeCve(out: ByteWriter, facts: CveFacts): void {
  const { kev, epss } = facts;
  out.varint(
    (facts.published !== undefined ? CVE.published : 0) |
      (facts.modified !== undefined ? CVE.modified : 0) |
      (facts.rejected ? CVE.rejected : 0) |
      (kev ? CVE.kev : 0) |
      (kev?.dueDate !== undefined ? CVE.dueDate : 0) |
      (kev?.ransomware ? CVE.ransomware : 0) |
      (epss ? CVE.epss : 0) |
      (facts.scores.length > 0 ? CVE.scores : 0) |
      (facts.cwes.length > 0 ? CVE.cwes : 0),
  );
  writeTimes(out, facts.published, facts.modified);
  if (kev) {
    out.signed(Date.parse(kev.dateAdded) / MS_PER_DAY);
    if (kev.dueDate !== undefined) out.signed(Date.parse(kev.dueDate) / MS_PER_DAY);
  }
  if (epss) out.varint(Math.round(epss.score * EPSS_SCALE)).varint(Math.round(epss.percentile * EPSS_SCALE));
  if (facts.scores.length > 0) {
    out.varint(facts.scores.length);
    for (const { version, vector, score, source } of facts.scores) {
      out.string(version).string(vector).varint(Math.round(score * 10)).string(source);
    }
  }
  if (facts.cwes.length > 0) out.strings(facts.cwes);
}

export function readCve(reader: ByteReader, id: string, epssDate?: string): CveFacts {
  const flags = reader.varint();
  const facts: CveFacts = { id, scores: [], cwes: [] };
  readTimes(reader, facts, (flags & CVE.published) !== 0, (flags & CVE.modified) !== 0);
  if (flags & CVE.rejected) facts.rejected = true;
  if (flags & CVE.kev) {
    const dateAdded = isoDay(reader.signed());
    const dueDate = flags & CVE.dueDate ? isoDay(reader.signed()) : undefined;
    facts.kev = { dateAdded, ...(dueDate !== undefined && { dueDate }), ransomware: (flags & CVE.ransomware) !== 0 };
  }
  if (flags & CVE.epss) {
    const score = reader.varint() / EPSS_SCALE;
    const percentile = reader.varint() / EPSS_SCALE;
    facts.epss = { score, percentile, ...(epssDate !== undefined && { date: epssDate }) };
  }
  if (flags & CVE.scores) {
    facts.scores = reader.list(() => ({
      version: reader.string(),
      vector: reader.string(),
      score: reader.varint() / 10,
      source: reader.string(),
    }));
  }
  if (flags & CVE.cwes) facts.cwes = reader.strings();
  return facts;
}
