import { ENTITIES, ROWS, type EntityName } from '@plimsoll/model/api';
import type { FastifyInstance } from 'fastify';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashToken } from '../access/tokens.ts';
import { buildApp } from '../http/app.ts';
import { handlers } from '../routes/search.ts';
import { testDatabase, type TestDatabase } from '../storage/testing.ts';
import { testServices } from '../testing/services.ts';
import { fillInventory } from './inventory.fixtures.ts';

const TOKEN = 'plt_of-a-reader';
let database: TestDatabase;
let app: FastifyInstance;

beforeAll(async () => {
  database = await testDatabase();
  await fillInventory(database.db, new Date());
  const user = await database.db.one<{ id: string }>(sql`insert into users (name, email, role) values ('Ann', 'ann@example.org', 'reader') returning id`);
  await database.db.run(sql`insert into api_tokens (token_hash, prefix, name, owner_id, role, expires_at) values (${hashToken(TOKEN)}, 'plt_of', 'test', ${user!.id}, 'reader', now() + interval '1 day')`);
  app = await buildApp(testServices({ db: database.db }), handlers, { checkAnswers: true });
});
afterAll(async () => {
  await app.close();
  await database.close();
});

async function get(path: string, query: Record<string, string | number> = {}) {
  return app.inject({ url: `/api/v1/${path}`, query: Object.fromEntries(Object.entries(query).map(([key, value]) => [key, String(value)])), headers: { authorization: `Bearer ${TOKEN}` } });
}

interface Row {
  id: string;
  name: string;
  vulnerabilities: unknown;
}
/** What a person would call the rows. */
async function names(entity: EntityName, query: string, sort?: string): Promise<string[]> {
  const answer = await get(`search/${entity}`, { query, ...(sort && { sort }) });
  expect(answer.statusCode, answer.body).toBe(200);
  const { rows, total } = answer.json() as { rows: Row[]; total: number };
  expect(total).toBe(rows.length);
  for (const row of rows) ROWS[entity].parse(row);
  return rows.map((row) => row.name ?? row.id);
}
const sorted = async (entity: EntityName, query: string): Promise<string[]> => (await names(entity, query)).sort();

const NGINX = 'nginx:1.27';
const API = 'registry.example:5000/shop/api:2';
const REDIS = 'redis:7';
const WORKER = 'worker:latest';
const MINE = 'mine:dev';

describe('queries return the right rows', () => {
  it.each<[EntityName, string, string[]]>([
    // The examples that the language was asked for with.
    ['images', 'vulnerabilities.severity:5 and repo.registry:"docker.io"', [API]],
    ['containers', 'vulnerabilities.severity:5 and repo.registry:"docker.io"', ['shop-api', 'shop-api-2']],
    ['hosts', 'isDockerHost:true and provider:(AWS or Azure or GCP)', ['web-1', 'web-2']],
    ['hosts', 'operatingSystem:mac and software.name:docker', ['laptop']],
    ['images', 'software:(name:log4j-core and version<2.17.1)', [API]],
    ['images', 'software.name:log4j-core', [REDIS, API]],
    ['images', 'software:(name:log4j-core and version>=2.17.1)', [REDIS]],
    ['images', 'vulnerabilities.id:CVE-2021-44228', [API]],
    ['images', 'vulnerabilities.id:ghsa-jfh8-c2jp-5v3q', []],
    ['images', 'vulnerabilities.id:GHSA-jfh8-c2jp-5v3q', [API]],
    ['containers', 'vulnerabilities.id:CVE-2021-44228', ['shop-api', 'shop-api-2']],
    ['vulnerabilities', 'id:CVE-2021-44228', ['CVE-2021-44228']],
    ['images', 'created>now-30d', [MINE, API, WORKER]],
    ['containers', 'created>now-30d', ['shop-api', 'shop-api-2', 'shop-web', 'worker']],
    ['containers', 'label:"app=shop"', ['shop-api', 'shop-web']],
    ['images', 'label:"app=shop"', [API]],
    ['images', 'lastScanned:[now-7d .. now]', [MINE, NGINX, REDIS, API]],
    ['hosts', 'lastScanned:[now-7d .. now]', ['laptop']],
    ['vulnerabilities', 'severity:[4, 5]', ['CVE-2021-44228', 'CVE-2023-5678']],
    ['images', 'vulnerabilities.severity:[4, 5]', [NGINX, API]],
    ['images', 'vulnerabilities.severity:"Severity 5"', [API]],
    ['images', 'vulnerabilities.severity>=4', [NGINX, API]],
    ['images', 'not vulnerabilities.severity:*', [MINE, REDIS, WORKER]],
    // Hosts
    ['hosts', '', ['laptop', 'web-1', 'web-2']],
    ['hosts', 'gone:true', ['retired']],
    ['hosts', 'gone:[true, false]', ['laptop', 'retired', 'web-1', 'web-2']],
    ['hosts', 'os:linux and cpus:[5 .. 8]', ['web-1']],
    ['hosts', 'cpus:(4 .. 10)', ['web-1']],
    ['hosts', 'memory>=16GiB', ['web-1']],
    ['hosts', 'address:10.0.0.0/8', ['web-1', 'web-2']],
    ['hosts', 'engineVersion<27', ['web-2']],
    ['hosts', 'sensor:live', ['web-1']],
    ['hosts', 'sensor:[away, none]', ['laptop', 'web-2']],
    ['hosts', 'tag:production', ['web-1']],
    ['hosts', 'not provider:*', ['laptop']],
    ['hosts', 'vulnerabilities.severity:2', ['web-1']],
    ['hosts', 'containers.vulnerabilities.severity:5', ['web-1', 'web-2']],
    ['hosts', 'containers:(privileged:true and state:running)', ['web-1']],
    ['hosts', 'images.repo.repository:library/redis', ['laptop']],
    ['hosts', 'running>1', ['web-1']],
    ['hosts', 'instance:i-0*', ['web-1']],
    ['hosts', 'debian', ['web-1']],
    // Images
    ['images', 'repo:(registry:"docker.io" and tag:two)', [API]],
    ['images', 'repo:(registry:"registry.example:5000" and tag:two)', []],
    ['images', 'scanState:[failed, not-scanned]', [WORKER]],
    ['images', 'urgent:0', [NGINX, REDIS]],
    ['images', 'findings:0', [REDIS]],
    ['images', 'vulnerabilities:(severity:3 and fixable:true)', []],
    ['images', 'vulnerabilities:(package:log4j-core and kev:true and epss>0.9)', [API]],
    ['images', 'inUse:true', [NGINX, API, WORKER]],
    ['images', 'containerCount:0', [MINE]],
    ['images', 'host:(name:laptop)', [MINE, REDIS]],
    ['images', 'host.provider:GCP', [API, WORKER]],
    ['images', 'containers.state:paused', [REDIS]],
    ['images', `layers.diffId:"sha256:${'7'.repeat(64)}"`, [NGINX, API]],
    ['images', 'size>100MB and architecture:amd64', [NGINX, API]],
    ['images', 'operatingSystem:alpine', [REDIS]],
    ['images', 'secrets>0', [API]],
    ['images', 'label:app', [MINE, API]],
    ['images', 'label:app=shop*', [MINE, API]],
    ['images', 'gone:true', ['gone:1']],
    ['images', 'name:`nginx:1.27`', [NGINX]],
    ['images', 'reason:timeout', [WORKER]],
    // Containers
    ['containers', 'state:running', ['shop-api', 'shop-web', 'worker']],
    ['containers', 'host:(provider:AWS and tag:shop) and privileged:true', ['shop-api']],
    ['containers', 'port:*80/tcp', ['shop-web']],
    ['containers', 'mount:(source:/var/run/docker.sock and mode:rw)', ['shop-api']],
    ['containers', 'mount:(source:/var/run/docker.sock and mode:ro)', []],
    ['containers', 'capability:"+SYS_ADMIN"', ['shop-api']],
    ['containers', 'restarts>5 and exitCode:137', ['shop-api-2']],
    ['containers', 'namespace:shop or namespace:jobs', ['shop-api-2', 'worker']],
    ['containers', 'scanState:failed', ['worker']],
    ['containers', 'urgent>0', ['shop-api', 'shop-api-2']],
    ['containers', 'gone:true', ['old']],
    ['containers', 'image:nginx', ['shop-web']],
    ['containers', 'software.name:openssl', ['shop-web']],
    // Registries
    ['registries', '', ['docker.io', 'registry.example:5000']],
    ['registries', 'vulnerabilities.id:CVE-2023-5678', ['docker.io']],
    ['registries', 'host.name:web-2', ['docker.io', 'registry.example:5000']],
    ['registries', 'gone:true', ['quay.example']],
    ['registries', 'imageCount>2', ['docker.io']],
    // Packages: what is on nothing is not here.
    ['packages', 'name:log4j-core', ['org.apache.logging.log4j:log4j-core', 'org.apache.logging.log4j:log4j-core']],
    ['packages', 'vulnerabilities.severity:5', ['org.apache.logging.log4j:log4j-core']],
    ['packages', 'host.name:laptop', ['docker', 'log4j-extras']],
    ['packages', 'source:openssl and imageCount:1', ['libssl3', 'openssl']],
    ['packages', 'gone:true', ['unused']],
    // Vulnerabilities: only what something that exists has.
    ['vulnerabilities', '', ['CVE-2020-8203', 'CVE-2021-44228', 'CVE-2023-5678', 'CVE-2024-1111']],
    ['vulnerabilities', 'kev:true and ransomware:true', ['CVE-2021-44228']],
    ['vulnerabilities', 'fixable:true', ['CVE-2021-44228', 'CVE-2023-5678']],
    ['vulnerabilities', 'host.name:web-1', ['CVE-2024-1111']],
    ['vulnerabilities', 'container:(state:running and privileged:true)', ['CVE-2020-8203', 'CVE-2021-44228']],
    ['vulnerabilities', 'package:(name:openssl and type:deb)', ['CVE-2023-5678', 'CVE-2024-1111']],
    ['vulnerabilities', 'alias:GHSA-jfh8-c2jp-5v3q', ['CVE-2021-44228']],
    ['vulnerabilities', 'running>0', ['CVE-2020-8203', 'CVE-2021-44228', 'CVE-2023-5678']],
    ['vulnerabilities', 'gone:true', ['CVE-2019-0001']],
    // Events
    ['events', 'time>now-1d', ['1', '2']],
    ['events', 'kind:container-*', ['1', '2']],
    ['events', 'severity>=4', ['2']],
    ['events', 'host.name:web-1 or container.name:worker', ['1', '2']],
    ['events', 'image.name:redis', ['3']],
    ['events', 'message:"out of memory"', ['2']],
  ])('%s: %s', async (entity, query, expected) => {
    expect(await sorted(entity, query)).toEqual([...expected].sort());
  });

  it('in the order asked for, what has no value last', async () => {
    expect(await names('hosts', '', '-cpus')).toEqual(['laptop', 'web-1', 'web-2']);
    expect(await names('images', '', '-urgent')).toEqual([API, REDIS, NGINX, MINE, WORKER]);
    expect((await get('search/images', { sort: 'nonsense' })).json()).toMatchObject({ status: 400, code: 'query-field' });
  });

  it('page by page, each row once', async () => {
    const seen: string[] = [];
    for (let offset = 0; offset < 6; offset += 2) {
      const { rows, total } = (await get('search/containers', { offset, limit: 2 })).json();
      expect(total).toBe(5);
      seen.push(...rows.map((row: Row) => row.name));
    }
    expect(seen.sort()).toEqual(['cache', 'shop-api', 'shop-api-2', 'shop-web', 'worker']);
    expect((await get('search/containers', { offset: 100 })).json()).toMatchObject({ rows: [], total: 5 });
  });

  it('or say where they are wrong', async () => {
    const cases: [string, object][] = [
      ['vulnerabilities.severity:9', { code: 'query-value', position: { from: 25, to: 26 } }],
      ['created>', { code: 'query-syntax', position: { from: 8 } }],
      ['nonsense:5', { code: 'query-field', position: { from: 0, to: 8 } }],
    ];
    for (const [query, expected] of cases) {
      for (const path of ['search/images', 'search/images/facets', 'search/images/aggregate', 'search/images/export']) {
        expect((await get(path, { query })).json(), path).toMatchObject({ status: 400, ...expected });
      }
    }
  });
});

describe('rows', () => {
  it('never show as zero what nobody looked at', async () => {
    const rows = (entity: EntityName) => get(`search/${entity}`).then((answer) => answer.json().rows as Row[]);
    const of = (all: Row[], name: string) => all.find((row) => row.name === name)?.vulnerabilities;
    const images = await rows('images');
    expect(of(images, WORKER)).toBeNull();
    // Scanned, but not matched yet.
    expect(of(images, MINE)).toBeNull();
    expect(of(images, REDIS)).toEqual({ 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, fixable: 0, kev: 0 });
    expect(of(await rows('containers'), 'worker')).toBeNull();
    expect(of(await rows('hosts'), 'web-2')).toBeNull();
    // Read, but no feed has advisories for anything in it.
    await database.db.run(sql`update sboms set judged = 0 where id = 3`);
    expect(of(await rows('images'), REDIS)).toBeNull();
    expect(await names('images', 'findings:0')).toEqual([]);
    await database.db.run(sql`update sboms set judged = 2 where id = 3`);
    for (const query of ['findings:0', 'urgent:0', 'urgent<1']) expect(await names('images', query)).not.toContain(WORKER);
  });

  it('count what belongs to them', async () => {
    const [image] = (await get('search/images', { query: 'name:shop' })).json().rows;
    expect(image).toMatchObject({
      containers: 2, running: 1, hosts: 2, containerHosts: 2, packages: 2, tags: ['critical-path'], scanState: 'scanned',
      vulnerabilities: { 3: 1, 5: 1, fixable: 1, kev: 1 }, references: [{ registry: 'docker.io', tag: 'two' }, { registry: 'registry.example:5000' }],
    });
    expect((await get('search/registries')).json().rows[0]).toMatchObject({ name: 'docker.io', repositories: 4, images: 4, scanned: 3, running: 3, vulnerabilities: { 4: 2, 5: 1 } });
    expect((await get('search/vulnerabilities', { query: 'id:CVE-2021-44228' })).json().rows[0]).toMatchObject({ images: 1, containers: 1, hosts: 0, packages: ['org.apache.logging.log4j:log4j-core'], fixable: true, kev: '2021-12-10' });
    expect((await get('search/packages', { query: 'name:`openssl`' })).json().rows[0]).toMatchObject({ images: 1, hosts: 1, vulnerabilities: { 4: 1, 2: 1, fixable: 1 } });
    expect((await get('search/hosts', { query: 'name:web-1' })).json().rows[0]).toMatchObject({ sensor: 'live', containers: 2, running: 2, images: 2, vulnerabilities: { 2: 1 } });
  });
});

describe('facets', () => {
  const QUERIES: Record<EntityName, string[]> = {
    hosts: ['', 'provider:AWS', 'gone:[true, false]'], images: ['', 'vulnerabilities.severity:5', 'software.name:log4j-core', 'nothing-like-it'],
    containers: ['', 'state:running', 'vulnerabilities:(fixable:true)'], registries: [''], packages: ['', 'type:deb'], vulnerabilities: ['', 'severity>=4'], events: ['', 'kind:container-*'],
  };

  it.each(ENTITIES)('of %s: each count is the number of rows that its term leaves', async (entity) => {
    for (const query of QUERIES[entity]) {
      const { facets } = (await get(`search/${entity}/facets`, { query, limit: 50 })).json();
      expect(facets.length).toBeGreaterThan(0);
      for (const { name, values } of facets) {
        for (const value of values) {
          const narrowed = query === '' ? value.query : `(${query}) and ${value.query}`;
          const answer = await get(`search/${entity}`, { query: narrowed });
          expect(answer.json().total, `${entity} ${name}: ${narrowed} ${answer.body.slice(0, 200)}`).toBe(value.count);
        }
      }
    }
  });

  it('say which values the query has, and that there are more', async () => {
    const { facets } = (await get('search/containers/facets', { query: 'state:running and privileged:true', facets: 'state,host' })).json();
    expect(facets.map((facet: { name: string }) => facet.name)).toEqual(['state', 'host']);
    expect(facets[0].values).toEqual([{ value: 'running', label: 'Running', count: 1, query: 'state:running', selected: true }]);
    expect((await get('search/containers/facets', { facets: 'host', limit: 1 })).json().facets[0]).toMatchObject({ more: true, values: [{ count: 2 }] });
    expect((await get('search/containers/facets', { facets: 'nonsense' })).statusCode).toBe(400);
  });
});

describe('completion', () => {
  const suggest = async (entity: EntityName, query: string) =>
    ((await get(`search/${entity}/complete`, { query })).json().suggestions as { label: string; count: number | null }[]).map(({ label, count }) => [label, count]);

  it('knows real values and how many rows have them', async () => {
    expect(await suggest('hosts', 'provider:A')).toEqual([['AWS', 1]]);
    expect(await suggest('images', 'software.name:org')).toEqual([['org.apache.logging.log4j:log4j-core', 2]]);
    expect(await suggest('containers', 'software.name:open')).toEqual([['openssl', 1]]);
    expect(await suggest('images', 'vulnerabilities.id:CVE-2021')).toEqual([['CVE-2021-44228', 1]]);
    expect(await suggest('images', 'repo.registry:d')).toEqual([['docker.io', 4]]);
    expect(await suggest('containers', 'label:app=')).toEqual([['app=shop', 2], ['app=shop-staging', 1]]);
    expect(await suggest('containers', 'state:run')).toEqual([['running', 3]]);
    expect((await suggest('images', 'vulnerabilities.severity:')).slice(0, 3)).toEqual([['5', 1], ['4', 1], ['3', 1]]);
  });

  it('has values for every field that is a word', async () => {
    for (const entity of ENTITIES) {
      const { fields } = (await get(`search/${entity}/fields`)).json() as { fields: { name: string; type: string }[] };
      for (const { name } of fields) {
        const answer = await get(`search/${entity}/complete`, { query: `${name}:a` });
        expect(answer.statusCode, `${entity} ${name} ${answer.body}`).toBe(200);
      }
    }
  });
});

describe('figures for widgets', () => {
  const figures = async (entity: EntityName, query: Record<string, string | number>) => (await get(`search/${entity}/aggregate`, query)).json();

  it('count rows, in all and by a field, the rest apart', async () => {
    expect(await figures('containers', {})).toEqual({ total: 5, groups: [], other: 0, points: [] });
    expect(await figures('containers', { by: 'state' })).toMatchObject({ total: 5, groups: [{ value: 'running', count: 3, query: 'state:running' }, { value: 'exited', count: 1 }, { value: 'paused', count: 1 }], other: 0 });
    expect(await figures('containers', { by: 'state', limit: 1 })).toMatchObject({ total: 5, groups: [{ value: 'running' }], other: 2 });
    expect(await figures('hosts', { by: 'provider' })).toMatchObject({ groups: [{ value: 'AWS' }, { value: 'GCP' }, { value: null, label: 'None', query: 'not provider:*' }] });
    expect(await figures('images', { by: 'vulnerabilities.severity' })).toMatchObject({ groups: [{ value: '3', count: 1 }, { value: '4', count: 1 }, { value: '5', label: 'Severity 5', count: 1 }] });
    expect(await figures('vulnerabilities', { by: 'image.repo.registry' })).toMatchObject({ total: 4, groups: [{ value: 'docker.io', count: 3 }, { value: 'registry.example:5000', count: 2 }] });
    expect((await get('search/images/aggregate', { by: 'size' })).json()).toMatchObject({ status: 400, code: 'query-field' });
  });

  it('can group by every field that says so', async () => {
    for (const entity of ENTITIES) {
      const { fields } = (await get(`search/${entity}/fields`)).json() as { fields: { name: string; groupable: boolean }[] };
      for (const { name } of fields.filter((field) => field.groupable)) {
        for (const more of [{}, { over: 3 }]) {
          const answer = await get(`search/${entity}/aggregate`, { by: name, ...more });
          expect(answer.statusCode, `${entity} by ${name} ${answer.body}`).toBe(200);
          for (const { query, count } of answer.json().groups.slice(0, 3)) if (!('over' in more)) expect((await get(`search/${entity}`, { query })).json().total, `${entity} ${query}`).toBe(count);
        }
      }
    }
  });

  it('say what there was on each day', async () => {
    const { total, points } = await figures('hosts', { over: 25 });
    expect(total).toBe(3);
    expect(points).toHaveLength(25);
    expect(points.map((point: { count: number }) => point.count)).toEqual([...Array(4).fill(0), ...Array(18).fill(4), ...Array(3).fill(3)]);
    const byState = await figures('containers', { over: 5, by: 'state' });
    expect(byState.points.map((point: { groups: object }) => point.groups)).toEqual([...Array(1).fill({ running: 3, exited: 2, paused: 1 }), ...Array(4).fill({ running: 3, exited: 1, paused: 1 })]);
    const happened = await figures('events', { over: 3 });
    expect(happened.points.reduce((sum: number, point: { count: number }) => sum + point.count, 0)).toBe(4);
  });
});

describe('export', () => {
  it('has every row as CSV, with nothing that a spreadsheet would run', async () => {
    const answer = await get('search/containers/export', { sort: 'name', query: 'name:shop' });
    expect(answer.headers['content-type']).toContain('text/csv');
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="plimsoll-containers-\d{4}-\d{2}-\d{2}\.csv"$/);
    const [header, ...lines] = answer.body.trimEnd().split('\r\n');
    expect(header).toMatch(/^id,name,state,.*vulnerabilities\.5,/);
    expect(lines).toHaveLength(3);
    await database.db.run(sql`update hosts set name = '=cmd|calc' where name = 'laptop'`);
    expect((await get('search/hosts/export')).body).toContain(",'=cmd|calc,");
    await database.db.run(sql`update hosts set name = 'laptop' where name like '=cmd%'`);
    expect((await get('search/hosts/export', { query: 'nothing-like-it' })).body).toMatch(/^id,name,os,[^\n]*\r\n$/);
  });

  it.each(ENTITIES)('has every row of %s as JSON, as the page shows it', async (entity) => {
    const exported = (await get(`search/${entity}/export`, { format: 'json' })).json();
    expect(exported).toEqual((await get(`search/${entity}`)).json().rows.map((row: object) => ('lastSeen' in row && entity === 'vulnerabilities' ? { ...row, lastSeen: expect.any(String) } : row)));
    expect((await get(`search/${entity}/export`, { format: 'json', query: entity === 'events' ? 'severity:3' : 'name:nothing' })).json()).toEqual([]);
  });
});

describe('global search', () => {
  it('finds anything by a few letters', async () => {
    const found = async (text: string) => ((await get('find', { text })).json().results as { entity: string; title: string; path: string }[]).map(({ entity, title, path }) => `${entity} ${title} ${path.split('?')[0]!.slice(0, 20)}`);
    expect(await found('web-1')).toEqual([`hosts web-1 /hosts/00000000-0000`]);
    expect(await found('44228')).toEqual(['vulnerabilities CVE-2021-44228 /vulnerabilities/CVE']);
    expect(await found('log4j-c')).toEqual(['packages org.apache.logging.log4j:log4j-core 2.14.1 /packages', 'packages org.apache.logging.log4j:log4j-core 2.17.1 /packages']);
    expect((await found('shop')).filter((line) => line.startsWith('containers'))).toHaveLength(3);
    expect(await found('%')).toEqual([]);
    expect(await found('retired')).toEqual([]);
  });
});
