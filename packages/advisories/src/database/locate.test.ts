import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { scratchFolders } from '../feeds/feeds.fixtures.ts';
import { databaseFolder, locateDatabase } from './locate.ts';

const scratch = scratchFolders();
afterEach(() => scratch.clean());

function withDatabase(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'plimsoll.db');
  writeFileSync(file, '');
  return file;
}

describe('finding the database', () => {
  it('goes by flag, environment, cache and snapshot, in this order', () => {
    const home = scratch.make();
    const cached = withDatabase(join(home, '.cache', 'plimsoll', 'db'));
    const bundled = withDatabase(scratch.make());
    const env = { HOME: home, PLIMSOLL_DB: 'named.db' };
    expect(locateDatabase({ flag: 'flag.db', env, bundled })).toEqual({ file: 'flag.db', by: 'flag' });
    expect(locateDatabase({ env, bundled })).toEqual({ file: 'named.db', by: 'environment' });
    expect(locateDatabase({ env: { HOME: home }, bundled })).toEqual({ file: cached, by: 'cache' });
    expect(locateDatabase({ env: { HOME: scratch.make() }, bundled })).toEqual({ file: bundled, by: 'bundled' });
    expect(locateDatabase({ env: { HOME: scratch.make() }, bundled: join(home, 'none') })).toBeUndefined();
  });

  it('heeds XDG_CACHE_HOME, if it is absolute', () => {
    expect(databaseFolder({ HOME: '/home/a', XDG_CACHE_HOME: '/var/cache' })).toBe('/var/cache/plimsoll/db');
    expect(databaseFolder({ HOME: '/home/a', XDG_CACHE_HOME: 'cache' })).toBe('/home/a/.cache/plimsoll/db');
  });
});
