import { serverVersion } from './redis-family.ts';
import type { KnownProgram } from './program.ts';

/**
 * Also under Redis's name, which its packages keep for compatibility. The --version text is told apart by
 * the name only up to 8.x; later ones have their own module interface.
 */
export const valkey: KnownProgram = {
  name: 'valkey',
  basenames: ['valkey-server', 'valkey-check-rdb', 'valkey-check-aof', 'valkey-sentinel', 'redis-server'],
  version: (file) => serverVersion(file, 'Valkey server v=', 'ValkeyModule_'),
};
