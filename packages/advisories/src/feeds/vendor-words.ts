import type { AdvisoryStatus } from '@plimsoll/model';
import { objects, object, text, type JsonObject } from './json.ts';

/** Words that stand for "nothing said". */
const NO_WORD = new Set(['unknown', 'none', 'not yet assigned', 'unspecified', 'n/a', '']);

/** Distributions whose errata titles start with the severity: `Important: kernel security update`. */
const TITLE_TELLS = new Set(['AlmaLinux', 'Rocky Linux', 'Red Hat']);
const TITLE = /^(Critical|Important|Moderate|Low): /;

function word(value: unknown): string | undefined {
  const found = text(value)?.trim();
  if (found === undefined || found.length > 40 || NO_WORD.has(found.toLowerCase())) return undefined;
  return found;
}

/**
 * The vendor's own word for a record's severity. Where feeds keep it, by what OSV serves: GitHub,
 * Bitnami, openEuler and others in `database_specific.severity`; Ubuntu as a severity of type
 * `Ubuntu`; Alma and Rocky only as the first word of the title.
 */
export function recordSeverityWord(record: JsonObject, family: string): string | undefined {
  const own = word(object(record.database_specific)?.severity) ?? severityEntryWord(record.severity);
  if (own !== undefined) return own;
  if (!TITLE_TELLS.has(family) || typeof record.summary !== 'string') return undefined;
  return TITLE.exec(record.summary)?.[1];
}

/** Debian's urgency and similar words for one package; `end-of-life` is a status, not a severity. */
export function packageSeverityWord(affected: JsonObject): string | undefined {
  for (const place of [object(affected.ecosystem_specific), object(affected.database_specific)]) {
    if (!place) continue;
    const found = word(place.urgency) ?? word(place.priority) ?? word(place.severity);
    if (found !== undefined && found !== 'end-of-life') return found;
  }
  return severityEntryWord(affected.severity);
}

/** OSV 1.7: severities of types that are not CVSS, such as `Ubuntu`, carry a word as their score. */
function severityEntryWord(severity: unknown): string | undefined {
  for (const entry of objects(severity)) {
    if (!String(entry.type).startsWith('CVSS')) {
      const found = word(entry.score);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** @see https://security-team.debian.org/security_tracker.html#severity-levels */
export function packageStatus(affected: JsonObject): AdvisoryStatus | undefined {
  for (const place of [object(affected.ecosystem_specific), object(affected.database_specific)]) {
    if (place?.urgency === 'end-of-life' || place?.status === 'end-of-life') return 'end-of-life';
    if (place?.status === 'ignored' || place?.status === 'wontfix' || place?.status === 'will-not-fix') return 'ignored';
  }
  return undefined;
}

/**
 * The module stream of a modular erratum, which only its title tells: `Moderate: nodejs:14 security update`.
 * Builds of modules carry `.module` in their release.
 */
export function moduleStream(record: JsonObject, fixed: readonly string[]): string | undefined {
  if (!fixed.some((version) => version.includes('.module')) || typeof record.summary !== 'string') return undefined;
  return /^(?:[A-Za-z ]{1,20}: )?([\w.+-]{1,60}:[\w.+-]{1,60})(?: |$)/.exec(record.summary)?.[1];
}
