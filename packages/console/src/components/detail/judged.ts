import type { CoverageView } from '@plimsoll/model/api';

/** Whether finding nothing says anything: some package was judged by some advisory data. No package at all is judged, too. */
export function isJudged({ matchedAt, packages, judged }: Pick<CoverageView, 'matchedAt' | 'packages' | 'judged'>): boolean {
  return matchedAt !== null && packages !== null && (packages === 0 || judged === null || judged > 0);
}
