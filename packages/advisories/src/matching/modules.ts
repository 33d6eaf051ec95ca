import type { Advisory } from '@plimsoll/model';
import { splitEvr } from '../versions/rpm.ts';
import type { VersionScheme } from '../versions/scheme.ts';
import type { Query } from './subject.ts';

/**
 * RPM errata list a package once for each build that has the fix: one per module stream, and per
 * minor release that the stream was rebuilt for. OSV's "affected by any range" would then call a
 * fixed build affected because another build is newer. Picked here are the entries that speak of
 * the installed build:
 *
 * 1. A modular build is judged by modular builds only, a plain one by plain ones only.
 * 2. Where both streams are known they must be the same. Where the installed package does not tell
 *    its stream, a stream with a number for a name must agree with the upstream version's start.
 * 3. Of what is left, the builds whose upstream version has most in common with the installed one,
 *    and of these the lowest: whatever is at or above one fixed build of its stream is fixed.
 */
export function entriesForBuild(entries: readonly Advisory[], query: Query, scheme: VersionScheme): readonly Advisory[] {
  const modular = query.module !== undefined;
  const candidates = entries.filter((entry) => {
    const fixed = fixedBuild(entry);
    if (fixed === undefined) return true;
    if (isModular(fixed) !== modular) return false;
    return !modular || sameStream(entry, query);
  });
  if (candidates.length < 2 || candidates.some((entry) => fixedBuild(entry) === undefined)) return candidates;

  let best: Advisory[] = [];
  let most = -1;
  const installed = upstreamParts(query.version);
  for (const entry of candidates) {
    const common = commonStart(upstreamParts(fixedBuild(entry)!), installed);
    if (common > most) {
      most = common;
      best = [entry];
    } else if (common === most) best.push(entry);
  }
  return [best.reduce((lowest, entry) => (scheme.compare(fixedBuild(entry)!, fixedBuild(lowest)!) < 0 ? entry : lowest))];
}

/** The fixed version of an entry that names just one, as errata do. */
function fixedBuild(entry: Advisory): string | undefined {
  const fixes = entry.ranges.flatMap(({ events }) => events.flatMap(({ fixed }) => (fixed === undefined ? [] : [fixed])));
  return fixes.length === 1 ? fixes[0] : undefined;
}

const isModular = (version: string) => /\.module[_+]/.test(version);

function sameStream(entry: Advisory, query: Query): boolean {
  if (entry.module === undefined) return true;
  if (query.module !== '') return entry.module === query.module;
  const stream = entry.module.slice(entry.module.indexOf(':') + 1);
  if (!/^\d+(?:\.\d+)*$/.test(stream)) return true;
  // The stream's number is that of the module's main package; its other packages have their own.
  const fixed = upstreamParts(fixedBuild(entry)!);
  const parts = stream.split('.');
  if (commonStart(fixed, parts) < parts.length) return commonStart(fixed, upstreamParts(query.version)) > 0;
  return commonStart(upstreamParts(query.version), parts) === parts.length;
}

const upstreamParts = (version: string) => splitEvr(version).version.split('.');

function commonStart(a: readonly string[], b: readonly string[]): number {
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  return i;
}
