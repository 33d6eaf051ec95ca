import type { Tag } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import type { Caller, Handlers, Queryable } from '../context.ts';
import { badRequest, conflict, notFound } from '../http/problems.ts';
import { publishChanged } from '../tags/jobs.ts';
import { assign, countAssets, evaluate, remove, rename, take, type Changed, type TaggedEntity } from '../tags/tags.ts';

interface TagRow {
  id: string;
  name: string;
  colour: Tag['colour'];
  entity: TaggedEntity | null;
  query: string | null;
  created: Date;
}

/** Callers who see some assets see the tags of these, and those they see them by. */
async function list(db: Queryable, { scope }: Pick<Caller, 'scope'>): Promise<Tag[]> {
  const rows = await db.query<TagRow>(sql`select id, name, colour, entity, query, created_at as created from tags order by lower(name)`);
  const counts = await countAssets(db, scope);
  return rows
    .filter(({ name }) => scope === null || scope.includes(name) || counts.has(name))
    .map((row) => ({ ...row, created: row.created.toISOString(), assets: counts.get(row.name) ?? 0 }));
}

/** The tag, locked until the transaction ends: its assets are changed by one at a time. */
async function locked(tx: Queryable, id: string): Promise<TagRow> {
  const tag = await tx.one<TagRow>(sql`select id, name, colour, entity, query, created_at as created from tags where id = ${id} for update`);
  if (!tag) throw notFound(`The tag ${id}`);
  return tag;
}

async function shown(db: Queryable, caller: Caller, id: string): Promise<Tag> {
  const tag = (await list(db, caller)).find((one) => one.id === id);
  if (!tag) throw notFound(`The tag ${id}`);
  return tag;
}

async function refuseTaken(tx: Queryable, name: string, besides: string | null): Promise<void> {
  // Scopes and queries compare names without case or could be taken for one another.
  const taken = await tx.one<{ name: string }>(sql`select name from tags where lower(name) = lower(${name}) and id is distinct from ${besides}`);
  if (taken) throw conflict(`There is a tag “${taken.name}” already. Choose another name.`, 'tag-exists');
}

function merged(one: Changed, other: Changed): Changed {
  const all = new Map(one);
  for (const [entity, assets] of other) all.set(entity, [...(all.get(entity) ?? []), ...assets]);
  return all;
}

export const handlers = {
  async tags({ caller, services: { db } }) {
    return { items: await list(db, caller) };
  },

  async tagCreate({ body: { name, colour, entity, query }, caller, services }) {
    if ((entity === null) !== (query === null)) throw badRequest('A dynamic tag has both: `entity`, what it goes on, and `query`, which says where. A static tag has neither.', 'tag-incomplete');
    const { id, changed } = await services.db.transaction(async (tx) => {
      await refuseTaken(tx, name, null);
      const made = await tx.one<{ id: string }>(sql`insert into tags (name, colour, entity, query) values (${name}, ${colour}, ${entity}, ${query}) returning id`);
      const tagged: Changed = entity !== null && query !== null ? await evaluate(tx, { id: made!.id, entity, query }) : new Map();
      return { id: made!.id, changed: tagged };
    });
    publishChanged(services, changed);
    return shown(services.db, caller, id);
  },

  async tagChange({ params: { id }, body: { name, colour, query }, caller, services }) {
    const changed = await services.db.transaction(async (tx) => {
      const tag = await locked(tx, id);
      let all: Changed = new Map();
      if (query !== undefined) {
        if (tag.entity === null) throw badRequest(`“${tag.name}” is a static tag: it goes where it is put, not where a query says. Make a dynamic one for that.`, 'tag-static');
        await tx.run(sql`update tags set query = ${query} where id = ${id}`);
        all = await evaluate(tx, { id, entity: tag.entity, query });
      }
      if (colour !== undefined) await tx.run(sql`update tags set colour = ${colour} where id = ${id}`);
      if (name !== undefined && name !== tag.name) {
        await refuseTaken(tx, name, id);
        all = merged(all, await rename(tx, id, tag.name, name));
      }
      return all;
    });
    publishChanged(services, changed);
    return shown(services.db, caller, id);
  },

  async tagDelete({ params: { id }, request, services }) {
    const changed = await services.db.transaction(async (tx) => {
      request.auditNote = { subject: `${(await locked(tx, id)).name} ${id}` };
      return remove(tx, id);
    });
    publishChanged(services, changed);
    return { ok: true as const };
  },

  async tagAssign({ params: { id }, body: { entity, ids }, services }) {
    const changed = await services.db.transaction(async (tx) => {
      refuseDynamic(await locked(tx, id));
      return assign(tx, id, entity, ids);
    });
    publishChanged(services, changed);
    return { ok: true as const };
  },

  async tagTake({ params: { id }, body: { entity, ids }, services }) {
    const changed = await services.db.transaction(async (tx) => {
      refuseDynamic(await locked(tx, id));
      return take(tx, id, entity, ids);
    });
    publishChanged(services, changed);
    return { ok: true as const };
  },
} satisfies Partial<Handlers>;

function refuseDynamic({ name, query }: TagRow): void {
  if (query !== null) throw badRequest(`“${name}” goes where its query says. Change the query instead.`, 'tag-dynamic');
}
