import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseInfo } from '@plimsoll/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchFolders } from '../feeds/feeds.fixtures.ts';
import { parseObject, object, objects, texts } from '../feeds/json.ts';
import { zipEntries } from '../feeds/zip.ts';
import { isAffected } from '../matching/range.ts';
import { schemeFor } from '../versions/index.ts';
import { buildDatabase } from './build.ts';
import { BUNDLED_SNAPSHOT } from './locate.ts';
import { openDatabase, verifyDatabase } from './open.ts';

const FEEDS = join(import.meta.dirname, '../../../../../shared/feeds');
const present = existsSync(FEEDS);
const MB = 1024 * 1024;

const scratch = scratchFolders();
afterAll(() => scratch.clean());

describe.skipIf(!present)(`the database of the shared feeds${present ? '' : ' (skipped: needs ../shared)'}`, () => {
  let file: string;
  let info: DatabaseInfo;
  beforeAll(async () => {
    file = join(scratch.make(), 'shared.db');
    info = await buildDatabase({ from: FEEDS, out: file, built: '2026-01-01T00:00:00Z' });
  }, 120_000);

  it('holds every record of every feed', async () => {
    const counted = new Map<string, number>();
    for (const { name } of info.feeds.filter((feed) => feed.name.startsWith('osv/'))) {
      let records = 0;
      for await (const _entry of zipEntries(join(FEEDS, name, 'all.zip'), '.json')) records++;
      counted.set(name, records);
    }
    expect(counted.size).toBe(10);
    for (const feed of info.feeds) if (counted.has(feed.name)) expect(feed.records, feed.name).toBe(counted.get(feed.name));
    expect(info.feeds.find(({ name }) => name === 'kev')!.records).toBe(1404);
    expect(info.feeds.find(({ name }) => name === 'cve5')!.records).toBe(3880);
    expect(verifyDatabase(file)).toEqual(info);
  }, 60_000);

  it('gives for a sample of records what the feeds say', async () => {
    const database = openDatabase(file);
    let checked = 0;
    for (const { name } of info.feeds.filter((feed) => feed.name.startsWith('osv/'))) {
      let n = 0;
      for await (const { bytes } of zipEntries(join(FEEDS, name, 'all.zip'), '.json')) {
        if (n++ % 23 !== 0) continue;
        const record = parseObject(bytes);
        const id = String(record.id);
        const found = database.byId(id).filter((advisory) => advisory.id === id);
        if (record.withdrawn) {
          expect(found, id).toEqual([]);
          continue;
        }
        const named = [...texts(record.aliases), ...texts(record.upstream)].filter((other) => other !== id);
        for (const affected of objects(record.affected)) {
          const { ecosystem, name: packageName } = object(affected.package) as { ecosystem: string; name: string };
          const mine = database.advisoriesFor(ecosystem, packageName).filter((advisory) => advisory.id === id);
          expect(mine.length, `${id} ${packageName}`).toBeGreaterThan(0);
          // Every event of the record's ranges is there, and ids under one name or the other.
          const events = mine.flatMap(({ ranges }) => ranges.flatMap((range) => range.events.flatMap((event) => Object.values(event))));
          const wanted = objects(affected.ranges).filter(({ type }) => type !== 'GIT').flatMap((range) => objects(range.events).flatMap(Object.values));
          expect(new Set(events)).toEqual(new Set([...wanted, ...events.filter((event) => isOfTwin(record, affected, event))]));
          expect([...mine[0]!.cves, ...mine[0]!.aliases]).toEqual(expect.arrayContaining(named));
          for (const advisory of mine) expect(found).toContainEqual(advisory);
        }
        checked++;
      }
    }
    database.close();
    expect(checked).toBeGreaterThan(2500);
  }, 120_000);

  it('judges every version that PyPI records list as affected', async () => {
    const database = openDatabase(file);
    const scheme = schemeFor('PyPI')!;
    let kept = 0;
    let listed = 0;
    for await (const { bytes } of zipEntries(join(FEEDS, 'osv/PyPI/all.zip'), '.json')) {
      const record = parseObject(bytes);
      if (record.withdrawn) continue;
      for (const affected of objects(record.affected)) {
        const found = database.advisoriesFor('PyPI', String(object(affected.package)!.name)).find(({ id }) => id === record.id)!;
        kept += found.versions.length;
        for (const version of texts(affected.versions)) {
          listed++;
          if (!isAffected(found, version, scheme)) expect.unreachable(`${found.id} lists ${version}`);
        }
      }
    }
    database.close();
    expect(listed).toBeGreaterThan(130_000);
    // Most are covered by ranges and not stored again.
    expect(kept).toBeLessThan(listed / 10);
  }, 60_000);

  it('is small enough to ship', () => {
    expect(statSync(file).size).toBeLessThan(15 * MB);
  });
});

describe('the bundled snapshot', () => {
  it('is whole, current in its format, and small', () => {
    const info = verifyDatabase(BUNDLED_SNAPSHOT);
    expect(info.ecosystems).toEqual(expect.arrayContaining(['AlmaLinux:9', 'Alpine:v3.11', 'Debian:12', 'Go', 'PyPI', 'Wolfi', 'npm']));
    expect(info.cves).toBeGreaterThan(4000);
    expect(statSync(BUNDLED_SNAPSHOT).size).toBeLessThan(15 * MB);
  });
});

/** Whether an event comes from another entry of the record for the same package. */
function isOfTwin(record: Record<string, unknown>, affected: Record<string, unknown>, event: unknown): boolean {
  const { ecosystem, name } = object(affected.package) as { ecosystem: string; name: string };
  return objects(record.affected)
    .filter((other) => object(other.package)?.ecosystem === ecosystem && object(other.package)?.name === name)
    .some((other) => objects(other.ranges).some((range) => objects(range.events).some((found) => Object.values(found).includes(event))));
}
