import { ENTITIES, type GlobalSearchResult } from '@plimsoll/model/api';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Queryable } from '../context.ts';
import type { Entity } from './entity.ts';
import { entityFor } from './index.ts';
import { relations, type Scope } from './scope.ts';

type Result = GlobalSearchResult['results'][number];
const EACH = 5;
/** Whether a row exists and may be seen is asked of the best few only. */
const CANDIDATES = 200;
const CANDIDATES_SCOPED = 5000;

/** The beginning of a digest or container id, with or without its algorithm. */
const looksLikeId = (text: string): boolean => /^(?:sha256:)?[0-9a-f]{6,64}$/.test(text);

/** What has these letters in its name, id or address: at most five of each kind, best first. */
export async function find(db: Queryable, text: string, scope: Scope): Promise<Result[]> {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const found = await Promise.all(
    ENTITIES.map(async (name) => {
      const entity = entityFor(name, scope);
      if (!entity.find) return [];
      const { path } = entity.find;
      const rows = await db.query<{ id: string; title: string; detail: string }>(statement(entity, wanted, scope));
      return rows.map(({ id, title, detail }): Result => ({ entity: name, id, title, detail, path: path(id, title) }));
    }),
  );
  return found.flat();
}

function statement(entity: Entity, text: string, scope: Scope): Sql {
  const { title, detail, fields, ids = [] } = entity.find!;
  const start = `${text.replace(/[\\%_]/g, '\\$&')}%`;
  // Fewer letters are in almost everything, and no index knows them.
  const part = text.length < 3 ? start : `%${start}`;
  const lowerTitle = raw(`lower(${title})`);
  const has = join(
    [...fields.map((field) => sql`lower(${raw(field)}) like ${part}`), ...(looksLikeId(text) ? ids.map((id) => sql`${raw(id)} like ${start} or ${raw(id)} like ${`sha256:${start}`}`) : [])],
    ' or ',
  );
  return sql`${relations(scope)}
    candidates as materialized (
      select ${raw(entity.key)} as key, position(${text} in ${lowerTitle}) as place from ${raw(entity.from)} where ${has}
      order by ${lowerTitle} <> ${text}, (position(${text} in ${lowerTitle}) + 999999) % 1000000, length(${raw(title)}), key
      limit ${scope === null ? CANDIDATES : CANDIDATES_SCOPED})
    select ${raw(entity.id)} as id, ${raw(title)} as title, coalesce(${raw(detail)}, '') as detail
    from ${raw(entity.from)} join candidates on candidates.key = ${raw(entity.key)}
    where ${raw(entity.present)} and ${raw(entity.visible)}
    order by ${lowerTitle} <> ${text}, (candidates.place + 999999) % 1000000, length(${raw(title)}), candidates.key limit ${EACH}`;
}
