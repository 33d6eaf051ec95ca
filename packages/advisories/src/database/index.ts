export { buildDatabase, FeedError, type BuildOptions, type BuildProgress } from './build.ts';
export { changedPackages, type ChangedPackage } from './changed-packages.ts';
export {
  BUNDLED_SNAPSHOT,
  DATABASE_NAME,
  databaseFolder,
  locateDatabase,
  type LocatedDatabase,
  type LocateOptions,
} from './locate.ts';
export { openDatabase, verifyDatabase } from './open.ts';
export { updateDatabase, type UpdateOptions, type UpdateProgress, type UpdateResult } from './update.ts';
