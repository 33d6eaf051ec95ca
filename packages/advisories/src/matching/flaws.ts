import type { JudgedRecord } from './records.ts';

/** One flaw of one package version, with the records that say so. */
export interface Flaw {
  /** The CVE where there is one, otherwise an advisory's id. */
  id: string;
  cve?: string;
  /** Every other id, sorted. */
  aliases: string[];
  /** Affected ones only; the ones that decide come first. */
  records: JudgedRecord[];
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
export function flawsOf(records: readonly JudgedRecord[]): Flaw[] {
  const verdicts = vendorVerdicts(records);
  const groups = new Groups();
  const affected = records.filter((record) => record.match).sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  // Records with a CVE first: those without find their flaw by an alias.
  for (const record of affected) {
    if (record.cves.length === 1) groups.join(record.cves[0]!, [record.id, ...record.aliases]);
  }
  for (const record of affected) {
    if (record.cves.length === 0) groups.join(record.id, record.aliases);
  }

  const byRoot = new Map<string, JudgedRecord[]>();
  const put = (id: string, record: JudgedRecord) => {
    const root = groups.rootOf(id);
    const members = byRoot.get(root);
    if (!members) byRoot.set(root, [record]);
    else if (!members.includes(record)) members.push(record);
  };
  for (const record of affected) {
    for (const cve of record.cves) if (verdicts.get(cve) !== false) put(cve, record);
    if (record.cves.length === 0) put(record.id, record);
  }
  return [...byRoot].map(([root, members]) => flawOf(groups.cveOf(root), members));
}

/** For each CVE on which the vendor has a record of its own: whether any of these calls the version affected. */
function vendorVerdicts(records: readonly JudgedRecord[]): Map<string, boolean> {
  const verdicts = new Map<string, boolean>();
  for (const record of records) {
    if (!record.perCve) continue;
    const cve = record.cves[0]!;
    verdicts.set(cve, record.match !== undefined || verdicts.get(cve) === true);
  }
  return verdicts;
}

function flawOf(cve: string | undefined, records: JudgedRecord[]): Flaw {
  records.sort((a, b) => Number(b.perCve) - Number(a.perCve) || a.cves.length - b.cves.length || (a.id < b.id ? -1 : 1));
  const id = cve ?? preferredId(records);
  const aliases = new Set<string>();
  for (const record of records) {
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
function preferredId(records: readonly JudgedRecord[]): string {
  const ids = records.map((record) => record.id).sort();
  return ids.find((id) => id.startsWith('GHSA-')) ?? ids[0]!;
}

/** The smallest named fix that satisfies every record which knows of one; only the vendor's own where it has one. */
function fixOf(records: readonly JudgedRecord[]): string | undefined {
  const deciding = records.some((record) => record.perCve) ? records.filter((record) => record.perCve) : records;
  const withFix = deciding.filter((record) => record.match?.fixedVersion !== undefined);
  if (withFix.length < 2) return withFix[0]?.match?.fixedVersion;
  const { compare } = withFix[0]!.scheme;
  const fixes = withFix.map((record) => record.match!.fixedVersion!).sort(compare);
  return fixes.find((fix) => !withFix.some((record) => record.affects(fix))) ?? fixes[fixes.length - 1];
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
