import { serverVersion } from './redis-family.ts';
import type { KnownProgram } from './program.ts';

export const keydb: KnownProgram = {
  name: 'keydb',
  basenames: ['keydb-server', 'keydb-check-rdb', 'keydb-check-aof', 'keydb-sentinel'],
  version: (file) => serverVersion(file, 'KeyDB server v='),
};
