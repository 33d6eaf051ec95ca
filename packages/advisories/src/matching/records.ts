import type { Advisory, AdvisoryDatabase } from '@plimsoll/model';
import { schemeFor } from '../versions/index.ts';
import type { VersionScheme } from '../versions/scheme.ts';
import { entriesForBuild } from './modules.ts';
import { isAffected, matchVersion, type AffectedVersions, type RangeMatch } from './range.ts';
import type { Query } from './subject.ts';

/** One advisory record, as far as it speaks of one package. */
export interface PackageRecord {
  id: string;
  /** Distinct. */
  cves: readonly string[];
  aliases: readonly string[];
  /** A distribution's record on exactly one CVE, such as DEBIAN-CVE-…: its verdict is the vendor's. */
  perCve: boolean;
  /** What it says; errata have an entry for each build. Never empty. */
  entries: readonly Advisory[];
}

/** A record that calls the queried version affected. */
export interface MatchedRecord {
  record: PackageRecord;
  /** The entry that matched. */
  advisory: Advisory;
  query: Query;
  match: RangeMatch;
  /** What was compared with the version, and how. */
  affected: AffectedVersions;
  scheme: VersionScheme;
}

/** What all records together say of one package version. */
export interface Verdicts {
  matched: MatchedRecord[];
  /** CVEs on which the distribution has records of its own, none of which calls the version affected. */
  denied: ReadonlySet<string>;
}

/** Judges the versions queried by all records that name the package. */
export function judge(queries: readonly Query[], lookup: RecordLookup): Verdicts {
  const matched: MatchedRecord[] = [];
  const seen = new Set<PackageRecord['id']>();
  const affirmed = new Set<string>();
  const denied = new Set<string>();
  for (const query of queries) {
    const scheme = schemeFor(query.ecosystem);
    if (!scheme) continue;
    for (const record of lookup.recordsFor(query.ecosystem, query.name)) {
      // The same record may name origin and sub-package: once is enough.
      if (seen.has(record.id)) continue;
      const result = matchRecord(record, query, scheme);
      if (result) {
        matched.push(result);
        seen.add(record.id);
      }
      if (record.perCve) (result ? affirmed : denied).add(record.cves[0]!);
    }
  }
  for (const cve of affirmed) denied.delete(cve);
  return { matched, denied };
}

const isDenial = ({ status }: Advisory) => status === 'not-affected';

function matchRecord(record: PackageRecord, query: Query, scheme: VersionScheme): MatchedRecord | undefined {
  let entries = record.entries;
  if (entries.some(isDenial)) entries = entries.filter((entry) => !isDenial(entry));
  if (scheme.name === 'rpm') entries = entriesForBuild(entries, query, scheme);
  const affected: AffectedVersions =
    entries.length === 1
      ? entries[0]!
      : { ranges: entries.flatMap((entry) => entry.ranges), versions: entries.flatMap((entry) => entry.versions) };
  const match = matchVersion(affected, query.version, scheme);
  if (!match) return undefined;
  const advisory = entries.length === 1 ? entries[0]! : entries.find((entry) => isAffected(entry, query.version, scheme))!;
  return { record, advisory, query, match, affected, scheme };
}

/** Remembers answers, so that the same package is asked for once however many binaries it has. */
export class RecordLookup {
  readonly #db: AdvisoryDatabase;
  readonly #answers = new Map<string, readonly PackageRecord[]>();

  constructor(db: AdvisoryDatabase) {
    this.#db = db;
  }

  /** The records that name a package, but for those that are no statement about a flaw. */
  recordsFor(ecosystem: string, name: string): readonly PackageRecord[] {
    const key = `${ecosystem}\0${name}`;
    let answer = this.#answers.get(key);
    if (!answer) this.#answers.set(key, (answer = recordsOf(this.#db.advisoriesFor(ecosystem, name), ecosystem)));
    return answer;
  }
}

function recordsOf(advisories: readonly Advisory[], ecosystem: string): PackageRecord[] {
  const byId = new Map<string, Advisory[]>();
  for (const advisory of advisories) {
    if (advisory.withdrawn !== undefined || isErratumWithoutFlaw(advisory)) continue;
    const entries = byId.get(advisory.id);
    if (entries) entries.push(advisory);
    else byId.set(advisory.id, [advisory]);
  }
  const byDistribution = DISTRIBUTION_SCHEMES.has(schemeFor(ecosystem)?.name ?? '');
  return [...byId].map(([id, entries]) => {
    const { cves, aliases } = entries[0]!;
    const distinct = cves.length > 1 ? [...new Set(cves)] : cves;
    const perCve = byDistribution && distinct.length === 1 && id.endsWith(`-${distinct[0]}`);
    return { id, cves: distinct, aliases, perCve, entries };
  });
}

const DISTRIBUTION_SCHEMES = new Set(['dpkg', 'rpm', 'apk']);

/** Errata that fix no flaw. */
const NO_FLAW = new Set(['bug-fix', 'enhancement']);
const ERRATUM_WITHOUT_FLAW = /^(?:AL|RL|RH)[BE]A-/;

function isErratumWithoutFlaw({ id, cves, informational }: Advisory): boolean {
  if (informational !== undefined && NO_FLAW.has(informational)) return true;
  return cves.length === 0 && ERRATUM_WITHOUT_FLAW.test(id);
}
