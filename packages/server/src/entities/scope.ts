import sql, { raw, type Sql } from 'sql-template-tag';

/**
 * What a caller may see. A host is seen with one of the caller's tags; an image or container with one of them, or
 * on such a host; all else only through these. Statements read the relations below instead of taking the tags, so
 * that the parts of an entity stay constants. PostgreSQL runs only those that are read.
 */
export type Scope = readonly string[] | null;

const PRESENT_SBOMS = raw(`present_sboms as materialized (
  select sbom_id from images where gone_at is null and sbom_id is not null
  union select sbom_id from hosts where gone_at is null and sbom_id is not null)`);

const SCOPED = raw(`visible_images as materialized (
  select i.id, i.image_id, i.sbom_id, i.gone_at from images i
  where i.tags && (select tags from caller) or i.id in (
    select ih.image_id from image_hosts ih join visible_hosts vh on vh.id = ih.host_id where ih.gone_at is null)),
visible_containers as materialized (
  select c.id, c.container_id from containers c
  where c.tags && (select tags from caller) or c.host_id in (select id from visible_hosts)),
visible_sboms as materialized (
  select sbom_id from visible_images where sbom_id is not null
  union select sbom_id from visible_hosts where sbom_id is not null),
present_sboms as materialized (
  select sbom_id from visible_images where gone_at is null and sbom_id is not null
  union select sbom_id from visible_hosts where gone_at is null and sbom_id is not null)`);

/** `with …,` before the statement's own relations: `${relations(scope)} matching as (…) select …`. */
export function relations(scope: Scope): Sql {
  if (scope === null) return sql`with ${PRESENT_SBOMS},`;
  return sql`with caller as materialized (select ${[...scope]}::text[] as tags),
visible_hosts as materialized (select id, sbom_id, gone_at from hosts where tags && (select tags from caller)),
${SCOPED},`;
}

/** Conditions for what a caller sees, by an id's expression. */
export function visibility(scoped: boolean) {
  const within = (relation: string, column: string) => (expression: string) =>
    scoped ? `${expression} in (select ${column} from ${relation})` : 'true';
  return {
    host: within('visible_hosts', 'id'),
    image: within('visible_images', 'id'),
    container: within('visible_containers', 'id'),
    sbom: within('visible_sboms', 'sbom_id'),
  };
}
export type Visibility = ReturnType<typeof visibility>;
