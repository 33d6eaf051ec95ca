import type { CveFacts, CvssScore, Severity, SeverityScore } from '@plimsoll/model';
import { scoreOf } from './cvss.ts';

/** A vendor's own rating of a flaw in the release at hand. */
export interface VendorRating {
  /** `Important`, `low`, … */
  word: string;
  /** Who says so, for people: `Debian`. */
  vendor: string;
  /** How many flaws the rated record is about; the rating is that of the worst of them. */
  flaws: number;
}

export interface SeverityFacts {
  /** Ratings by the distribution of the package at hand, the most specific record first. */
  vendor: readonly VendorRating[];
  /** Ratings by others, such as GitHub's for npm: they stand in where there is no score. */
  others: readonly VendorRating[];
  scores: readonly CvssScore[];
  cve?: CveFacts | undefined;
  /** Set for records that are no vulnerabilities. */
  informational?: string | undefined;
}

export interface Judgement {
  severity: Severity;
  reason: string;
  /** The score that the severity was taken from. */
  cvss?: CvssScore;
  vendorSeverity?: string;
}

/** EPSS from which a flaw counts one step more: more likely than not to be exploited within 30 days. */
const LIKELY_EXPLOITED = 0.5;

/**
 * The one Plimsoll severity of a finding. The rule is documented, with its reasons, in docs/severity.md:
 * base by the distribution's rating, else by CVSS, else 2; EPSS raises by one; KEV raises to 5.
 */
export function judge(facts: SeverityFacts): Judgement {
  const best = bestScore(facts.scores);
  const rating = facts.vendor[0] ?? facts.others[0];
  const named = rating ? { vendorSeverity: rating.word } : {};
  if (facts.informational !== undefined) {
    return { severity: 1, reason: `informational: ${facts.informational}`, ...named };
  }
  if (facts.cve?.rejected) return { severity: 1, reason: 'the CVE record was rejected', ...named };

  const base = baseOf(facts, best);
  const reasons = [base.reason];
  let severity = base.severity;
  const { epss, kev } = facts.cve ?? {};
  if (epss && epss.score >= LIKELY_EXPLOITED) {
    severity = Math.min(5, severity + 1) as Severity;
    reasons.push(`EPSS ${percent(epss.score)} (above ${percent(epss.percentile)} of all CVEs)`);
  }
  if (kev) {
    severity = 5;
    reasons.push(`in KEV since ${kev.dateAdded}${kev.ransomware ? ', used by ransomware' : ''}`);
  }
  return { severity, reason: reasons.join(', '), ...named, ...(base.cvss ? { cvss: base.cvss } : {}) };
}

interface Base {
  severity: Severity;
  reason: string;
  cvss?: CvssScore | undefined;
}

function baseOf({ vendor, others }: SeverityFacts, best: CvssScore | undefined): Base {
  const byVendor = rated(vendor);
  if (byVendor) {
    // A bulletin on several flaws has the rating of its worst; a flaw's own score may place it lower.
    if (byVendor.rating.flaws > 1 && best && byScore(best) < byVendor.severity) return fromScore(best);
    return { severity: byVendor.severity, reason: wording(byVendor.rating), cvss: best };
  }
  if (best) return fromScore(best);
  const byOthers = rated(others);
  if (byOthers) return { severity: byOthers.severity, reason: wording(byOthers.rating) };
  return { severity: 2, reason: 'not scored yet' };
}

const fromScore = (score: CvssScore): Base => ({
  severity: byScore(score),
  reason: `CVSS ${score.score.toFixed(1)} (${score.source})`,
  cvss: score,
});

const wording = ({ vendor, word }: VendorRating) => `${vendor} rates it ${word.toLowerCase()}`;

function percent(share: number): string {
  return `${(share * 100).toFixed(1).replace(/\.0$/, '')} %`;
}

/** The words of all vendors, on one scale. */
const WORDS = new Map<string, Severity>([
  ['critical', 5],
  ['important', 4],
  ['high', 4],
  ['moderate', 3],
  ['medium', 3],
  ['low', 2],
  ['minor', 2],
  ['negligible', 1],
  ['unimportant', 1],
  ['none', 1],
]);

/** The first rating whose word is known. Debian marks automatic urgencies with asterisks. */
function rated(ratings: readonly VendorRating[]): { severity: Severity; rating: VendorRating } | undefined {
  for (const rating of ratings) {
    const severity = WORDS.get(rating.word.toLowerCase().replace(/\*+$/, ''));
    if (severity !== undefined) return { severity, rating };
  }
  return undefined;
}

/** FIRST's bands, of which `none` is 1. Version 2 has no band above high. */
function byScore({ version, score }: CvssScore): Severity {
  if (score >= 9 && version !== '2.0') return 5;
  if (score >= 7) return 4;
  if (score >= 4) return 3;
  return score > 0 ? 2 : 1;
}

const VERSIONS = ['4.0', '3.1', '3.0', '2.0'];
/** Who knows the product comes first, then who has looked at it; feeds that pass a score on come last. */
const SOURCES = ['cna', 'nvd', 'cisa-adp'];

/** The newest version of CVSS, and within it the nearest source; within that the higher score. */
export function bestScore(scores: readonly CvssScore[]): CvssScore | undefined {
  const rank = ({ version, source }: CvssScore) =>
    place(VERSIONS, version) * (SOURCES.length + 1) + place(SOURCES, source.toLowerCase());
  let best: CvssScore | undefined;
  for (const score of scores) {
    if (!best || rank(score) < rank(best) || (rank(score) === rank(best) && score.score > best.score)) best = score;
  }
  return best;
}

function place(list: readonly string[], item: string): number {
  const index = list.indexOf(item);
  return index < 0 ? list.length : index;
}

/** An advisory's own score as a base score; undefined when it is none. `source` names the advisory's feed. */
export function advisoryScore({ type, score }: SeverityScore, source: string): CvssScore | undefined {
  const scored = scoreOf(score);
  if (scored) return { version: scored.version, vector: score, score: scored.score, source };
  const bare = /^\d{1,2}(?:\.\d+)?$/.test(score) ? Number(score) : Number.NaN;
  if (!(bare >= 0 && bare <= 10)) return undefined;
  return { version: BARE_VERSIONS[type], vector: '', score: bare, source };
}

/** A bare number tells only the generation; 3.1 scores as 3.0 does, but for rounding. */
const BARE_VERSIONS: Record<SeverityScore['type'], string> = { CVSS_V2: '2.0', CVSS_V3: '3.1', CVSS_V4: '4.0' };
