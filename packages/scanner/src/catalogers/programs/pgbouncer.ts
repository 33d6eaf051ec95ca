import type { KnownProgram } from './program.ts';

export const pgbouncer: KnownProgram = {
  name: 'pgbouncer',
  basenames: ['pgbouncer'],
  version: (file) => file.find('PgBouncer 1.', /^PgBouncer (1\.\d{1,3}\.\d{1,3})\0/),
};
