/** Texts for people. The console speaks English: so do its numbers and dates, whatever the browser is set to. */

const LOCALE = 'en-GB';
const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** 12,345 */
export function formatNumber(value: number): string {
  return integer.format(value);
}

/** 999, 1.2K, 3.4M: where there is little room. */
export function formatCompact(value: number): string {
  return value < 1000 ? String(value) : compact.format(value);
}

/** `plural(1, 'host')` → 1 host; `plural(2, 'registry', 'registries')` → 2 registries. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${formatNumber(value)} ${value === 1 ? one : many}`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes: 146 MiB, 1.4 GiB. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

const STEPS: readonly (readonly [seconds: number, name: string])[] = [
  [365.25 * 86400, 'y'],
  [30.44 * 86400, 'mo'],
  [86400, 'd'],
  [3600, 'h'],
  [60, 'min'],
];

/** 3 min ago, 5 d ago, in 2 h; `just now` within 45 seconds. */
export function formatAgo(time: number, now: number): string {
  const seconds = Math.abs(now - time) / 1000;
  if (seconds < 45) return 'just now';
  for (const [size, name] of STEPS) {
    if (seconds >= size * 0.95 || name === 'min') {
      const text = `${Math.max(1, Math.round(seconds / size))} ${name}`;
      return time > now ? `in ${text}` : `${text} ago`;
    }
  }
  return 'just now';
}

const dateTime = new Intl.DateTimeFormat(LOCALE, { year: 'numeric', month: 'short', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' });
const date = new Intl.DateTimeFormat(LOCALE, { year: 'numeric', month: 'short', day: '2-digit' });

/** 24 Nov 2026, 08:21:30 CET */
export function formatDateTime(iso: string): string {
  return dateTime.format(new Date(iso));
}
/** 24 Nov 2026 */
export function formatDate(iso: string): string {
  return date.format(new Date(iso));
}

/** 90 → 1 h 30 min */
export function formatMinutes(minutes: number): string {
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
  return `${Math.round(minutes / 1440)} d`;
}

/** EPSS and shares: 0.97 → 97%, 0.0042 → 0.42% */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0) return '0%';
  if (percent < 0.01) return '<0.01%';
  return `${percent < 1 ? percent.toFixed(2) : percent < 10 ? percent.toFixed(1) : Math.round(percent)}%`;
}

/** sha256:0123… → 0123456789ab */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

/** container-died → Container died */
export function sentence(kind: string): string {
  const words = kind.replaceAll(/[-_]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
