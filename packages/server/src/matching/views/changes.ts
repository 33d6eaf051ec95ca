import type { ChangeView } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import type { Queryable } from '../../context.ts';

interface ChangeRow {
  id: string | number;
  at: Date;
  cause: ChangeView['cause'];
  reason: string;
  appeared: ChangeView['appeared'];
  gone: ChangeView['gone'];
  appeared_count: number;
  gone_count: number;
}

/** The history of an SBOM's findings, the newest change first; none without an SBOM. */
export async function changesOf(db: Queryable, sbomId: number | null, { offset, limit }: { offset: number; limit: number }): Promise<{ items: ChangeView[]; total: number }> {
  if (sbomId === null) return { items: [], total: 0 };
  const rows = await db.query<ChangeRow>(sql`
    select id, at, cause, reason, appeared, gone, appeared_count, gone_count from changes where sbom_id = ${sbomId} order by id desc offset ${offset} limit ${limit}`);
  const total = await db.one<{ total: number }>(sql`select count(*)::int as total from changes where sbom_id = ${sbomId}`);
  return {
    items: rows.map(({ id, at, cause, reason, appeared, gone, appeared_count, gone_count }) => ({
      id: String(id), time: at.toISOString(), cause, reason, appeared, gone, appearedCount: appeared_count, goneCount: gone_count,
    })),
    total: total!.total,
  };
}
