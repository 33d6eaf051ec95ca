import type { SeverityCounts } from '@plimsoll/model/api';
import { LEVELS } from '../../severity.ts';

/** Above any count of findings by severity in one asset, and small enough that five of them stay exact in a number. */
const BASE = 1000;

/** Orders counts by the worst severity first, then the next; null is below all. */
export function weightOf(counts: Pick<SeverityCounts, 1 | 2 | 3 | 4 | 5> | null): number | null {
  if (counts === null) return null;
  return LEVELS.reduce((sum, level) => sum * BASE + Math.min(counts[level], BASE - 1), 0);
}
