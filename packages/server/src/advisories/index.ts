export { openAdvisories, ServerAdvisories, type AdvisoriesOptions } from './advisories.ts';
export { jobs } from './jobs.ts';
