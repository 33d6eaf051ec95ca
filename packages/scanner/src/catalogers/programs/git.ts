import type { KnownProgram } from './program.ts';

/** The user agent that git sends to servers. */
export const git: KnownProgram = {
  name: 'git',
  basenames: ['git'],
  version: (file) => file.find('git/', /^git\/(\d{1,2}\.\d{1,3}\.\d{1,3}(?:\.\d{1,3})?)[\0-]/),
};
