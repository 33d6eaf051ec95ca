export { migrate, MIGRATIONS_DIR } from './migrate.ts';
export { openDatabase } from './open.ts';
export type { OpenOptions } from './open.ts';
