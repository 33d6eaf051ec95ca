import type {
  Advisory,
  AdvisoryDatabase,
  CoverageGap,
  CveFacts,
  CvssScore,
  DatabaseInfo,
  Evidence,
  Finding,
  FindingLayer,
  Package,
  Sbom,
} from '@plimsoll/model';
import { flawsOf, type Flaw } from './flaws.ts';
import type { IdMap } from './id-map.ts';
import { advisoryPage, findingLinks } from './links.ts';
import { judge as judgeVersions, RecordLookup, type MatchedRecord } from './records.ts';
import { advisoryScore, judge, type VendorRating } from './severity.ts';
import { isOsPackage, Subjects } from './subject.ts';

export interface MatchOptions {
  /** The day that support dates are compared with; today by default. */
  now?: Date;
  /** The customer's own ids, to be named in findings. */
  ids?: IdMap;
}

export interface MatchResult {
  findings: Finding[];
  coverage: CoverageGap[];
  /** Packages that some feed could judge, those among them that their distribution answers for. */
  judged: number;
}

/** The part of a finding that is the same for all binary packages of one source. */
type PackageFlaw = Omit<Finding, 'package' | 'layer'>;

/**
 * Finds the flaws of an image's packages: one finding per flaw and package, in the packages' order.
 * Pure but for reading the database. What cannot be judged is counted in `coverage`.
 */
export function match(sbom: Sbom, db: AdvisoryDatabase, options: MatchOptions = {}): MatchResult {
  const lookup = new RecordLookup(db);
  const subjects = new Subjects(db.info, sbom.os, sbom.packages, (ecosystem, name) => lookup.recordsFor(ecosystem, name).length > 0);
  const gaps = new Gaps();
  const known = new Map<string, PackageFlaw[]>();
  const facts = new Map<string, CveFacts | undefined>();
  const factsOf = (cve: string) => {
    if (!facts.has(cve)) facts.set(cve, db.cve(cve));
    return facts.get(cve);
  };

  const findings: Finding[] = [];
  /** Packages judged by each feed. */
  const judged = new Map<string, number>();
  let owned = 0;
  for (const pkg of sbom.packages) {
    const subject = subjects.of(pkg);
    if (subject.kind === 'owned') {
      owned++;
      continue;
    }
    if (subject.kind === 'gap') {
      gaps.add(subject.gap.reason, subject.gap.ecosystem);
      continue;
    }
    // Bitnami names few programs: silence on a program means that nobody looked.
    if (pkg.type === 'generic' && subject.queries.every(({ ecosystem, name }) => lookup.recordsFor(ecosystem, name).length === 0)) {
      gaps.add('no feed knows these programs', 'Bitnami');
      continue;
    }
    const key = JSON.stringify(subject.queries);
    let flaws = known.get(key);
    if (!flaws) {
      flaws = flawsOf(judgeVersions(subject.queries, lookup)).map((flaw) =>
        describe(flaw, isOsPackage(pkg), flaw.cve === undefined ? undefined : factsOf(flaw.cve), options.ids),
      );
      known.set(key, flaws);
    }
    const feed = feedName(subject.queries[0]!.ecosystem);
    judged.set(feed, (judged.get(feed) ?? 0) + 1);
    if (flaws.length === 0) continue;
    const where = { package: packageOf(pkg), layer: layerOf(pkg, sbom) };
    for (const flaw of flaws) findings.push({ ...flaw, ...where });
  }
  addStaleFeeds(db.info, judged, options.now ?? new Date(), gaps);
  if (subjects.osCovered) addEndOfSupport(sbom, options.now ?? new Date(), gaps);
  return { findings, coverage: gaps.list(), judged: [...judged.values()].reduce((sum, packages) => sum + packages, owned) };
}

function describe(flaw: Flaw, byDistribution: boolean, cve: CveFacts | undefined, ids: IdMap | undefined): PackageFlaw {
  const { records } = flaw;
  const advisories = records.map((record) => record.advisory);
  const scores = scoresOf(records, cve);
  const ratings = ratingsOf(records);
  const judgement = judge({
    vendor: byDistribution ? ratings : [],
    others: byDistribution ? [] : ratings,
    scores,
    cve,
    informational: advisories.every((advisory) => advisory.informational !== undefined) ? advisories[0]!.informational : undefined,
  });
  const cwes = new Set([...(cve?.cwes ?? []), ...advisories.flatMap((advisory) => advisory.cwes ?? [])]);
  const qids = ids?.qidsFor(flaw.id);
  const evidence = records.map(evidenceOf);
  const pages = [...(flaw.cve === undefined ? [] : [advisoryPage(flaw.cve, [])]), ...evidence.map(({ url }) => url!)];
  const published = cve?.published ?? least(advisories.map((advisory) => advisory.published));
  const modified = cve?.modified ?? greatest(advisories.map((advisory) => advisory.modified));
  return {
    id: flaw.id,
    aliases: flaw.aliases,
    ...(qids && qids.length > 0 ? { qids } : {}),
    severity: judgement.severity,
    severityReason: judgement.reason,
    ...(judgement.vendorSeverity === undefined ? {} : { vendorSeverity: judgement.vendorSeverity }),
    ...(judgement.cvss ? { cvss: judgement.cvss } : {}),
    ...(scores.length > 0 ? { scores } : {}),
    cwes: [...cwes].sort(),
    ...(cve?.kev ? { kev: cve.kev } : {}),
    ...(cve?.epss ? { epss: cve.epss } : {}),
    ...(flaw.fixedVersion === undefined ? {} : { fixedVersion: asInstalled(flaw.fixedVersion, advisories[0]!.ecosystem) }),
    status: flaw.fixedVersion !== undefined ? 'fixed' : (advisories.find((advisory) => advisory.status)?.status ?? 'unfixed'),
    evidence,
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
    links: findingLinks(pages, advisories.flatMap((advisory) => advisory.links)),
  };
}

/** A version as people write it where they install it: go.mod has a `v` before it, Go's advisories do not. */
function asInstalled(version: string, ecosystem: string): string {
  return ecosystem === 'Go' && /^\d/.test(version) ? `v${version}` : version;
}

function scoresOf(records: readonly MatchedRecord[], cve: CveFacts | undefined): CvssScore[] {
  const scores = [...(cve?.scores ?? [])];
  for (const { advisory, record } of records) {
    // A bulletin's score is not that of each of its flaws.
    if (record.cves.length > 1) continue;
    for (const entry of advisory.severity) {
      const score = advisoryScore(entry, feedOf(advisory));
      if (score && !scores.some((other) => other.vector === score.vector && other.version === score.version && other.score === score.score)) {
        scores.push(score);
      }
    }
  }
  return scores;
}

/** Whose record it is, for people: `ghsa`, `rustsec`; for a distribution its name. */
function feedOf({ id, ecosystem }: Advisory): string {
  const dash = id.indexOf('-');
  const colon = ecosystem.indexOf(':');
  if (colon >= 0) return ecosystem.slice(0, colon);
  return dash > 0 ? id.slice(0, dash).toLowerCase() : ecosystem;
}

function ratingsOf(records: readonly MatchedRecord[]): VendorRating[] {
  return records.flatMap(({ advisory, record }) =>
    advisory.vendorSeverity === undefined
      ? []
      : [{ word: advisory.vendorSeverity, vendor: feedOf(advisory), flaws: record.cves.length }],
  );
}

function evidenceOf({ advisory, query, match: matched }: MatchedRecord): Evidence {
  return {
    advisory: advisory.id,
    ecosystem: query.ecosystem,
    package: advisory.package,
    version: query.version,
    range: matched.range,
    ...(matched.fixedVersion === undefined ? {} : { fixedVersion: matched.fixedVersion }),
    url: advisoryPage(advisory.id, advisory.links),
  };
}

function packageOf(pkg: Package): Finding['package'] {
  return {
    name: pkg.name,
    version: pkg.version,
    type: pkg.type,
    purl: pkg.purl,
    ...(pkg.source ? { source: pkg.source } : {}),
    paths: pkg.paths,
    ...(pkg.ownedBy === undefined ? {} : { ownedBy: pkg.ownedBy }),
  };
}

function layerOf(pkg: Package, sbom: Sbom): FindingLayer {
  const layer = sbom.image.layers[pkg.layer];
  return {
    index: pkg.layer,
    ...(layer?.diffId === undefined ? {} : { diffId: layer.diffId }),
    ...(layer?.digest === undefined ? {} : { digest: layer.digest }),
    ...(layer?.createdBy === undefined ? {} : { createdBy: layer.createdBy }),
    ...(layer?.fromBase === undefined ? {} : { fromBase: layer.fromBase }),
  };
}

function least(dates: readonly (string | undefined)[]): string | undefined {
  return dates.reduce((a, b) => (a === undefined || (b !== undefined && b < a) ? b : a), undefined);
}

function greatest(dates: readonly (string | undefined)[]): string | undefined {
  return dates.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a), undefined);
}

/** A vendor that has ended support publishes no new advisories, so the lack of findings says little. */
function addEndOfSupport({ os, packages }: Sbom, now: Date, gaps: Gaps): void {
  const last = os?.endOfExtendedSupport ?? os?.endOfSupport;
  if (!os || last === undefined || now.toISOString().slice(0, 10) <= last) return;
  const count = packages.filter(isOsPackage).length;
  if (count > 0) gaps.add(`${os.prettyName} has had no support since ${last}: flaws found later are not reported`, os.ecosystem, count);
}

/** A feed whose newest record is older than this says little about today. */
const STALE_AFTER_DAYS = 90;

function feedName(ecosystem: string): string {
  return `osv/${ecosystem.split(':', 1)[0]!}`;
}

function addStaleFeeds({ feeds }: DatabaseInfo, judged: ReadonlyMap<string, number>, now: Date, gaps: Gaps): void {
  for (const { name, asOf } of feeds) {
    const packages = judged.get(name);
    if (packages === undefined || asOf === undefined) continue;
    const days = (now.getTime() - Date.parse(asOf)) / 86_400_000;
    if (!(days > STALE_AFTER_DAYS)) continue;
    const ecosystem = name.slice('osv/'.length);
    gaps.add(`the newest advisory at hand is of ${asOf.slice(0, 10)}: flaws found later are not known; plimsoll db update fetches them`, ecosystem, packages);
  }
}

class Gaps {
  readonly #gaps = new Map<string, CoverageGap>();

  add(reason: string, ecosystem: string | undefined, packages = 1): void {
    const key = `${reason}\0${ecosystem ?? ''}`;
    const gap = this.#gaps.get(key);
    if (gap) gap.packages += packages;
    else this.#gaps.set(key, { reason, packages, ...(ecosystem === undefined ? {} : { ecosystem }) });
  }

  list(): CoverageGap[] {
    return [...this.#gaps.values()].sort((a, b) => b.packages - a.packages || (a.reason < b.reason ? -1 : 1));
  }
}
