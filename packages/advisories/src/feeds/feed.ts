import type { Advisory, AffectedRange, AdvisoryStatus, CveFacts, SeverityScore } from '@plimsoll/model';

/** A record of an advisory feed: facts once, and the packages that it names. */
export interface AdvisoryRecord
  extends Pick<
    Advisory,
    'id' | 'cves' | 'aliases' | 'severity' | 'vendorSeverity' | 'published' | 'modified' | 'links' | 'cwes'
  > {
  affected: AffectedPackage[];
}

/** One package of a record. What is set here goes before what the record says. */
export interface AffectedPackage {
  ecosystem: string;
  package: string;
  ranges: AffectedRange[];
  versions: string[];
  severity?: SeverityScore[];
  vendorSeverity?: string;
  status?: AdvisoryStatus;
  informational?: string;
  module?: string;
}

/** Takes a feed's facts as they are read. */
export interface FeedSink {
  advisory(record: AdvisoryRecord): void;
  /** Facts of one CVE; several feeds may each tell a part. */
  cve(facts: CveFacts): void;
}

export interface FeedSummary {
  /** Records read, withdrawn ones among them. */
  records: number;
  /** ISO 8601 time of the newest record, or the feed's own date. */
  asOf?: string;
}

/** One file of a feed, as it lies in a mirror. */
export interface FeedFile {
  /** `osv/Debian`, `kev` */
  name: string;
  /** Below the mirror's root, with `/`: `osv/Debian/all.zip`. */
  path: string;
  /** Where the publisher serves it. */
  url: string;
  /** True when `url` answers with a GitHub release, whose asset ending in `assetSuffix` is the file. */
  releaseAsset?: string;
}

export interface ReadOptions {
  /** Names of all files that are read in this run. */
  present: ReadonlySet<string>;
  /** Called now and then with the records read so far. */
  onRecords?: (records: number) => void;
}

/** One source of facts. One feed is one file in this folder, listed in `index.ts`. */
export interface Feed {
  /** `osv`, `kev` */
  name: string;
  /** The files that the publisher serves, for these OSV ecosystems. */
  published(ecosystems: readonly string[]): FeedFile[];
  /** The files that lie in a mirror folder. */
  inFolder(root: string): FeedFile[];
  /**
   * Reads a file and hands its facts to the sink. Rejects with an `InputError` that names the file
   * and the record when something is cut off or not in the feed's format.
   */
  read(path: string, file: FeedFile, sink: FeedSink, options: ReadOptions): Promise<FeedSummary>;
}
