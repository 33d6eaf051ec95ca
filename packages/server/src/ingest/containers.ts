import type { ContainerFacts } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import { bareImage, lockImages, makeImages, settleImages } from './images.ts';
import { changed, type Taking } from './taking.ts';
import { int4Count, int4OrNull, rows, timeOrNull } from './values.ts';

/** The columns that a sensor fills, in one order for every statement. `image_id` is the digest here. */
const COLUMNS = sql`
  container_id text, image_id text, name text, image_name text, state text, status text, created timestamptz, started timestamptz,
  finished timestamptz, exit_code int, pid int, restarts int, ports jsonb, mounts jsonb, user_name text, privileged boolean,
  capabilities text[], network_mode text, command text[], labels jsonb, pod text, namespace text, node text`;
const FACTS = sql`
  name, image_name, state, status, created, started, finished, exit_code, pid, restarts, ports, mounts, user_name, privileged,
  capabilities, network_mode, command, labels, pod, namespace, node`;
const GIVEN_FACTS = sql`
  g.name, g.image_name, g.state, g.status, g.created, g.started, g.finished, g.exit_code, g.pid, g.restarts, g.ports, g.mounts, g.user_name,
  g.privileged, g.capabilities, g.network_mode, g.command, g.labels, g.pod, g.namespace, g.node`;
const KNOWN_FACTS = sql`
  c.name, c.image_name, c.state, c.status, c.created, c.started, c.finished, c.exit_code, c.pid, c.restarts, c.ports, c.mounts, c.user_name,
  c.privileged, c.capabilities, c.network_mode, c.command, c.labels, c.pod, c.namespace, c.node`;

/**
 * Takes containers of the sensor's host; with `whole` they are all it has, and the others are gone.
 * A container belongs to the host that reported it for as long as a sensor lives there: another host cannot take it over.
 */
export async function takeContainers(taking: Taking, containers: readonly ContainerFacts[], whole: boolean): Promise<void> {
  const { tx, at, sensor, effects } = taking;
  const byId = new Map(containers.map((container) => [container.containerId, container]));
  const sorted = [...byId.values()].sort((a, b) => (a.containerId < b.containerId ? -1 : 1));
  await makeImages(taking, imagesOf(sorted));

  const given = rows(sorted.map(valuesOf));
  const made = await tx.query<{ containerId: string; image: number | null }>(sql`
    insert into containers (container_id, host_id, image_id, ${FACTS}, first_seen, last_seen)
    select g.container_id, ${sensor.hostId}::uuid, i.id, ${GIVEN_FACTS}, ${at}::timestamptz, ${at}::timestamptz
    from jsonb_to_recordset(${given}::jsonb) as g(${COLUMNS}) left join images i on i.image_id = g.image_id
    where not exists (select from containers c where c.container_id = g.container_id)
    order by g.container_id
    on conflict (container_id) do nothing
    returning container_id as "containerId", image_id as image`);
  const updated = await tx.query<{ containerId: string; image: number | null; former: number | null; seenOnly: boolean }>(sql`
    with given as (
      select g.*, i.id as image from jsonb_to_recordset(${given}::jsonb) as g(${COLUMNS}) left join images i on i.image_id = g.image_id
    ), former as (
      select c.id, c.image_id, g.container_id,
        c.host_id = ${sensor.hostId} and c.gone_at is null and c.image_id is not distinct from coalesce(g.image, c.image_id)
          and (${KNOWN_FACTS}) is not distinct from (${GIVEN_FACTS}) as same
      from containers c join given g on g.container_id = c.container_id
      where c.host_id = ${sensor.hostId} or c.gone_at is not null or not exists (
        select from sensors s where s.host_id = c.host_id and s.revoked_at is null and s.last_seen > now() - interval '10 minutes')
    )
    update containers c set (${FACTS}) = row(${GIVEN_FACTS}), host_id = ${sensor.hostId}, image_id = coalesce(g.image, c.image_id),
      gone_at = null, last_seen = greatest(c.last_seen, ${at}::timestamptz)
    from given g join former f on f.container_id = g.container_id
    where c.id = f.id and (not f.same or c.last_seen < ${at}::timestamptz - interval '1 hour')
    returning c.container_id as "containerId", c.image_id as image, f.image_id as former, f.same as "seenOnly"`);
  const differing = updated.filter((container) => !container.seenOnly);
  const gone = whole
    ? await letGo(taking, sql`not exists (select from unnest(${[...byId.keys()]}::text[]) as kept(container_id) where kept.container_id = c.container_id)`)
    : [];
  changed(effects, 'containers', [...made, ...differing].map((container) => container.containerId));
  await followImages(taking, [...made, ...differing].map((container) => container.image), [...differing.map((container) => container.former), ...gone]);
}

export async function takeContainerGone(taking: Taking, containerId: string): Promise<void> {
  await followImages(taking, [], await letGo(taking, sql`c.container_id = ${containerId}`));
}

/** Returns the images that the containers which went ran from. */
async function letGo(taking: Taking, which: ReturnType<typeof sql>): Promise<(number | null)[]> {
  const { tx, at, sensor, effects } = taking;
  const gone = await tx.query<{ containerId: string; image: number | null }>(sql`
    update containers c set gone_at = ${at}::timestamptz, last_seen = greatest(c.last_seen, ${at}::timestamptz)
    where c.host_id = ${sensor.hostId} and c.gone_at is null and ${which}
    returning c.container_id as "containerId", c.image_id as image`);
  changed(effects, 'containers', gone.map((container) => container.containerId));
  return gone.map((container) => container.image);
}

/** An image is there as long as a container is, even where the engine lists it no more. */
async function followImages(taking: Taking, used: readonly (number | null)[], left: readonly (number | null)[]): Promise<void> {
  const { tx, at } = taking;
  const here = [...new Set(used)].filter((id) => id !== null);
  const all = [...new Set([...here, ...left])].filter((id) => id !== null);
  if (all.length === 0) return;
  await lockImages(tx, all);
  await tx.run(sql`update images set gone_at = null, last_seen = greatest(last_seen, ${at}::timestamptz) where id = any(${here}) and gone_at is not null`);
  await settleImages(tx, all, at);
}

function imagesOf(containers: readonly ContainerFacts[]) {
  const images = new Map<string, string>();
  for (const { imageId, image } of containers) if (imageId !== null) images.set(imageId, image);
  return [...images].map(([imageId, reference]) => bareImage(imageId, [reference]));
}

function valuesOf(container: ContainerFacts) {
  return {
    container_id: container.containerId,
    image_id: container.imageId,
    name: container.name,
    image_name: container.image,
    state: container.state,
    status: container.status,
    created: timeOrNull(container.created),
    started: timeOrNull(container.started),
    finished: timeOrNull(container.finished),
    exit_code: int4OrNull(container.exitCode),
    pid: int4OrNull(container.pid),
    restarts: int4Count(container.restarts),
    ports: container.ports,
    mounts: container.mounts,
    user_name: container.user,
    privileged: container.privileged,
    capabilities: container.capabilities,
    network_mode: container.networkMode,
    command: container.command,
    labels: container.labels,
    pod: container.pod,
    namespace: container.namespace,
    node: container.node,
  };
}
