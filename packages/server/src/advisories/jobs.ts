import { InputError } from '@plimsoll/model';
import type { Job } from '../context.ts';

/** Fetches the feeds, daily and when somebody asks. Away from the full hour, when everybody else asks the publishers. */
const advisoriesUpdate: Job = {
  name: 'advisories-update',
  schedule: '37 4 * * *',
  concurrency: 1,
  batch: 1,
  async run(_data, { advisories, log }) {
    try {
      await advisories.update();
    } catch (error) {
      // Kept in the state and shown; what a person has to mend is not mended by trying again at once.
      if (!(error instanceof InputError)) throw error;
      log.warn({ err: error }, 'advisories not updated');
    }
  },
};

export const jobs: Job[] = [advisoriesUpdate];
