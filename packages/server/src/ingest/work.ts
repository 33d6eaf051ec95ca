import type { Work } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import type { Queryable, Services } from '../context.ts';
import { AWAY_AFTER, watchedSince } from './away.ts';
import type { SensorIdentity } from './credentials.ts';
import { addEvents } from './events.ts';
import { MAX_ATTEMPTS } from './messages.ts';
import { int4Count, plain } from './values.ts';

const LEASES_PER_SENSOR = 2;
const LEASE = sql`interval '10 minutes'`;
/** Between two tries of an image whose analysis failed; longer each time. */
const BACKOFF = sql`interval '5 minutes'`;
const RENEW_AFTER = sql`interval '7 days'`;
const HOST_SCAN_EVERY = sql`interval '24 hours'`;
/** How long a sensor has to bring what it was asked for, before it is asked again. */
const SNAPSHOT_PATIENCE = sql`interval '5 minutes'`;
const HOST_SCAN_PATIENCE = sql`interval '1 hour'`;
/** A waiting sensor looks again this often, and no oftener than this when much changes. */
const LOOK_AGAIN_MS = 10_000;
const LOOK_APART_MS = 1_000;

export interface Heartbeat {
  version: string;
  spooled: number;
  dropped: number;
  analysing: string | null;
  features: readonly string[];
}

/**
 * A sensor says that it lives, and is told what to do; waits up to `waitSeconds` for something to do. Ends early, with
 * nothing leased, when `signal` says that nobody waits for the answer any more.
 */
export async function takeWork(services: Pick<Services, 'db' | 'live'>, sensor: SensorIdentity, heartbeat: Heartbeat, waitSeconds: number, signal: AbortSignal): Promise<Work> {
  const { db, live } = services;
  const back = await db.transaction((tx) => beat(tx, sensor, heartbeat));
  if (back) {
    live.publish({ topic: 'sensors', ids: [sensor.sensorId] });
    live.publish({ topic: 'events' });
  }

  const until = Date.now() + waitSeconds * 1000;
  const changes = watch(live, signal);
  try {
    for (;;) {
      const work = await db.transaction((tx) => findWork(tx, sensor, heartbeat));
      if (work.analyse.length > 0) live.publish({ topic: 'images', ids: work.analyse.map((image) => image.imageId) });
      if (work.analyse.length > 0 || work.scanHost || work.snapshot || work.renew) return work;
      const left = until - Date.now();
      if (left <= 0 || signal.aborted) return work;
      await changes.next(left);
      if (signal.aborted) return work;
    }
  } finally {
    changes.stop();
  }
}

/** Waits for a change that may bring work: at least a moment, at most LOOK_AGAIN_MS. */
function watch(live: Services['live'], signal: AbortSignal) {
  let seen = false;
  let wake: (() => void) | undefined;
  const notice = () => {
    seen = true;
    wake?.();
  };
  const stop = live.subscribe((change) => {
    if (change.topic === 'images' || change.topic === 'sensors') notice();
  });
  signal.addEventListener('abort', notice);
  const sleep = (ms: number, canWake: boolean) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        if (!canWake && !signal.aborted) return;
        clearTimeout(timer);
        resolve();
      };
      if ((canWake && seen) || signal.aborted) wake();
    });
  return {
    async next(leftMs: number): Promise<void> {
      await sleep(Math.min(LOOK_APART_MS, leftMs), false);
      await sleep(Math.max(0, Math.min(LOOK_AGAIN_MS, leftMs) - LOOK_APART_MS), true);
      seen = false;
      wake = undefined;
    },
    stop() {
      stop();
      signal.removeEventListener('abort', notice);
    },
  };
}

/** Returns whether the sensor was away and is back. */
async function beat(tx: Queryable, sensor: SensorIdentity, heartbeat: Heartbeat): Promise<boolean> {
  const { sensorId, hostId, hostName } = sensor;
  const since = await watchedSince(tx);
  const before = await tx.one<{ lastSeen: Date | null; silent: boolean }>(sql`
    select last_seen as "lastSeen", coalesce(greatest(last_seen, ${since}::timestamptz) < now() - ${AWAY_AFTER}, false) as silent
    from sensors where id = ${sensorId} for update`);
  await tx.run(sql`
    update sensors set last_seen = now(), version = ${plain(heartbeat.version)}, spooled = ${int4Count(heartbeat.spooled)}, dropped = ${heartbeat.dropped},
      analysing = ${heartbeat.analysing}, features = ${heartbeat.features.map(plain)}
    where id = ${sensorId}`);
  await tx.run(sql`update hosts set last_seen = now(), gone_at = null where id = ${hostId} and (last_seen < now() - interval '30 seconds' or gone_at is not null)`);
  if (heartbeat.analysing !== null) {
    await tx.run(sql`update images set leased_until = now() + ${LEASE} where image_id = ${heartbeat.analysing} and leased_to = ${sensorId}`);
  }

  const ended = await tx.one<{ from: Date }>(sql`
    update sensor_gaps set to_at = now() where sensor_id = ${sensorId} and to_at is null returning from_at as "from"`);
  const from = ended?.from ?? (before?.silent ? before.lastSeen : null);
  if (!from) return false;
  if (!ended) {
    await tx.run(sql`insert into sensor_gaps (sensor_id, from_at, to_at, reason) values (${sensorId}, ${from}, now(), 'The sensor was not heard of.')`);
  }
  const minutes = Math.max(1, Math.round((Date.now() - from.getTime()) / 60_000));
  await addEvents(tx, [
    { at: new Date(), kind: 'sensor-back', severity: 2, message: `The sensor of ${hostName} is back after ${minutes} min`, hostId, detail: { away: from.toISOString() } },
  ]);
  return true;
}

async function findWork(tx: Queryable, sensor: SensorIdentity, heartbeat: Heartbeat): Promise<Work> {
  // One at a time for each sensor: it may have asked twice.
  const due = await tx.one<{ snapshot: boolean; scanHost: boolean; renew: boolean }>(sql`
    select
      s.wants_snapshot and coalesce(s.snapshot_asked_at < now() - ${SNAPSHOT_PATIENCE}, true) as snapshot,
      (s.wants_host_scan or coalesce(b.scanned_at < now() - ${HOST_SCAN_EVERY}, false))
        and coalesce(s.host_scan_asked_at < now() - ${HOST_SCAN_PATIENCE}, true) as "scanHost",
      s.credential_issued_at < now() - ${RENEW_AFTER} as renew
    from sensors s join hosts h on h.id = s.host_id left join sboms b on b.id = h.sbom_id
    where s.id = ${sensor.sensorId} and s.revoked_at is null for update of s`);
  if (!due) return { analyse: [], scanHost: false, snapshot: false, renew: false };
  if (due.snapshot || due.scanHost) {
    await tx.run(sql`
      update sensors set snapshot_asked_at = case when ${due.snapshot} then now() else snapshot_asked_at end,
        host_scan_asked_at = case when ${due.scanHost} then now() else host_scan_asked_at end
      where id = ${sensor.sensorId}`);
  }
  const leased = await leaseImages(tx, sensor, heartbeat);
  return { ...due, analyse: leased.map(({ imageId, until }) => ({ imageId, until: until.toISOString() })) };
}

type Lease = { imageId: string; until: Date };

async function leaseImages(tx: Queryable, sensor: SensorIdentity, heartbeat: Heartbeat): Promise<Lease[]> {
  const held = await tx.query<{ imageId: string }>(sql`
    select image_id as "imageId" from images where leased_to = ${sensor.sensorId} and leased_until > now()`);
  if (held.length > 0 && heartbeat.analysing === null && heartbeat.spooled === 0) {
    // It does nothing and brought nothing: it was started anew, or the answer that named them got lost.
    return tx.query<Lease>(sql`
      update images set leased_until = now() + ${LEASE} where leased_to = ${sensor.sensorId} and leased_until > now()
      returning image_id as "imageId", leased_until as until`);
  }
  const free = LEASES_PER_SENSOR - held.length;
  if (free <= 0) return [];
  return tx.query<Lease>(sql`
    with chosen as (
      select i.id from images i join image_hosts h on h.image_id = i.id and h.host_id = ${sensor.hostId} and h.gone_at is null
      where (i.sbom_id is null or i.wants_scan)
        and (i.leased_until is null or i.leased_until < now())
        and i.attempts < ${MAX_ATTEMPTS}
        and (i.attempts = 0 or i.scan_state_at + i.attempts * ${BACKOFF} < now())
      order by exists (
          select from containers c where c.image_id = i.id and c.host_id = ${sensor.hostId} and c.gone_at is null and c.state = 'running') desc,
        h.first_seen, i.id
      limit ${free} for no key update of i skip locked
    )
    update images i set leased_to = ${sensor.sensorId}, leased_until = now() + ${LEASE}, attempts = attempts + 1,
      scan_state = case when sbom_id is null then 'analysing' else scan_state end,
      scan_state_at = case when sbom_id is null then now() else scan_state_at end
    from chosen where i.id = chosen.id
    returning i.image_id as "imageId", i.leased_until as until`);
}
