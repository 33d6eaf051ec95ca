import type { KnownProgram } from './program.ts';

/** `postgres (PostgreSQL) 15.4`, the answer to --version. Only the server: advisories are about it. */
export const postgresql: KnownProgram = {
  name: 'postgresql',
  basenames: ['postgres'],
  version: (file) => file.find('postgres (PostgreSQL) ', /\) (\d{1,2}(?:\.\d{1,3}){1,2})/),
};
