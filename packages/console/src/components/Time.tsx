import { useSyncExternalStore } from 'react';
import { formatAgo, formatBytes, formatDateTime } from '../format.ts';

let now = Date.now();
const listeners = new Set<() => void>();
let timer: number | undefined;

/** One clock for all times on screen; it stands still while none is shown. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= window.setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 30_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      window.clearInterval(timer);
      timer = undefined;
    }
  };
}

/** How long ago, kept up to date; the whole date and time as its title. `null`: never, or what `missing` says. */
export function Time({ value, missing = '–' }: { value: string | null; missing?: string }) {
  const shown = useSyncExternalStore(subscribe, () => now);
  if (value === null) return <span className="muted">{missing}</span>;
  const time = Date.parse(value);
  // The shared clock may be behind what has just come in.
  return <time dateTime={value} title={formatDateTime(value)}>{formatAgo(time, Math.max(shown, Math.min(time, Date.now())))}</time>;
}

/** Bytes in binary units; the exact number as its title. */
export function Bytes({ value, missing = '–' }: { value: number | null; missing?: string }) {
  return value === null ? <span className="muted">{missing}</span> : <span title={`${value} bytes`}>{formatBytes(value)}</span>;
}
