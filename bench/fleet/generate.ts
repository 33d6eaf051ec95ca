import { parseArgs } from 'node:util';
import { migrate, readMigrations } from '../../packages/server/src/storage/migrate.ts';
import { fleetOf } from './inventory.ts';
import { loadFleet } from './load.ts';

/** Fills an empty database with a fleet: `generate --database postgres://… [--scale 0.1] [--seed 1]`. */
const { values } = parseArgs({ options: { database: { type: 'string' }, scale: { type: 'string', default: '1' }, seed: { type: 'string', default: '1' } } });
const url = values.database ?? process.env['DATABASE_URL'];
const scale = Number(values.scale);
if (url === undefined || !(scale > 0 && scale <= 10)) {
  console.error('Say where: --database postgres://user@host/name, or DATABASE_URL; and how large: --scale above 0, at most 10; 1 is 200 hosts and 2 million findings.');
  process.exitCode = 2;
} else {
  // The same place from here and from bench/dist, where this is bundled to.
  await migrate({ url }, readMigrations(new URL('../../packages/server/src/storage/migrations/', import.meta.url)));
  console.log(await loadFleet(url, fleetOf(scale, Number(values.seed)), { log: (line) => console.error(line) }));
}
