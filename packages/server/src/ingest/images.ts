import type { ImageFacts, ImageReference } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import type { Queryable } from '../context.ts';
import { displayName, fullNames, parseReference, shortId } from './references.ts';
import { changed, type Taking } from './taking.ts';
import { bigintOrNull, grouped, rows, timeOrNull } from './values.ts';

/** An image as a statement takes it. */
interface ImageValues {
  image_id: string;
  name: string;
  names: string[];
  created: string | null;
  size: number | null;
  labels: Record<string, string>;
}

/**
 * Takes images that the sensor's host has; with `whole` they are all it has, and the others are gone from it.
 * What is known already is not written again, but for `last_seen` once an hour.
 */
export async function takeImages(taking: Taking, images: readonly ImageFacts[], whole: boolean): Promise<void> {
  const { tx, at, sensor, effects } = taking;
  const given = valuesOf(images);
  const ids = given.map((image) => image.image_id);
  await makeImages(taking, given);

  const held = await tx.query<{ id: number; imageId: string; names: string[] | null; present: boolean }>(sql`
    select i.id, i.image_id as "imageId", h.names, h.image_id is not null and h.gone_at is null as present
    from images i left join image_hosts h on h.image_id = i.id and h.host_id = ${sensor.hostId}
    where i.image_id = any(${ids})`);
  const before = new Map(held.map((image) => [image.imageId, image]));
  const different = given.flatMap(({ image_id, names }) => {
    const known = before.get(image_id)!;
    return known.present && sameList(known.names!, names) ? [] : [{ id: known.id, image_id, names, former: known.names ?? [] }];
  });
  if (different.length > 0) {
    await lockImages(tx, different.map((image) => image.id));
    await tx.run(sql`
      insert into image_hosts (image_id, host_id, names, first_seen, last_seen)
      select g.id, ${sensor.hostId}::uuid, g.names, ${at}::timestamptz, ${at}::timestamptz
      from jsonb_to_recordset(${rows(different)}::jsonb) as g(id int, names text[]) order by g.id
      on conflict (image_id, host_id) do update
        set names = excluded.names, last_seen = greatest(image_hosts.last_seen, excluded.last_seen), gone_at = null`);
    await rename(tx, different.map(({ id, names, former }) => ({ id, added: names, dropped: former.filter((name) => !names.includes(name)) })));
  }
  await tx.run(sql`
    update images i set
      created = coalesce(i.created, g.created), size = coalesce(i.size, g.size),
      labels = case when i.labels = '{}' then g.labels else i.labels end,
      gone_at = null, last_seen = greatest(i.last_seen, ${at}::timestamptz)
    from jsonb_to_recordset(${rows(given)}::jsonb) as g(image_id text, created timestamptz, size bigint, labels jsonb)
    where i.image_id = g.image_id and (
      i.gone_at is not null or i.last_seen < ${at}::timestamptz - interval '1 hour'
      or (i.created is null and g.created is not null) or (i.size is null and g.size is not null) or (i.labels = '{}' and g.labels <> '{}'))`);
  await tx.run(sql`
    update image_hosts h set last_seen = ${at}::timestamptz
    from images i where i.id = h.image_id and h.host_id = ${sensor.hostId} and i.image_id = any(${ids})
      and h.last_seen < ${at}::timestamptz - interval '1 hour'`);
  changed(effects, 'images', different.map((image) => image.image_id));

  if (whole) {
    await letGo(taking, sql`not exists (select from unnest(${ids}::text[]) as kept(image_id) where kept.image_id = i.image_id)`);
  }
}

/** The host has the image no more. */
export async function takeImageGone(taking: Taking, imageId: string): Promise<void> {
  await letGo(taking, sql`i.image_id = ${imageId}`);
}

/** Makes rows for images that were never seen anywhere, and says so in the events. */
export async function makeImages(taking: Pick<Taking, 'tx' | 'at' | 'effects'> & { sensor?: Taking['sensor'] }, images: readonly ImageValues[]): Promise<void> {
  const { tx, at, sensor, effects } = taking;
  const made = await tx.query<{ imageId: string; name: string }>(sql`
    insert into images (image_id, name, created, size, labels, scan_state_at, first_seen, last_seen)
    select g.image_id, g.name, g.created, g.size, g.labels, ${at}::timestamptz, ${at}::timestamptz, ${at}::timestamptz
    from jsonb_to_recordset(${rows(images)}::jsonb) as g(image_id text, name text, created timestamptz, size bigint, labels jsonb)
    where not exists (select from images i where i.image_id = g.image_id)
    order by g.image_id
    on conflict (image_id) do nothing
    returning image_id as "imageId", name`);
  for (const { imageId, name } of made) {
    const where = sensor ? ` on ${sensor.hostName}` : '';
    effects.events.push({ at, kind: 'image-new', severity: 1, message: `${name} was seen for the first time${where}`, hostId: sensor?.hostId ?? null, imageId });
  }
  changed(effects, 'images', made.map((image) => image.imageId));
}

/** An image of which only its ID and perhaps a name are known: a container runs from it, or its SBOM was brought. */
export function bareImage(imageId: string, references: readonly string[] = []): ImageValues {
  const parsed = references.flatMap((text) => parseReference(text) ?? []);
  return { image_id: imageId, name: displayName(imageId, parsed), names: [], created: null, size: null, labels: {} };
}

/** Adds names to images and takes dropped ones away, unless another host calls it so or nothing would be left. The name to show follows. */
export async function rename(tx: Queryable, changes: readonly { id: number; added: readonly string[]; dropped: readonly string[] }[]): Promise<void> {
  const list = (pick: 'added' | 'dropped') =>
    changes.flatMap((change) => change[pick].flatMap((name) => {
      const reference = parseReference(name);
      return reference ? [{ id: change.id, name, ...reference }] : [];
    }));
  await tx.run(sql`
    insert into image_references (image_id, registry, repository, tag, digest)
    select g.id, g.registry, g.repository, g.tag, g.digest
    from jsonb_to_recordset(${rows(list('added'))}::jsonb) as g(id int, registry text, repository text, tag text, digest text)
    order by 1, 2, 3, 4, 5 on conflict do nothing`);
  const dropped = list('dropped');
  if (dropped.length > 0) {
    await tx.run(sql`
      delete from image_references r
      using jsonb_to_recordset(${rows(dropped)}::jsonb) as g(id int, name text, registry text, repository text, tag text, digest text)
      where r.image_id = g.id and r.registry = g.registry and r.repository = g.repository
        and r.tag is not distinct from g.tag and r.digest is not distinct from g.digest
        and not exists (select from image_hosts h where h.image_id = g.id and h.gone_at is null and g.name = any(h.names))
        and exists (select from image_hosts h where h.image_id = g.id and h.gone_at is null and h.names <> '{}')`);
  }
  await showNames(tx, changes.map((change) => change.id));
}

async function showNames(tx: Queryable, ids: readonly number[]): Promise<void> {
  const references = await tx.query<ImageReference & { id: number; imageId: string }>(sql`
    select i.id, i.image_id as "imageId", r.registry, r.repository, r.tag, r.digest
    from images i join image_references r on r.image_id = i.id where i.id = any(${ids})`);
  const names = [...grouped(references, (reference) => reference.id)].map(([id, own]) => ({ id, name: displayName(own[0]!.imageId, own) }));
  await tx.run(sql`
    update images i set name = g.name from jsonb_to_recordset(${rows(names)}::jsonb) as g(id int, name text)
    where i.id = g.id and i.name <> g.name`);
}

async function letGo(taking: Taking, which: ReturnType<typeof sql>): Promise<void> {
  const { tx, at, sensor, effects } = taking;
  const gone = await tx.query<{ id: number; imageId: string; names: string[] }>(sql`
    update image_hosts h set gone_at = ${at}::timestamptz, last_seen = greatest(h.last_seen, ${at}::timestamptz)
    from images i where i.id = h.image_id and h.host_id = ${sensor.hostId} and h.gone_at is null and ${which}
    returning i.id, i.image_id as "imageId", h.names`);
  if (gone.length === 0) return;
  const ids = gone.map((image) => image.id);
  await lockImages(tx, ids);
  await rename(tx, gone.map(({ id, names }) => ({ id, added: [], dropped: names })));
  await settleImages(tx, ids, at);
  changed(effects, 'images', gone.map((image) => image.imageId));
}

/**
 * In the order of their ids, so that two transactions never wait for each other. Whoever changes where an image is
 * holds its lock: otherwise one host's "gone" could come to stand over another host's "here".
 */
export async function lockImages(tx: Queryable, ids: readonly number[]): Promise<void> {
  await tx.run(sql`select from images where id = any(${ids}) order by id for no key update`);
}

/** Marks those of the images gone that no host has and no container runs from; the caller holds their locks. */
export async function settleImages(tx: Queryable, ids: readonly number[], at: Date): Promise<void> {
  await tx.run(sql`
    update images i set gone_at = ${at}::timestamptz, last_seen = greatest(i.last_seen, ${at}::timestamptz)
    where i.id = any(${ids}) and i.gone_at is null
      and not exists (select from image_hosts h where h.image_id = i.id and h.gone_at is null)
      and not exists (select from containers c where c.image_id = i.id and c.gone_at is null)`);
}

/** One for each image, the last that was given, in the order of their ids. */
function valuesOf(images: readonly ImageFacts[]): ImageValues[] {
  const byId = new Map(images.map((image) => [image.imageId, image]));
  return [...byId.values()]
    .sort((a, b) => (a.imageId < b.imageId ? -1 : 1))
    .map((image) => {
      const names = fullNames([...image.references, ...image.digests]);
      return {
        image_id: image.imageId,
        name: names.length > 0 ? displayName(image.imageId, names.map((name) => parseReference(name)!)) : shortId(image.imageId),
        names,
        created: timeOrNull(image.created),
        size: bigintOrNull(image.size),
        labels: image.labels,
      };
    });
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
