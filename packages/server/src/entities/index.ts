import type { EntityName } from '@plimsoll/model/api';
import { containers } from './containers.ts';
import type { Entity, EntityOf } from './entity.ts';
import { events } from './events.ts';
import { hosts } from './hosts.ts';
import { images } from './images.ts';
import { packages } from './packages.ts';
import { registries } from './registries.ts';
import type { Scope } from './scope.ts';
import { vulnerabilities } from './vulnerabilities.ts';

/** Everything that is searched. One more is one more file and one more line. */
const ENTITY_OF: Record<EntityName, EntityOf> = { hosts, images, containers, registries, packages, vulnerabilities, events };

const made = new Map<string, Entity>();

/**
 * The entity as a caller of this scope may see it. `live`: count findings now, row by row, instead of reading figures
 * that may be a minute old: for few rows.
 */
export function entityFor(name: EntityName, scope: Scope, { live = false } = {}): Entity {
  const scoped = scope !== null;
  const key = `${name} ${scoped} ${live}`;
  let entity = made.get(key);
  if (!entity) made.set(key, (entity = ENTITY_OF[name]({ scoped, figures: !scoped && !live })));
  return entity;
}

export type { Entity, FacetSpec } from './entity.ts';
export { relations, visibility, type Scope } from './scope.ts';
export { rowById, rowsByIds, search } from './search.ts';
export { selection, type Selection } from './selection.ts';
