import type { KnownProgram } from './program.ts';

export const memcached: KnownProgram = {
  name: 'memcached',
  basenames: ['memcached'],
  version: (file) => file.find('memcached 1.', /^memcached (1\.\d{1,3}\.\d{1,3})/),
};
