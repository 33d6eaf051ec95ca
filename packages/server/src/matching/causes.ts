import type { AdvisoryDatabase } from '@plimsoll/model';
import type { CHANGE_CAUSES } from '@plimsoll/model/api';
import type { Judged, JudgedFinding } from './judge.ts';

export type Cause = (typeof CHANGE_CAUSES)[number];

/** A finding that went, as its row had it. */
export interface GoneFinding {
  id: string;
  package: string;
  version: string;
  type: string;
  source: string | null;
  purl: string;
  severity: number;
}

export interface Change {
  cause: Cause;
  /** For people: what did it. */
  reason: string;
  appeared: { id: string; package: string; severity: number }[];
  gone: { id: string; package: string; severity: number }[];
  appearedCount: number;
  goneCount: number;
}

export interface Evidence {
  kind: 'image' | 'host';
  /** It was never matched before. */
  first: boolean;
  /** The document is another one than when it was matched last. */
  newDocument: boolean;
  /** Set when it was matched last by another advisory database. `before` is that one, where it is still at hand. */
  advisories?: { before: AdvisoryDatabase | undefined; now: AdvisoryDatabase };
  /** What whoever asked for the match knows better than the data tells. */
  told?: { cause: Cause; reason: string };
}

/** Findings named in one change. */
const NAMED = 200;
/** Advisories and packages named in a reason. */
const IN_REASON = 3;

/**
 * Says what made findings appear or go: by comparing what was and is, not by guessing. A finding that some advisory
 * brings which the database before did not have is due to that advisory; one of a package that is no longer there
 * is due to the packages; where the database before is not at hand, the change is put down to the feeds as a whole.
 */
export function explainChanges(appeared: readonly JudgedFinding[], gone: readonly GoneFinding[], judged: Judged, evidence: Evidence): Change[] {
  const { first, kind, told } = evidence;
  if (first) {
    return [change(kind === 'host' ? 'new-host' : 'new-image', `First scan of this ${kind}`, appeared, [])];
  }
  if (appeared.length === 0 && gone.length === 0) return [];
  if (told) return [change(told.cause, told.reason, appeared, gone)];

  const parts = new Parts();
  const installed = new Set(judged.packages.map(({ purl }) => purl));
  for (const finding of appeared) {
    const news = newAdvisories(finding, evidence.advisories);
    if (news.length > 0) parts.appear('new-advisory', finding, ...news.map((id) => `Advisory ${id} names ${finding.package}`));
    else if (evidence.newDocument) parts.appear('changed-packages', finding, upgradeTo(finding, gone, judged));
    else parts.appear('changed-feed', finding, ...feedReasons(finding, evidence.advisories));
  }
  for (const finding of gone) {
    if (!installed.has(finding.purl)) parts.go('changed-packages', finding, upgradeFrom(finding, judged));
    else parts.go('changed-feed', finding, whyGone(finding, evidence.advisories));
  }
  return parts.changes();
}

/** Advisories that name the finding and that the database before did not have for this package. */
function newAdvisories({ evidence }: JudgedFinding, advisories: Evidence['advisories']): string[] {
  const before = advisories?.before;
  if (!before) return [];
  const isNew = ({ advisory, ecosystem, package: name }: JudgedFinding['evidence'][number]) =>
    !before.advisoriesFor(ecosystem, name).some(({ id }) => id === advisory);
  return evidence.every(isNew) ? [...new Set(evidence.map(({ advisory }) => advisory))] : [];
}

function feedReasons({ evidence, package: name }: JudgedFinding, advisories: Evidence['advisories']): string[] {
  if (!advisories?.before) return [dataChanged(advisories)];
  return [...new Set(evidence.map(({ advisory }) => `Advisory ${advisory} now names this version of ${name}`))];
}

function dataChanged(advisories: Evidence['advisories']): string {
  if (!advisories) return 'Matched anew';
  const built = advisories.now.info.built;
  return advisories.before ? `The advisory data changed: ${advisories.before.info.built} → ${built}` : `The advisory data changed: now that of ${built}`;
}

function whyGone(finding: GoneFinding, advisories: Evidence['advisories']): string {
  if (!advisories?.before) return dataChanged(advisories);
  const idsOf = (database: AdvisoryDatabase): string[] =>
    database.byId(finding.id).filter(({ package: name }) => namesPackage(name, finding)).map(({ id }) => id);
  const still = new Set(idsOf(advisories.now));
  const withdrawn = [...new Set(idsOf(advisories.before))].filter((id) => !still.has(id));
  if (withdrawn.length > 0) return `Advisory ${withdrawn[0]} was withdrawn, or no longer names ${finding.package}`;
  return `The advisories on ${finding.id} no longer name this version of ${finding.package}`;
}

function namesPackage(name: string, { package: installed, source }: GoneFinding): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[-_.]+/g, '-');
  return plain(name) === plain(installed) || (source !== null && name === source);
}

function upgradeFrom(finding: GoneFinding, { packages }: Judged): string {
  const now = packages.filter(({ type, name }) => type === finding.type && name === finding.package).map(({ version }) => version);
  if (now.length === 0) return `Package ${finding.package} ${finding.version} is no longer there`;
  return `Package ${finding.package} ${finding.version} → ${[...new Set(now)].join(', ')}`;
}

function upgradeTo(finding: JudgedFinding, gone: readonly GoneFinding[], { packages }: Judged): string {
  const now = packages.find(({ purl }) => purl === finding.purl);
  if (!now) return `Package ${finding.package}`;
  const before = gone.find((other) => other.type === now.type && other.package === now.name && other.purl !== now.purl);
  return before ? `Package ${now.name} ${before.version} → ${now.version}` : `Package ${now.name} ${now.version}`;
}

type Named = { id: string; package: string; severity: number };

function change(cause: Cause, reason: string, appeared: readonly Named[], gone: readonly Named[]): Change {
  const listed = (all: readonly Named[]) =>
    [...all]
      .sort((a, b) => b.severity - a.severity || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
      .slice(0, NAMED)
      .map(({ id, package: name, severity }) => ({ id, package: name, severity }));
  return { cause, reason, appeared: listed(appeared), gone: listed(gone), appearedCount: appeared.length, goneCount: gone.length };
}

/** Gathers findings by cause; one change for each. */
class Parts {
  readonly #parts = new Map<Cause, { reasons: Set<string>; appeared: Named[]; gone: Named[] }>();

  appear(cause: Cause, finding: Named, ...reasons: string[]): void {
    this.#part(cause, reasons).appeared.push(finding);
  }

  go(cause: Cause, finding: Named, ...reasons: string[]): void {
    this.#part(cause, reasons).gone.push(finding);
  }

  changes(): Change[] {
    return [...this.#parts].map(([cause, { reasons, appeared, gone }]) => {
      const named = [...reasons].slice(0, IN_REASON);
      const more = reasons.size - named.length;
      return change(cause, `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`, appeared, gone);
    });
  }

  #part(cause: Cause, reasons: readonly string[]) {
    let part = this.#parts.get(cause);
    if (!part) this.#parts.set(cause, (part = { reasons: new Set(), appeared: [], gone: [] }));
    for (const reason of reasons) part.reasons.add(reason);
    return part;
  }
}
