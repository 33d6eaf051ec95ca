import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, type AdvisoryLink, type AffectedRange, type RangeEvent, type SeverityScore } from '@plimsoll/model';
import { uncoveredVersions } from './covered.ts';
import type { AdvisoryRecord, AffectedPackage, Feed, FeedFile } from './feed.ts';
import { isCve, isCwe, object, objects, parseObject, text, texts, time, unique, type JsonObject } from './json.ts';
import { LINK_TYPES } from './link-types.ts';
import { moduleStream, packageSeverityWord, packageStatus, recordSeverityWord } from './vendor-words.ts';
import { zipEntries } from './zip.ts';

const BUCKET = 'https://osv-vulnerabilities.storage.googleapis.com';

/** Links kept per record: advisories, then fixes, then others. */
const MAX_LINKS = 8;
const MAX_LINK_LENGTH = 1024;

/**
 * Bulk exports of OSV, one zip archive per ecosystem with one JSON file per record.
 * @see https://google.github.io/osv.dev/data/#data-dumps
 * @see https://ossf.github.io/osv-schema/
 */
export const osv: Feed = {
  name: 'osv',

  published(ecosystems) {
    return ecosystems.map((name) => feedFile(name));
  },

  inFolder(root) {
    const folder = join(root, 'osv');
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder)
      .filter((name) => existsSync(join(folder, name, 'all.zip')))
      .sort();
    // Upstream serves `Debian:12` as well as `Debian`, which holds all releases.
    return names.filter((name) => !name.includes(':') || !names.includes(familyOf(name))).map(feedFile);
  },

  async read(path, file, sink, { present, onRecords }) {
    const folder = file.name.slice('osv/'.length);
    let records = 0;
    let newest: string | undefined;
    for await (const entry of zipEntries(path, '.json')) {
      let withdrawn: boolean;
      let record: AdvisoryRecord;
      try {
        ({ withdrawn, record } = readOsvRecord(parseObject(entry.bytes), familyOf(folder)));
      } catch (error) {
        if (error instanceof InputError) throw new InputError(error.code, `${entry.name}: ${error.message}`, { cause: error });
        throw error;
      }
      records++;
      if (records % 500 === 0) onRecords?.(records);
      if (record.modified !== undefined && (newest === undefined || record.modified > newest)) newest = record.modified;
      if (withdrawn) continue;
      // A record stands in the archive of each ecosystem that it names: take every package once.
      record.affected = record.affected.filter(({ ecosystem }) => {
        const home = familyOf(ecosystem);
        return ecosystem === folder || home === familyOf(folder) || !present.has(`osv/${home}`);
      });
      if (record.affected.length > 0) sink.advisory(record);
    }
    return { records, ...(newest !== undefined && { asOf: newest }) };
  },
};

function feedFile(ecosystem: string): FeedFile {
  return {
    name: `osv/${ecosystem}`,
    path: `osv/${ecosystem}/all.zip`,
    url: `${BUCKET}/${encodeURIComponent(ecosystem)}/all.zip`,
  };
}

/** `Debian` for `Debian:12`. */
export function familyOf(ecosystem: string): string {
  const colon = ecosystem.indexOf(':');
  return colon < 0 ? ecosystem : ecosystem.slice(0, colon);
}

/** One OSV record's facts. Throws `InputError` when it has no id. */
export function readOsvRecord(json: JsonObject, family: string): { record: AdvisoryRecord; withdrawn: boolean } {
  const id = text(json.id);
  if (id === undefined) throw new InputError('feed-record-invalid', 'an OSV record without an id');
  // `upstream` are the flaws a distribution's record is about; `aliases` are the same flaw elsewhere.
  const others = unique([...texts(json.aliases), ...texts(json.upstream)]).filter((other) => other !== id);
  let cves = unique([id, ...others].filter(isCve));
  // Errata name the CVEs they fix as merely related.
  if (cves.length === 0 && RELATED_ARE_FIXED.has(family)) cves = unique(texts(json.related).filter(isCve));

  const specific = object(json.database_specific);
  const severityWord = recordSeverityWord(json, family);
  const published = time(json.published);
  const modified = time(json.modified);
  const cwes = unique(
    [...texts(specific?.cwe_ids), ...objects(specific?.cwes).map((cwe) => text(cwe.cweId) ?? '')].filter(isCwe),
  );
  const record: AdvisoryRecord = {
    id,
    cves,
    aliases: others.filter((other) => !isCve(other)),
    severity: [...severityScores(json.severity), ...bareScores(specific)],
    ...(severityWord !== undefined && { vendorSeverity: severityWord }),
    ...(published !== undefined && { published }),
    ...(modified !== undefined && { modified }),
    links: links(json.references),
    ...(cwes.length > 0 && { cwes }),
    affected: [],
  };
  const erratum = cves.length === 0 ? ERRATUM_KINDS.get(/^(?:AL|RL|RH)(BA|EA)-/.exec(id)?.[1] ?? '') : undefined;
  for (const affected of objects(json.affected)) {
    const found = readAffected(json, affected, erratum);
    if (found) record.affected.push(found);
  }
  return { record, withdrawn: json.withdrawn !== undefined && json.withdrawn !== null };
}

const RELATED_ARE_FIXED = new Set([
  'AlmaLinux', 'Azure Linux', 'Mageia', 'Photon OS', 'Red Hat', 'Rocky Linux', 'SUSE', 'Ubuntu', 'openEuler', 'openSUSE',
]);

/** Errata that fix no flaw: bug fixes and enhancements. */
const ERRATUM_KINDS = new Map([['BA', 'bug-fix'], ['EA', 'enhancement']]);

function readAffected(record: JsonObject, json: JsonObject, erratum: string | undefined): AffectedPackage | undefined {
  const ecosystem = text(object(json.package)?.ecosystem);
  const name = text(object(json.package)?.name);
  if (ecosystem === undefined || name === undefined) return undefined;
  const ranges = objects(json.ranges).map(readRange).filter((range) => range !== undefined);
  const specific = object(json.database_specific);
  // RustSec repeats its vector here, and has it only here in older records.
  const vector = text(specific?.cvss);
  let severity = severityScores(json.severity);
  if (severity.length === 0 && vector !== undefined && objects(record.severity).length === 0) {
    severity = severityScores([{ type: vector.startsWith('CVSS:4') ? 'CVSS_V4' : 'CVSS_V3', score: vector }]);
  }
  const severityWord = packageSeverityWord(json);
  const status = packageStatus(json);
  const informational = text(specific?.informational) ?? erratum;
  const module = moduleStream(record, ranges.flatMap(({ events }) => events.map((event) => event.fixed ?? '')));
  return {
    ecosystem,
    package: name,
    ranges,
    versions: uncoveredVersions(ecosystem, ranges, unique(texts(json.versions))),
    ...(severity.length > 0 && { severity }),
    ...(severityWord !== undefined && { vendorSeverity: severityWord }),
    ...(status !== undefined && { status }),
    ...(informational !== undefined && { informational }),
    ...(module !== undefined && { module }),
  };
}

function readRange(json: JsonObject): AffectedRange | undefined {
  // GIT ranges are about commits, which no installed package tells.
  if (json.type !== 'SEMVER' && json.type !== 'ECOSYSTEM') return undefined;
  const events: RangeEvent[] = [];
  for (const event of objects(json.events)) {
    const introduced = text(event.introduced);
    const fixed = text(event.fixed);
    const lastAffected = text(event.last_affected);
    const limit = text(event.limit);
    if (introduced !== undefined) events.push({ introduced });
    if (fixed !== undefined) events.push({ fixed });
    if (lastAffected !== undefined) events.push({ lastAffected });
    if (limit !== undefined) events.push({ limit });
  }
  return events.length > 0 ? { type: json.type, events } : undefined;
}

function severityScores(json: unknown): SeverityScore[] {
  const scores: SeverityScore[] = [];
  for (const { type, score } of objects(json)) {
    const value = text(score);
    if (value !== undefined && (type === 'CVSS_V2' || type === 'CVSS_V3' || type === 'CVSS_V4')) {
      scores.push({ type, score: value });
    }
  }
  return scores;
}

/** RubyGems' feed has numbers instead of vectors: `"cvss_v3": 7.5`. */
function bareScores(specific: JsonObject | undefined): SeverityScore[] {
  const scores: SeverityScore[] = [];
  for (const [key, type] of [['cvss_v4', 'CVSS_V4'], ['cvss_v3', 'CVSS_V3'], ['cvss_v2', 'CVSS_V2']] as const) {
    const value = Number(specific?.[key] ?? Number.NaN);
    if (value >= 0 && value <= 10) scores.push({ type, score: String(value) });
  }
  return scores;
}

function links(json: unknown): AdvisoryLink[] {
  const seen = new Map<string, AdvisoryLink>();
  for (const { type, url } of objects(json)) {
    // Reports and consoles show links as links: no other schemes, and nothing that breaks out of an attribute.
    if (typeof url !== 'string' || url.length > MAX_LINK_LENGTH || !/^https?:\/\/[^\s"'<>\\]+$/i.test(url)) continue;
    if (!seen.has(url)) seen.set(url, { type: LINK_TYPES.includes(String(type)) ? String(type) : 'WEB', url });
  }
  const rank = ({ type }: AdvisoryLink): number => (type === 'ADVISORY' ? 0 : type === 'FIX' ? 1 : 2);
  return [...seen.values()].sort((a, b) => rank(a) - rank(b)).slice(0, MAX_LINKS);
}
