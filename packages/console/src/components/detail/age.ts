import { formatMinutes, plural } from '../../format.ts';

const DAY_MS = 86_400_000;
/** Feeds change daily; one older than this misses what everybody else knows. */
const OLD_DAYS = 7;

function daysSince(iso: string, now: number): number {
  return Math.floor((now - Date.parse(iso)) / DAY_MS);
}

/** Age of a feed in days, from a day or a time. */
export function ageOf(iso: string, now: number): string {
  const days = daysSince(iso, now);
  return days <= 0 ? 'today' : `${plural(days, 'day')} old`;
}

export function isOld(iso: string, now: number): boolean {
  return daysSince(iso, now) > OLD_DAYS;
}

/** How long somebody has not been heard of: `14 min`. */
export function awayFor(since: string, now: number): string {
  return formatMinutes(Math.max(1, Math.round((now - Date.parse(since)) / 60_000)));
}

/** Early enough to plan a move to a newer release. */
const SOON_DAYS = 180;

/** Where the end of a distribution's support is near or past: since when, or how far ahead. Null when it is far ahead. */
export function supportText(day: string, now: number): { over: boolean; text: string } | null {
  const days = daysSince(day, now);
  if (days > 0) return { over: true, text: `ended ${plural(days, 'day')} ago` };
  if (days < -SOON_DAYS) return null;
  return { over: false, text: days === 0 ? 'ends today' : `ends in ${plural(-days, 'day')}` };
}
