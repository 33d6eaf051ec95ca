import type { KnownProgram } from './program.ts';

/** The version string for the `what` command, from the shell's version.c. */
export const bash: KnownProgram = {
  name: 'bash',
  basenames: ['bash'],
  version: (file) => file.find('@(#)Bash version ', /version (\d{1,3}\.\d{1,3}\.\d{1,3})\(/),
};
