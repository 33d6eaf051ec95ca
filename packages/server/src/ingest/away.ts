import sql from 'sql-template-tag';
import type { Queryable, Services } from '../context.ts';
import { addEvents } from './events.ts';
import { MAX_ATTEMPTS } from './messages.ts';

/** What the server notices by itself: sensors that fall silent, analyses that never end. */

/** Silence after which a sensor counts as away. */
export const AWAY_AFTER = sql`interval '90 seconds'`;
/** The watch runs each minute. When it was last run longer ago, no server was there to hear anybody. */
const WATCH_BROKEN_AFTER = sql`interval '3 minutes'`;
const WATCH = 'sensors-watch';

/**
 * Since when a server was there without a break, so that its own absence is not taken for the sensors'. Null before
 * the first watch.
 */
export async function watchedSince(db: Queryable): Promise<Date | null> {
  const row = await db.one<{ since: Date }>(sql`select (value ->> 'since')::timestamptz as since from settings where key = ${WATCH}`);
  return row?.since ?? null;
}

/** Notes that a server is there now. Returns since when there was one without a break. */
async function keepWatch(db: Queryable): Promise<Date> {
  const row = await db.one<{ since: Date }>(sql`
    insert into settings (key, value, changed_at) values (${WATCH}, jsonb_build_object('since', now()), now())
    on conflict (key) do update set changed_at = now(),
      value = case when settings.changed_at < now() - ${WATCH_BROKEN_AFTER} then excluded.value else settings.value end
    returning (value ->> 'since')::timestamptz as since`);
  return row!.since;
}

/** Opens a gap for each sensor that fell silent, once. */
export async function noteAway(services: Pick<Services, 'db' | 'live'>): Promise<void> {
  const away = await services.db.transaction(async (tx) => {
    const since = await keepWatch(tx);
    const silent = await tx.query<{ id: string; hostId: string; name: string; lastSeen: Date }>(sql`
      select s.id, s.host_id as "hostId", h.name, s.last_seen as "lastSeen"
      from sensors s join hosts h on h.id = s.host_id
      where s.revoked_at is null and greatest(s.last_seen, ${since}::timestamptz) < now() - ${AWAY_AFTER}
        and not exists (select from sensor_gaps g where g.sensor_id = s.id and g.to_at is null)
      order by s.id for update of s`);
    if (silent.length === 0) return [];
    await tx.run(sql`
      insert into sensor_gaps (sensor_id, from_at, reason)
      select id, last_seen, 'The sensor was not heard of.' from sensors where id = any(${silent.map((sensor) => sensor.id)}::uuid[])`);
    await addEvents(tx, silent.map(({ hostId, name, lastSeen }) => ({
      at: new Date(), kind: 'sensor-away', severity: 3, message: `The sensor of ${name} is away`, hostId, detail: { lastSeen: lastSeen.toISOString() },
    })));
    return silent;
  });
  if (away.length === 0) return;
  services.live.publish({ topic: 'sensors', ids: away.map((sensor) => sensor.id) });
  services.live.publish({ topic: 'events' });
}

/** Takes images back from sensors that were given them and neither brought a result nor said that they are at it. */
export async function endLeases(services: Pick<Services, 'db' | 'live'>): Promise<void> {
  const ended = await services.db.query<{ imageId: string }>(sql`
    update images set leased_to = null, leased_until = null, scan_state_at = now(),
      scan_state = case when sbom_id is not null then scan_state when attempts >= ${MAX_ATTEMPTS} then 'failed' else 'not-scanned' end,
      scan_reason = case when sbom_id is null then 'The sensor that analysed it brought no result in time.' else scan_reason end,
      wants_scan = wants_scan and attempts < ${MAX_ATTEMPTS}
    where leased_until < now()
    returning image_id as "imageId"`);
  if (ended.length > 0) services.live.publish({ topic: 'images', ids: ended.slice(0, 100).map((image) => image.imageId) });
}
