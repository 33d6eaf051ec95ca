import type { EntityName } from '@plimsoll/model/api';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Queryable } from '../context.ts';
import { selection } from '../entities/index.ts';

/** What can have tags. Taggings name an asset as routes do. */
export type TaggedEntity = Extract<EntityName, 'hosts' | 'images' | 'containers'>;

const ASSETS: Record<TaggedEntity, { table: string; id: string }> = {
  hosts: { table: 'hosts', id: 'id::text' },
  images: { table: 'images', id: 'image_id' },
  containers: { table: 'containers', id: 'container_id' },
};
export const TAGGED = Object.keys(ASSETS) as TaggedEntity[];

/** What was tagged or lost a tag, by entity. */
export type Changed = Map<TaggedEntity, string[]>;

interface Tagging {
  entity: TaggedEntity;
  asset: string;
}

/** Gives a tag to assets that exist. */
export function assign(tx: Queryable, tagId: string, entity: TaggedEntity, ids: readonly string[]): Promise<Changed> {
  const { table, id } = ASSETS[entity];
  return follow(tx, sql`
    insert into taggings (tag_id, entity, asset, derived) select ${tagId}, ${entity}, ${raw(id)}, false from ${raw(table)} where ${raw(id)} = any(${[...ids]}::text[])
    on conflict (tag_id, entity, asset) do update set derived = false returning entity, asset`);
}

export function take(tx: Queryable, tagId: string, entity: TaggedEntity, ids: readonly string[]): Promise<Changed> {
  return follow(tx, sql`delete from taggings where tag_id = ${tagId} and entity = ${entity} and asset = any(${[...ids]}::text[]) returning entity, asset`);
}

/** Removes the tag from everything, and then itself. */
export async function remove(tx: Queryable, tagId: string): Promise<Changed> {
  const changed = await follow(tx, sql`delete from taggings where tag_id = ${tagId} returning entity, asset`);
  await tx.run(sql`delete from tags where id = ${tagId}`);
  return changed;
}

/** A tag has a new name: everything that has it, and everybody whose scope names it, follows. */
export async function rename(tx: Queryable, tagId: string, from: string, to: string): Promise<Changed> {
  await tx.run(sql`update tags set name = ${to} where id = ${tagId}`);
  for (const table of ['users', 'api_tokens']) {
    await tx.run(sql`update ${raw(table)} set scope = array_replace(scope, ${from}::text, ${to}::text) where scope @> array[${from}::text]`);
  }
  return follow(tx, sql`select entity, asset from taggings where tag_id = ${tagId}`);
}

/**
 * Makes a dynamic tag stand on what its query matches now, and on nothing else. The tag's row must be locked.
 * @throws QueryError when the query cannot be understood.
 */
export async function evaluate(tx: Queryable, tag: { id: string; entity: TaggedEntity; query: string }, now = new Date()): Promise<Changed> {
  const { entity, relations, where } = selection(tag.entity, tag.query, null, { now });
  const changed = await follow(tx, sql`${relations}
    matching as materialized (select ${raw(entity.id)} as asset from ${raw(entity.from)} where ${where}),
    gone as (delete from taggings g where g.tag_id = ${tag.id} and not (g.entity = ${tag.entity} and g.asset in (select asset from matching)) returning g.entity, g.asset),
    come as (insert into taggings (tag_id, entity, asset, derived) select ${tag.id}, ${tag.entity}, asset, true from matching on conflict do nothing returning entity, asset)
    select entity, asset from gone union all select entity, asset from come`);
  await tx.run(sql`update tags set evaluated_at = ${now} where id = ${tag.id}`);
  return changed;
}

/** Runs what changes taggings, and brings the assets' `tags` in line with them. */
async function follow(tx: Queryable, change: Sql): Promise<Changed> {
  const taggings = await tx.query<Tagging>(change);
  const changed: Changed = new Map();
  for (const { entity, asset } of taggings) {
    const assets = changed.get(entity);
    if (assets) assets.push(asset);
    else changed.set(entity, [asset]);
  }
  for (const [entity, assets] of changed) await gather(tx, entity, assets);
  return changed;
}

async function gather(tx: Queryable, entity: TaggedEntity, assets: readonly string[]): Promise<void> {
  const { table, id } = ASSETS[entity];
  await tx.run(sql`
    with gathered as (
      select asset, array(select t.name from taggings g join tags t on t.id = g.tag_id where g.entity = ${entity} and g.asset = wanted.asset order by t.name) as tags
      from (select distinct unnest(${[...assets]}::text[]) as asset) as wanted)
    update ${raw(table)} a set tags = gathered.tags from gathered where ${raw(`a.${id}`)} = gathered.asset and a.tags is distinct from gathered.tags`);
}

/** Number of assets that exist with each tag, by name; only of those that a caller of this scope sees. */
export async function countAssets(db: Queryable, scope: readonly string[] | null): Promise<Map<string, number>> {
  const counts = TAGGED.map((name) => {
    const { entity, where } = selection(name, '', scope);
    const alias = entity.key.split('.')[0]!;
    return sql`select unnest(${raw(`${alias}.tags`)}) as name, count(*) as assets from ${raw(entity.from)} where ${where} group by 1`;
  });
  const rows = await db.query<{ name: string; assets: number }>(sql`${selection('hosts', '', scope).relations}
    counted as (${join(counts, ' union all ')}) select name, sum(assets)::int as assets from counted group by name`);
  return new Map(rows.map(({ name, assets }) => [name, assets]));
}
