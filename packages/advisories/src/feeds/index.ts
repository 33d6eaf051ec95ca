import { cve5 } from './cve5.ts';
import { epss } from './epss.ts';
import type { Feed } from './feed.ts';
import { kev } from './kev.ts';
import { osv } from './osv.ts';

export type { AdvisoryRecord, AffectedPackage, Feed, FeedFile, FeedSink, FeedSummary, ReadOptions } from './feed.ts';
export { DEFAULT_ECOSYSTEMS } from './ecosystems.ts';

/** All feeds, in the order they are read. */
export const FEEDS: readonly Feed[] = [osv, kev, epss, cve5];
