import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../storage/testing.ts';
import { testServices } from '../testing/services.ts';
import { freshFigures, makeFigures } from './figures.ts';
import { rowsByIds, search } from './index.ts';
import { fillInventory } from './inventory.fixtures.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await fillInventory(database.db, new Date());
});
afterAll(() => database.close());

const page = (entity: 'vulnerabilities' | 'packages', query = '') => search(database.db, entity, query, null, { offset: 0, limit: 100 });
const withoutTimes = (rows: object[]) => rows.map((row) => ({ ...row, lastSeen: undefined }));

describe('figures', () => {
  it('say what counting row by row says', async () => {
    await makeFigures(database.db);
    for (const entity of ['vulnerabilities', 'packages'] as const) {
      for (const query of ['', 'gone:true']) {
        const { rows } = await page(entity, query);
        expect(rows.length, `${entity} ${query}`).toBeGreaterThan(0);
        expect(withoutTimes(await rowsByIds(database.db, entity, rows.map((row) => String(row.id)), { scope: null }))).toEqual(withoutTimes(rows));
      }
    }
  });

  it('follow what is matched, scanned, comes and goes', async () => {
    const services = testServices({ db: database.db });
    const ids = async () => {
      await freshFigures(services);
      // The next look must not be spared because this one was a moment ago.
      await new Promise((resolve) => setTimeout(resolve, 300));
      return (await page('vulnerabilities')).rows.map(({ id }) => id).sort();
    };
    expect(await ids()).toEqual(['CVE-2020-8203', 'CVE-2021-44228', 'CVE-2023-5678', 'CVE-2024-1111']);
    await database.db.run(sql`update images set gone_at = now() where id = 1`);
    expect(await ids()).toEqual(['CVE-2020-8203', 'CVE-2021-44228', 'CVE-2024-1111']);
    await database.db.run(sql`update findings set fixed_at = now() where vulnerability_id = 5`);
    await database.db.run(sql`update sboms set matched_at = now(), s2 = 0 where id = 4`);
    expect(await ids()).toEqual(['CVE-2020-8203', 'CVE-2021-44228']);
    await database.db.run(sql`update images set gone_at = null where id in (1, 6)`);
    expect(await ids()).toEqual(['CVE-2019-0001', 'CVE-2020-8203', 'CVE-2021-44228', 'CVE-2023-5678']);
  });

  it('are made once for all who ask at the same time, and not again for nothing', async () => {
    await database.db.run(sql`update images set gone_at = now() where id = 6`);
    await Promise.all(Array.from({ length: 5 }, () => makeFigures(database.db)));
    const state = () => database.db.one<{ made_at: Date }>(sql`select made_at from figures_state`);
    const before = await state();
    await makeFigures(database.db);
    expect(await state()).toEqual(before);
  });
});
