import { serverVersion } from './redis-family.ts';
import type { KnownProgram } from './program.ts';

/** The checkers and the sentinel are the server under other names. */
export const redis: KnownProgram = {
  name: 'redis',
  basenames: ['redis-server', 'redis-check-rdb', 'redis-check-aof', 'redis-sentinel'],
  version: (file) => serverVersion(file, 'Redis server v='),
};
