import type { KnownProgram } from './program.ts';

/** `This is perl 5, version 36, subversion 0 (…)`, in the interpreter or in libperl. */
export const perl: KnownProgram = {
  name: 'perl',
  basenames: ['perl', /^perl5\.\d{1,2}\.\d{1,2}$/, /^libperl\.so(?:\.[\d.]+)?$/],
  version: (file) =>
    file
      .find('This is perl 5, version ', /version (\d{1,3}, subversion \d{1,3}) /)
      ?.replace(/^(\d+), subversion (\d+)$/, '5.$1.$2'),
};
