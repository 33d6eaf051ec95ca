export { buildDatabase, type BuildOptions, type BuildProgress } from './build.ts';
export {
  BUNDLED_SNAPSHOT,
  DATABASE_NAME,
  databaseFolder,
  locateDatabase,
  type LocatedDatabase,
  type LocateOptions,
} from './locate.ts';
export { openDatabase, verifyDatabase } from './open.ts';
