import type { LiveChange, Queryable, Services } from '../context.ts';
import type { SensorIdentity } from './credentials.ts';
import type { NewEvent } from './events.ts';
import { grouped } from './values.ts';

/** More ids than these are not named: whoever listens looks at everything anyway. */
const MAX_IDS = 100;

export type MatchCause = 'new-image' | 'new-host' | 'changed-packages';

/** What else has to be done for what was taken: kept apart until the transaction is through. */
export interface Effects {
  events: NewEvent[];
  changed: Map<LiveChange['topic'], Set<string>>;
  matches: { sbomId: number; cause: MatchCause }[];
}

/** One message being taken: where to write, whose it is, and the time it tells of. */
export interface Taking {
  tx: Queryable;
  sensor: SensorIdentity;
  at: Date;
  effects: Effects;
}

export function noEffects(): Effects {
  return { events: [], changed: new Map(), matches: [] };
}

export function changed(effects: Effects, topic: LiveChange['topic'], ids: Iterable<string>): void {
  const known = effects.changed.get(topic) ?? new Set();
  for (const id of ids) known.add(id);
  if (known.size > 0) effects.changed.set(topic, known);
}

/** After commit: tells whoever listens, and has new SBOMs matched. Lost if the process dies here: a job looks for SBOMs that were never matched. */
export async function announce(services: Pick<Services, 'live' | 'queue'>, effects: Effects): Promise<void> {
  for (const [topic, ids] of effects.changed) {
    services.live.publish(ids.size <= MAX_IDS ? { topic, ids: [...ids] } : { topic });
  }
  if (effects.events.length > 0) services.live.publish({ topic: 'events' });
  const byCause = grouped(effects.matches, (match) => match.cause);
  for (const [cause, matches] of byCause) await services.queue.send('match', { sbomIds: matches.map((match) => match.sbomId), cause });
}
