import type { CoverageGap, Sbom } from '@plimsoll/model';
import type { CoverageView } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import type { Services } from '../../context.ts';

/** What keeps an asset's answer from being whole: as it was when it was matched last. */
export async function coverageView({ db, advisories }: Pick<Services, 'db' | 'advisories'>, state: string, sbomId: number | null, sbom: Sbom | undefined): Promise<CoverageView> {
  const row = sbomId === null ? undefined : await db.one<{ packages: number; judged: number; gaps: CoverageGap[]; matched_at: Date | null }>(
    sql`select packages, judged, gaps, matched_at from sboms where id = ${sbomId}`,
  );
  return {
    state,
    packages: row?.packages ?? null,
    // Before it was matched nobody knows; zero would be a claim.
    judged: row?.matched_at ? row.judged : null,
    gaps: (row?.gaps ?? []).map(({ reason, packages, ecosystem }) => ({ reason, packages, ecosystem: ecosystem ?? null })),
    warnings: (sbom?.warnings ?? []).map(({ code, message, incomplete }) => ({ code, message, incomplete })),
    feeds: feedsOf(advisories),
    matchedAt: row?.matched_at?.toISOString() ?? null,
  };
}

export function feedsOf(advisories: Services['advisories']): CoverageView['feeds'] {
  return (advisories.current()?.database.info.feeds ?? []).map(({ name, records, asOf }) => ({ name, records, asOf: asOf ?? null }));
}
