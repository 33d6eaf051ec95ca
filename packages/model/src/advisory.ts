/**
 * Advisory facts, a compact form of OSV records. One advisory here is one
 * (OSV record, affected package) pair, since matching asks by package.
 * @see https://ossf.github.io/osv-schema/
 */
export interface Advisory {
  /** Id in its feed: `DSA-5514-1`, `GHSA-…`, `ALPINE-CVE-2019-1549`. */
  id: string;
  /** CVE ids this record is about: its own, its aliases', or its upstream/related ones for vendor records. */
  cves: string[];
  /** Other ids of the same flaw or advisory. CVE ids are not repeated here. */
  aliases: string[];
  /** OSV ecosystem with release: `Debian:12`, `npm`. */
  ecosystem: string;
  /** Package name as the ecosystem's advisories name it (source package for Debian and Alpine). */
  package: string;
  ranges: AffectedRange[];
  /** RPM module stream that the advisory is about, `nodejs:14`: builds of other streams are not affected by it. */
  module?: string;
  /** Explicitly listed affected versions. */
  versions: string[];
  severity: SeverityScore[];
  /** The vendor's own word: `Moderate`, `urgent`, `low`. */
  vendorSeverity?: string;
  /** What the vendor says of this release beyond ranges. */
  status?: AdvisoryStatus;
  published?: string;
  modified?: string;
  /** Set when the record was withdrawn; such records never match. */
  withdrawn?: string;
  links: AdvisoryLink[];
  /** CWE ids, where the feed has them: `CWE-79`. */
  cwes?: string[];
  /** For records that are not vulnerabilities: `unmaintained`, `notice`. They match, at the lowest severity. */
  informational?: string;
}

/** `unfixed`: no fix yet. `ignored`: the vendor will not fix it. `end-of-life`: the release gets no fixes any more. */
export type AdvisoryStatus = 'unfixed' | 'ignored' | 'end-of-life' | 'not-affected';

export interface AffectedRange {
  type: 'SEMVER' | 'ECOSYSTEM';
  events: RangeEvent[];
}

/** Exactly one of the keys is set. */
export interface RangeEvent {
  introduced?: string;
  fixed?: string;
  lastAffected?: string;
  limit?: string;
}

export interface SeverityScore {
  type: 'CVSS_V2' | 'CVSS_V3' | 'CVSS_V4';
  /** The vector; a bare number (`7.5`) where the feed gives only a score. */
  score: string;
}

export interface AdvisoryLink {
  /** OSV reference type: ADVISORY, FIX, WEB, REPORT… */
  type: string;
  url: string;
}

/** What is known of a CVE apart from any package. */
export interface CveFacts {
  id: string;
  scores: CvssScore[];
  cwes: string[];
  published?: string;
  modified?: string;
  /** The CVE record was rejected. */
  rejected?: boolean;
  kev?: KevEntry;
  epss?: EpssScore;
}

export interface CvssScore {
  /** `2.0`, `3.0`, `3.1`, `4.0` */
  version: string;
  vector: string;
  /** Base score, 0–10. */
  score: number;
  /** Who scored: `cna`, `nvd`, `cisa-adp`, a feed's name. */
  source: string;
}

export interface KevEntry {
  /** `YYYY-MM-DD` */
  dateAdded: string;
  dueDate?: string;
  /** Known use in ransomware campaigns. */
  ransomware: boolean;
}

export interface EpssScore {
  /** Probability of exploitation in the next 30 days, 0–1. */
  score: number;
  percentile: number;
  /** Day of the model's run, `YYYY-MM-DD`. */
  date?: string;
}

/** One ingested feed, as recorded in the database. */
export interface FeedInfo {
  /** `osv/Debian`, `kev`, `epss`, `cve5` */
  name: string;
  records: number;
  /** Newest `modified` date among its records, or the feed's own date. */
  asOf?: string;
  /** Lower-case hex SHA-256 of the feed file as fetched. */
  sha256?: string;
  /** Where it was fetched from. */
  url?: string;
}

export interface DatabaseInfo {
  /** Version of the file format. */
  format: number;
  /** ISO 8601 time of the build. */
  built: string;
  feeds: FeedInfo[];
  /** Ecosystems with releases that have advisories: `Debian:12`. Others cannot be judged. */
  ecosystems: string[];
  advisories: number;
  cves: number;
}

/** Read access to an advisory database. Synchronous: the file is opened in place and read by position. */
export interface AdvisoryDatabase {
  readonly info: DatabaseInfo;
  /** Advisories for a package; an empty array when there are none. Withdrawn ones are left out. */
  advisoriesFor(ecosystem: string, packageName: string): Advisory[];
  /** Facts of a CVE; undefined when the database has none. */
  cve(id: string): CveFacts | undefined;
  /** All advisories that carry the id, as their own, as alias or as CVE. */
  byId(id: string): Advisory[];
  close(): void;
}
