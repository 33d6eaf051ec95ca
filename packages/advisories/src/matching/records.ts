import type { Advisory, AdvisoryDatabase } from '@plimsoll/model';
import type { VersionScheme } from '../versions/scheme.ts';
import { entriesForBuild } from './modules.ts';
import { isAffected, matchVersion, type AffectedVersions, type RangeMatch } from './range.ts';
import type { Query } from './subject.ts';

/** One advisory record as it speaks of one queried package, judged for its version. */
export interface JudgedRecord {
  id: string;
  cves: readonly string[];
  aliases: readonly string[];
  /** The entry that matched, or the first one. */
  advisory: Advisory;
  query: Query;
  /** Undefined when the version is not affected. */
  match?: RangeMatch;
  /** A distribution's record on exactly one CVE, such as DEBIAN-CVE-…: its verdict is the vendor's. */
  perCve: boolean;
  /** Whether the record would call another version affected. */
  affects(version: string): boolean;
  scheme: VersionScheme;
}

const DISTRIBUTION_SCHEMES = new Set(['dpkg', 'rpm', 'apk']);

/** Errata that fix no flaw. */
const NO_FLAW = new Set(['bug-fix', 'enhancement']);
const ERRATUM_WITHOUT_FLAW = /^(?:AL|RL|RH)[BE]A-/;

/** Judges all records that name a package. Those that are no statement about a flaw are left out. */
export function judgeRecords(query: Query, advisories: readonly Advisory[], scheme: VersionScheme): JudgedRecord[] {
  const byId = new Map<string, Advisory[]>();
  for (const advisory of advisories) {
    if (advisory.withdrawn !== undefined || isErratumWithoutFlaw(advisory)) continue;
    const entries = byId.get(advisory.id);
    if (entries) entries.push(advisory);
    else byId.set(advisory.id, [advisory]);
  }
  const judged: JudgedRecord[] = [];
  for (const [id, entries] of byId) judged.push(judgeRecord(id, entries, query, scheme));
  return judged;
}

function isErratumWithoutFlaw({ id, cves, informational }: Advisory): boolean {
  if (informational !== undefined && NO_FLAW.has(informational)) return true;
  return cves.length === 0 && ERRATUM_WITHOUT_FLAW.test(id);
}

function judgeRecord(id: string, entries: readonly Advisory[], query: Query, scheme: VersionScheme): JudgedRecord {
  const first = entries[0]!;
  const speaking = entries.filter(({ status }) => status !== 'not-affected');
  const relevant = scheme.name === 'rpm' ? entriesForBuild(speaking, query, scheme) : speaking;
  const affected: AffectedVersions =
    relevant.length === 1
      ? relevant[0]!
      : { ranges: relevant.flatMap((entry) => entry.ranges), versions: relevant.flatMap((entry) => entry.versions) };
  const match = matchVersion(affected, query.version, scheme);
  const matching = match && relevant.length > 1 ? relevant.find((entry) => isAffected(entry, query.version, scheme)) : undefined;
  const cves = first.cves.length > 1 ? [...new Set(first.cves)] : first.cves;
  return {
    id,
    cves,
    aliases: first.aliases,
    advisory: matching ?? relevant[0] ?? first,
    query,
    ...(match ? { match } : {}),
    perCve: DISTRIBUTION_SCHEMES.has(scheme.name) && cves.length === 1 && id.endsWith(`-${cves[0]}`),
    affects: (version) => isAffected(affected, version, scheme),
    scheme,
  };
}

/** Remembers answers, so that the same package is asked for once however many binaries it has. */
export class AdvisoryLookup {
  readonly #db: AdvisoryDatabase;
  readonly #answers = new Map<string, Advisory[]>();

  constructor(db: AdvisoryDatabase) {
    this.#db = db;
  }

  advisoriesFor(ecosystem: string, name: string): Advisory[] {
    const key = `${ecosystem}\0${name}`;
    let answer = this.#answers.get(key);
    if (!answer) this.#answers.set(key, (answer = this.#db.advisoriesFor(ecosystem, name)));
    return answer;
  }
}
