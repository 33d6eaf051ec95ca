import { jobs as access } from '../access/jobs.ts';
import { jobs as advisories } from '../advisories/index.ts';
import type { Job } from '../context.ts';
import { jobs as figures } from '../entities/figures.ts';
import { jobs as ingest } from '../ingest/index.ts';
import { jobs as matching } from '../matching/index.ts';
import { jobs as tags } from '../tags/jobs.ts';

/** All background work. */
export const JOBS: readonly Job[] = [...access, ...advisories, ...figures, ...ingest, ...matching, ...tags] as Job[];
