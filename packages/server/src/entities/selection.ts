import type { EntityName } from '@plimsoll/model/api';
import { compile, parse, type Node } from '@plimsoll/query';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Entity } from './entity.ts';
import { entityFor } from './index.ts';
import { relations, type Scope } from './scope.ts';

/** The rows of an entity that a query matches and the caller may see. */
export interface Selection {
  entity: Entity;
  scope: Scope;
  query: string;
  now: Date;
  /** For `where`, over the aliases of `entity.from`. */
  where: Sql;
  /** The condition looks at the row alone and costs next to nothing. */
  simple: boolean;
  /** Begins a statement: `with …,`. */
  relations: Sql;
}

/** Whether the query asks for rows that are gone, one way or the other. */
function namesGone(node: Node): boolean {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.nodes.some(namesGone);
    case 'not':
      return namesGone(node.node);
    case 'term':
      return node.path.length === 1 && node.path[0]!.toLowerCase() === 'gone';
    default:
      return false;
  }
}

export interface SelectionOptions {
  now?: Date;
  /** Take what is gone as well, as if it were there. */
  gone?: boolean;
}

/** @throws QueryError with the place where the query cannot be understood. */
export function selection(name: EntityName, query: string, scope: Scope, { now = new Date(), gone = false }: SelectionOptions = {}): Selection {
  const entity = entityFor(name, scope);
  const node = parse(query);
  const condition = compile(node, entity.table, { now });
  const conditions = [raw(entity.visible), condition];
  if (!gone && !namesGone(node)) conditions.unshift(raw(entity.present));
  const needed = conditions.filter((part) => part.sql !== 'true');
  const where = needed.length === 0 ? sql`true` : join(needed, ' and ');
  return { entity, scope, query, now, where, simple: !/\(select\b/.test(where.sql), relations: relations(scope) };
}
