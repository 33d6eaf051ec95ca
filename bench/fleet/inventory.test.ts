import sql from 'sql-template-tag';
import { describe, expect, it } from 'vitest';
import { withDatabase } from '../../packages/server/src/storage/testing.ts';
import { countGroups } from '../../packages/server/src/entities/aggregate.ts';
import { makeFigures } from '../../packages/server/src/entities/figures.ts';
import { search, selection } from '../../packages/server/src/entities/index.ts';
import { Fleet, fleetOf, WHOLE_FLEET } from './inventory.ts';
import { loadFleet } from './load.ts';
import { QUESTIONS } from './questions.ts';
import { Random, Zipf } from './random.ts';

describe('a made fleet', () => {
  it('is the same for the same seed, and another for another', () => {
    const images = (seed: number) => [...new Fleet(fleetOf(0.002, seed)).images()].map(({ imageId, sbom }) => [imageId, sbom?.packages.length]);
    expect(images(1)).toEqual(images(1));
    expect(images(1)).not.toEqual(images(2));
    expect(fleetOf(1)).toEqual(WHOLE_FLEET);
  });

  it('has few packages that are everywhere and many that are rare', () => {
    const [random, zipf] = [new Random(1), new Zipf(1000)];
    const counts = new Array<number>(1000).fill(0);
    for (let draw = 0; draw < 20_000; draw++) counts[zipf.sample(random)]!++;
    expect(counts[0]!).toBeGreaterThan(counts[9]! * 5);
    expect(counts.slice(500).filter((count) => count > 0).length).toBeGreaterThan(200);
  });

  it('loads into a database that answers every question of the bench', async () => {
    await withDatabase(async (db) => {
      const size = fleetOf(0.004);
      const loaded = await loadFleet(db.url, size);
      expect(loaded).toMatchObject({ hosts: 1, images: 20, containers: 200, events: 800 });
      expect(loaded.findings).toBeGreaterThan(1000);
      await makeFigures(db);
      const random = new Random(1);
      for (const { entity, query } of QUESTIONS) {
        const text = query(random);
        const { total } = await search(db, entity, text, null, { offset: 0, limit: 5 });
        expect((await countGroups(db, selection(entity, text, null), undefined, 1)).total, text).toBe(total);
      }
      // Counters of SBOMs are what their findings say.
      const [bySeverity] = (await search(db, 'images', 'vulnerabilities.severity:5', null, { offset: 0, limit: 500 })).rows;
      expect(bySeverity?.vulnerabilities?.[5]).toBeGreaterThan(0);
      expect(await db.query(sql`select from sboms s where s5 <> (select count(*) from findings f where f.sbom_id = s.id and f.severity = 5)`)).toEqual([]);
    });
  });
});
