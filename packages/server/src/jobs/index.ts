import { jobs as advisories } from '../advisories/index.ts';
import type { Job } from '../context.ts';

/** All background work. */
export const JOBS: readonly Job[] = [...advisories];
