import type { Overview, SeverityCounts } from '@plimsoll/model/api';
import { quoted } from '@plimsoll/query/syntax';
import sql from 'sql-template-tag';
import type { Database } from '../../context.ts';
import { relations, type Scope } from '../../entities/index.ts';

type Fixes = Overview['fixes'];

const SHOWN = 10;
/** All upgrades of all images are added up: the first caller after this long waits for it, or is given the former answer. */
const FRESH_MS = 60_000;
const MOST_SCOPES = 50;

interface Held {
  at: number;
  fixes: Promise<Fixes>;
  next: Promise<unknown> | undefined;
}
const heldBy = new WeakMap<Database, Map<string, Held>>();

/**
 * The upgrades that remove most risk over all images that exist. One upgrade is a package to a version, whatever
 * version an image has of it; risk is weighed as for one image: an urgent finding counts as five critical ones.
 * At most a minute old, or as old as it takes to add them up anew.
 */
export function topFixes(db: Database, scope: Scope): Promise<Fixes> {
  let held = heldBy.get(db);
  if (!held) heldBy.set(db, (held = new Map()));
  const key = JSON.stringify(scope);
  const known = held.get(key);
  if (known && Date.now() - known.at < FRESH_MS) return known.fixes;
  if (known) {
    known.next ??= compute(db, scope).then(
      (fixes) => held.set(key, { at: Date.now(), fixes: Promise.resolve(fixes), next: undefined }),
      () => held.delete(key),
    );
    return known.fixes;
  }
  if (held.size >= MOST_SCOPES) held.clear();
  const entry: Held = { at: Date.now(), fixes: compute(db, scope), next: undefined };
  entry.fixes.catch(() => held.delete(key));
  held.set(key, entry);
  return entry.fixes;
}

async function compute(db: Database, scope: Scope): Promise<Fixes> {
  const rows = await db.query<{ name: string; type: string; to: string; images: number; removes: SeverityCounts }>(sql`
    ${relations(scope)} present as (
      select i.id, i.sbom_id from images i where i.gone_at is null and i.sbom_id in (select sbom_id from present_sboms)
        and ${scope === null ? sql`true` : sql`i.id in (select id from visible_images)`}
    ), upgrades as (
      select present.id, u.name, u.type, u."to", (r->>'1')::int as s1, (r->>'2')::int as s2, (r->>'3')::int as s3, (r->>'4')::int as s4, (r->>'5')::int as s5,
        (r->>'fixable')::int as fixable, (r->>'kev')::int as kev
      from present join sboms s on s.id = present.sbom_id
        cross join lateral jsonb_to_recordset(s.upgrades) as u(name text, type text, "to" text, removes jsonb) cross join lateral (select u.removes as r) x
    ), summed as (
      select name, type, "to", count(distinct id)::int as images, sum(s1)::int as s1, sum(s2)::int as s2, sum(s3)::int as s3, sum(s4)::int as s4, sum(s5)::int as s5,
        sum(fixable)::int as fixable, sum(kev)::int as kev
      from upgrades group by 1, 2, 3
    )
    select name, type, "to", images, jsonb_build_object('1', s1, '2', s2, '3', s3, '4', s4, '5', s5, 'fixable', fixable, 'kev', kev) as removes
    from summed order by s5 * 625::bigint + s4 * 125::bigint + s3 * 25::bigint + s2 * 5::bigint + s1 desc, images desc, name limit ${SHOWN}`);
  return rows.map((row) => ({ ...row, query: queryFor(row) }));
}

/**
 * Selects the images that the upgrade helps: those with the package, or one built from it, and a finding whose fix is
 * in just that version.
 */
function queryFor({ name, type, to }: { name: string; type: string; to: string }): string {
  const exact = quoted(name, '`');
  const fixed = `fixedVersion:${quoted(to, '`')}`;
  if (type !== 'deb' && type !== 'apk' && type !== 'rpm') return `vulnerabilities:(package:${exact} and packageType:${type} and ${fixed})`;
  return `software:((name:${exact} or source:${exact}) and type:${type}) and vulnerabilities:(packageType:${type} and ${fixed})`;
}
