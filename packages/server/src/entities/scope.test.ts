import { ENTITIES, type EntityName } from '@plimsoll/model/api';
import fc from 'fast-check';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../storage/testing.ts';
import { countGroups } from './aggregate.ts';
import { countFacets } from './facets.ts';
import { makeFigures } from './figures.ts';
import { find } from './find.ts';
import { entityFor, rowsByIds, search, selection } from './index.ts';
import { CONTAINERS, fillInventory, HOSTS, IMAGES } from './inventory.fixtures.ts';
import { knownValues } from './values.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await fillInventory(database.db, new Date());
  await makeFigures(database.db);
});
afterAll(() => database.close());

const all = { offset: 0, limit: 500 };
const titles = async (entity: EntityName, scope: string[] | null, query = ''): Promise<string[]> =>
  (await search(database.db, entity, query, scope, all)).rows.map((row) => ('name' in row ? row.name : row.id)).sort();

describe('a caller with a scope', () => {
  it('sees what has one of its tags, and what is on such hosts', async () => {
    expect(await titles('hosts', ['staging'])).toEqual(['web-2']);
    expect(await titles('containers', ['staging'])).toEqual(['shop-api-2', 'worker']);
    expect(await titles('images', ['staging'])).toEqual(['registry.example:5000/shop/api:2', 'worker:latest']);
    expect(await titles('registries', ['staging'])).toEqual(['docker.io', 'registry.example:5000']);
    expect(await titles('vulnerabilities', ['staging'])).toEqual(['CVE-2020-8203', 'CVE-2021-44228']);
    expect(await titles('packages', ['staging'])).toEqual(['lodash', 'org.apache.logging.log4j:log4j-core']);
    expect(await titles('events', ['staging'])).toEqual(['2']);
    expect(await titles('containers', ['batch'])).toEqual(['worker']);
    expect(await titles('images', ['critical-path'])).toEqual(['registry.example:5000/shop/api:2']);
    expect(await titles('vulnerabilities', ['critical-path'])).toEqual(['CVE-2020-8203', 'CVE-2021-44228']);
  });

  it('sees nothing without tags, or with one that nothing has', async () => {
    for (const scope of [[], ['nothing-has-it']]) for (const entity of ENTITIES) expect(await titles(entity, scope), entity).toEqual([]);
  });

  it('is not told of the rest by counts, nor by asking for it', async () => {
    const [image] = (await search(database.db, 'images', 'name:shop', ['staging'], all)).rows;
    // It is on web-1 too, with a running container.
    expect(image).toMatchObject({ hosts: 1, containers: 1, running: 0, containerHosts: 1 });
    expect(await titles('images', ['staging'], 'host.name:web-1')).toEqual([]);
    expect(await titles('images', ['staging'], 'containers.privileged:true')).toEqual([]);
    expect(await titles('images', ['staging'], 'running>0')).toEqual(['worker:latest']);
    expect(await titles('vulnerabilities', ['staging'], 'container.state:running')).toEqual([]);
    expect(await titles('packages', ['staging'], 'host.name:*')).toEqual([]);
    const [vulnerability] = (await search(database.db, 'vulnerabilities', 'id:CVE-2021-44228', ['staging'], all)).rows;
    expect(vulnerability).toMatchObject({ images: 1, containers: 0, hosts: 0 });
    const [registry] = (await search(database.db, 'registries', 'name:"docker.io"', ['staging'], all)).rows;
    expect(registry).toMatchObject({ images: 2, repositories: 2, scanned: 1 });
  });

  it('gets no row by its id, no suggestion and no find of the rest', async () => {
    const caller = { scope: ['staging'] };
    expect(await rowsByIds(database.db, 'hosts', Object.values(HOSTS), caller)).toHaveLength(1);
    expect((await rowsByIds(database.db, 'images', Object.values(IMAGES), caller)).map((row) => row.id).sort()).toEqual([IMAGES.api, IMAGES.unscanned].sort());
    expect(await rowsByIds(database.db, 'containers', Object.values(CONTAINERS), caller)).toHaveLength(2);
    expect(await rowsByIds(database.db, 'vulnerabilities', ['CVE-2023-5678'], caller)).toEqual([]);
    expect(await find(database.db, 'nginx', ['staging'])).toEqual([]);
    expect(await find(database.db, 'openssl', ['staging'])).toEqual([]);
    const values = (entity: EntityName, path: string, prefix: string) => knownValues(database.db, selection(entity, '', ['staging']), path.split('.'), prefix, 20).then((found) => found.map(({ value }) => value));
    expect(await values('images', 'software.name', 'open')).toEqual([]);
    expect(await values('images', 'software.name', 'lod')).toEqual(['lodash']);
    expect(await values('images', 'software.type', '')).toEqual(['maven', 'npm']);
    expect(await values('vulnerabilities', 'package.name', '')).toEqual(['lodash', 'org.apache.logging.log4j:log4j-core']);
    expect(await values('images', 'host.name', '')).toEqual(['web-2']);
    expect(await values('hosts', 'tag', '')).toEqual(['staging']);
  });
});

it('a container that is seen by its own tag tells nothing of a host that is not', async () => {
  expect(await titles('containers', ['batch'])).toEqual(['worker']);
  for (const query of ['host.provider:GCP', 'host.address:10.0.0.0/8', 'host.tag:staging', 'host:*']) {
    expect(await titles('containers', ['batch'], query), query).toEqual([]);
    expect(await titles('containers', ['staging'], query), query).toContain('worker');
  }
  const selected = selection('containers', '', ['batch']);
  expect((await countGroups(database.db, selected, 'host.provider', 10)).groups).toEqual([]);
  expect(await knownValues(database.db, selected, ['host', 'provider'], '', 10)).toEqual([]);
});

describe('whatever the scope', () => {
  const QUERIES: Record<EntityName, string[]> = {
    hosts: ['', 'gone:[true, false]', 'not tag:shop', 'software.name:*', 'images.name:*'],
    images: ['', 'gone:[true, false]', 'host.name:*', 'not vulnerabilities.severity:5', 'containers.state:running'],
    containers: ['', 'gone:[true, false]', 'host.name:*', 'vulnerabilities.severity:*', 'not state:running'],
    registries: ['', 'gone:[true, false]', 'images.name:*', 'software.name:*'],
    packages: ['', 'gone:[true, false]', 'images.name:*', 'vulnerabilities.severity:*'],
    vulnerabilities: ['', 'gone:[true, false]', 'image.name:*', 'host.name:*', 'package.name:*'],
    events: ['', 'host.name:*', 'not container.name:x'],
  };

  it('rows are a part of all rows and of what is visible; facets, groups and totals count no others', async () => {
    const scopes = fc.subarray(['production', 'shop', 'staging', 'batch', 'critical-path', 'nobody']);
    await fc.assert(
      fc.asyncProperty(scopes, fc.constantFrom(...ENTITIES), fc.nat(), async (scope, entity, pick) => {
        const query = QUERIES[entity][pick % QUERIES[entity].length]!;
        const [mine, everything, visible] = [await titles(entity, scope, query), await titles(entity, null, query), await titles(entity, scope, entity === 'events' ? '' : 'gone:[true, false]')];
        expect(everything).toEqual(expect.arrayContaining(mine));
        expect(visible).toEqual(expect.arrayContaining(mine));
        const selected = selection(entity, query, scope);
        const { total } = await countGroups(database.db, selected, undefined, 10);
        expect(total).toBe(mine.length);
        for (const facet of await countFacets(database.db, selected, selected.entity.facets, 100)) {
          for (const value of facet.values) expect((await search(database.db, entity, query === '' ? value.query : `(${query}) and ${value.query}`, scope, all)).total, `${facet.name} ${value.query}`).toBe(value.count);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('a wider scope never shows less', async () => {
    for (const entity of ENTITIES) {
      const narrow = await titles(entity, ['staging']);
      expect(await titles(entity, ['staging', 'production'])).toEqual(expect.arrayContaining(narrow));
    }
  });

  it('the visible ids are worked out by tags alone', async () => {
    const rows = await database.db.query<{ name: string }>(sql`select name from hosts where tags && array['shop', 'staging'] and gone_at is null order by name`);
    expect(await titles('hosts', ['shop', 'staging'])).toEqual(rows.map(({ name }) => name));
    expect(entityFor('hosts', ['shop']).visible).not.toBe('true');
  });
});
