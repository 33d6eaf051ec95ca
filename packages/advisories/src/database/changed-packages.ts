import { packageDigests, type PackageDigest } from './open.ts';

export interface ChangedPackage {
  /** OSV ecosystem with release: `Debian:12`, `npm`. */
  ecosystem: string;
  /** As the ecosystem's advisories name it, normalised: source package for Debian and Alpine, lower case for NuGet. */
  name: string;
}

/** Packages between which timers and I/O run. */
const BATCH = 2000;

/**
 * The packages of which two database files do not say the same: an advisory came, went or changed in any byte.
 * Facts of CVEs (scores, EPSS, KEV) are no part of it. Reads both files whole, letting timers and I/O run in between.
 * Rejects with the errors of `openDatabase`.
 */
export async function changedPackages(before: string, after: string): Promise<ChangedPackage[]> {
  const old = packageDigests(before);
  const fresh = packageDigests(after);
  const changed: ChangedPackage[] = [];
  const add = ({ key }: PackageDigest): void => {
    const end = key.indexOf('\0');
    changed.push({ ecosystem: key.slice(0, end), name: key.slice(end + 1) });
  };
  try {
    let a = old.next();
    let b = fresh.next();
    for (let n = 1; !a.done || !b.done; n++) {
      const order = a.done ? 1 : b.done ? -1 : compareKeys(a.value.key, b.value.key);
      if (order < 0 && !a.done) add(a.value);
      else if (!b.done && (order > 0 || a.done || a.value.digest !== b.value.digest)) add(b.value);
      if (order <= 0) a = old.next();
      if (order >= 0) b = fresh.next();
      if (n % BATCH === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return changed;
  } finally {
    old.return(undefined);
    fresh.return(undefined);
  }
}

/** Keys lie in the order of their UTF-8 bytes, which is not that of UTF-16 units. */
function compareKeys(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
