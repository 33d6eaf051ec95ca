import { isAffected } from './range.ts';
import type { MatchedRecord, Verdicts } from './records.ts';

/** One flaw of one package version, with the records that say so. */
export interface Flaw {
  /** The CVE where there is one, otherwise an advisory's id. */
  id: string;
  cve?: string;
  /** Every other id, sorted. */
  aliases: string[];
  /** The ones that decide come first. */
  records: MatchedRecord[];
  fixedVersion?: string;
}

/**
 * Makes flaws of the records on one package, distribution or language.
 *
 * A record on one CVE, or on none, is about a single flaw: all its ids name that flaw. A record on
 * several CVEs (a bulletin) speaks of each of them and makes none of them the same.
 *
 * Where the vendor has a record of its own on a CVE, that record decides: its verdict and its fixed
 * version stand above those of bulletins, which may say of a whole update what holds for a part.
 */
export function flawsOf({ matched, denied }: Verdicts): Flaw[] {
  if (matched.length === 0) return [];
  const groups = new Groups();
  const inOrder = [...matched].sort((a, b) => (a.record.id < b.record.id ? -1 : 1));
  // Records with a CVE first: those without find their flaw by an alias.
  for (const { record } of inOrder) {
    if (record.cves.length === 1) groups.join(record.cves[0]!, [record.id, ...record.aliases]);
  }
  for (const { record } of inOrder) {
    if (record.cves.length === 0) groups.join(record.id, record.aliases);
  }

  const byRoot = new Map<string, MatchedRecord[]>();
  const put = (id: string, member: MatchedRecord) => {
    const root = groups.rootOf(id);
    const members = byRoot.get(root);
    if (members) members.push(member);
    else byRoot.set(root, [member]);
  };
  for (const member of inOrder) {
    const { cves, id } = member.record;
    for (const cve of cves) if (!denied.has(cve)) put(cve, member);
    if (cves.length === 0) put(id, member);
  }
  return [...byRoot].map(([root, members]) => flawOf(groups.cveOf(root), members));
}

function flawOf(cve: string | undefined, records: MatchedRecord[]): Flaw {
  records.sort(
    ({ record: a }, { record: b }) => Number(b.perCve) - Number(a.perCve) || a.cves.length - b.cves.length || (a.id < b.id ? -1 : 1),
  );
  const id = cve ?? preferredId(records);
  const aliases = new Set<string>();
  for (const { record } of records) {
    aliases.add(record.id);
    // A bulletin's other ids need not be about this one of its flaws.
    if (record.cves.length <= 1) for (const alias of record.aliases) aliases.add(alias);
  }
  aliases.delete(id);
  const fixedVersion = fixOf(records);
  return {
    id,
    ...(cve === undefined ? {} : { cve }),
    aliases: [...aliases].sort(),
    records,
    ...(fixedVersion === undefined ? {} : { fixedVersion }),
  };
}

/** Without a CVE, the id that is known best: GitHub's, otherwise the first. */
function preferredId(records: readonly MatchedRecord[]): string {
  const ids = records.map(({ record }) => record.id).sort();
  return ids.find((id) => id.startsWith('GHSA-')) ?? ids[0]!;
}

/** The smallest named fix that satisfies every record which knows of one; only the vendor's own where it has one. */
function fixOf(records: readonly MatchedRecord[]): string | undefined {
  const deciding = records.some(({ record }) => record.perCve) ? records.filter(({ record }) => record.perCve) : records;
  const withFix = deciding.filter(({ match }) => match.fixedVersion !== undefined);
  if (withFix.length < 2) return withFix[0]?.match.fixedVersion;
  const { compare } = withFix[0]!.scheme;
  const fixes = withFix.map(({ match }) => match.fixedVersion!).sort(compare);
  return fixes.find((fix) => !withFix.some(({ affected, scheme }) => isAffected(affected, fix, scheme))) ?? fixes[fixes.length - 1];
}

/** Sets of ids that name one flaw. Two different CVEs never share a set. */
class Groups {
  readonly #parent = new Map<string, string>();
  readonly #cve = new Map<string, string>();

  join(id: string, others: readonly string[]): void {
    for (const other of others) {
      const a = this.rootOf(id);
      const b = this.rootOf(other);
      if (a === b) continue;
      const cveOfA = this.#cve.get(a);
      const cveOfB = this.#cve.get(b);
      if (cveOfA !== undefined && cveOfB !== undefined) continue;
      this.#parent.set(b, a);
      const cve = cveOfA ?? cveOfB;
      if (cve !== undefined) this.#cve.set(a, cve);
    }
  }

  rootOf(id: string): string {
    let root = id;
    for (;;) {
      const parent = this.#parent.get(root);
      if (parent === undefined) {
        this.#parent.set(root, root);
        if (root.startsWith('CVE-')) this.#cve.set(root, root);
        return root;
      }
      if (parent === root) return root;
      root = parent;
    }
  }

  cveOf(root: string): string | undefined {
    return this.#cve.get(root);
  }
}
