import type { AffectedRange, RangeEvent } from '@plimsoll/model';
import type { VersionScheme } from '../versions/scheme.ts';

/** What an advisory says is affected: any of the ranges, or any of the listed versions. */
export interface AffectedVersions {
  ranges: readonly AffectedRange[];
  versions: readonly string[];
}

export interface RangeMatch {
  /** The interval that holds the version, for people: `>= 1.0, < 1.1.1d-r0`. */
  range: string;
  /** Smallest version that is newer than the one asked for, named as a fix, and itself not affected. */
  fixedVersion?: string;
}

/**
 * Whether a version is affected, by OSV's evaluation algorithm; undefined when it is not.
 * @see https://ossf.github.io/osv-schema/#evaluation
 */
export function matchVersion(affected: AffectedVersions, version: string, scheme: VersionScheme): RangeMatch | undefined {
  const range = matchedInterval(affected, version, scheme);
  if (range === undefined) return undefined;
  const fixedVersion = smallestFix(affected, version, scheme);
  return { range, ...(fixedVersion === undefined ? {} : { fixedVersion }) };
}

/** Whether a version is affected, without saying by what. */
export function isAffected(affected: AffectedVersions, version: string, scheme: VersionScheme): boolean {
  return matchedInterval(affected, version, scheme) !== undefined;
}

function matchedInterval(affected: AffectedVersions, version: string, scheme: VersionScheme): string | undefined {
  for (const range of affected.ranges) {
    const interval = intervalOf(range.events, version, scheme);
    if (interval !== undefined) return interval;
  }
  for (const listed of affected.versions) {
    if (listed === version || scheme.compare(listed, version) === 0) return `= ${listed}`;
  }
  return undefined;
}

function intervalOf(events: readonly RangeEvent[], version: string, scheme: VersionScheme): string | undefined {
  if (!beforeLimits(events, version, scheme)) return undefined;
  let lower: string | undefined;
  let upper = '';
  for (const event of inOrder(events, scheme)) {
    if (event.introduced !== undefined) {
      if (atLeast(version, event.introduced, scheme)) {
        lower ??= event.introduced;
        upper = '';
      }
    } else if (event.fixed !== undefined) {
      if (atLeast(version, event.fixed, scheme)) lower = undefined;
      else upper ||= `< ${event.fixed}`;
    } else if (event.lastAffected !== undefined) {
      // `last_affected: 0` names a version, unlike `introduced: 0`.
      if (scheme.compare(version, event.lastAffected) > 0) lower = undefined;
      else upper ||= `<= ${event.lastAffected}`;
    } else if (event.limit !== undefined && event.limit !== '*' && !atLeast(version, event.limit, scheme)) {
      upper ||= `< ${event.limit}`;
    }
  }
  if (lower === undefined) return undefined;
  const bounds = [lower === '0' ? '' : `>= ${lower}`, upper].filter((bound) => bound !== '');
  return bounds.join(', ') || 'all versions';
}

/** A version must be below at least one of the limits, where there are any. */
function beforeLimits(events: readonly RangeEvent[], version: string, scheme: VersionScheme): boolean {
  let limited = false;
  for (const { limit } of events) {
    if (limit === undefined) continue;
    if (limit === '*' || !atLeast(version, limit, scheme)) return true;
    limited = true;
  }
  return !limited;
}

/** `0` stands for "before any version", whatever the scheme makes of it. */
function atLeast(version: string, bound: string, scheme: VersionScheme): boolean {
  return bound === '0' || scheme.compare(version, bound) >= 0;
}

function versionOf(event: RangeEvent): string {
  return event.introduced ?? event.fixed ?? event.lastAffected ?? event.limit ?? '0';
}

/** Events by version. Those at the same version keep the feed's order. */
function inOrder(events: readonly RangeEvent[], scheme: VersionScheme): readonly RangeEvent[] {
  // By far the most common form, and it is in order: from the beginning until a fix.
  if (events.length <= 2 && events[0]?.introduced === '0') return events;
  return [...events].sort((a, b) => {
    const x = versionOf(a);
    const y = versionOf(b);
    if (x === '0' || y === '0') return Number(y === '0') - Number(x === '0');
    return scheme.compare(x, y);
  });
}

function smallestFix(affected: AffectedVersions, version: string, scheme: VersionScheme): string | undefined {
  let best: string | undefined;
  for (const { events } of affected.ranges) {
    for (const { fixed } of events) {
      if (fixed === undefined || atLeast(version, fixed, scheme)) continue;
      if (best !== undefined && scheme.compare(fixed, best) >= 0) continue;
      if (!isAffected(affected, fixed, scheme)) best = fixed;
    }
  }
  return best;
}
