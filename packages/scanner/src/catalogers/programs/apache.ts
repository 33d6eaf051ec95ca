import type { KnownProgram } from './program.ts';

/** The Apache HTTP Server (Debian renames it). Modules, and programs linked with libapr, lack the full banner. */
export const apache: KnownProgram = {
  name: 'apache',
  basenames: ['httpd', 'apache2'],
  version: (file) => file.find('Apache/2.', /^Apache\/(2\.\d{1,3}\.\d{1,3})[\0 ]/),
};
