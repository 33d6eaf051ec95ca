import type { FastifyInstance } from 'fastify';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashToken } from '../access/tokens.ts';
import { CONTAINERS, fillInventory, HOSTS, IMAGES } from '../entities/inventory.fixtures.ts';
import { buildApp } from '../http/app.ts';
import { handlers } from '../routes/tags.ts';
import { testDatabase, type TestDatabase } from '../storage/testing.ts';
import { testServices, type TestServices } from '../testing/services.ts';
import { jobs } from './jobs.ts';

let database: TestDatabase;
let services: TestServices;
let app: FastifyInstance;

beforeAll(async () => {
  database = await testDatabase();
  await fillInventory(database.db, new Date());
  const { db } = database;
  const user = await db.one<{ id: string }>(sql`insert into users (name, email, role, scope) values ('Ann', 'ann@example.org', 'manager', null) returning id`);
  for (const [token, scope] of [['plt_manager', null], ['plt_staging', ['staging']]] as const) {
    await db.run(sql`insert into api_tokens (token_hash, prefix, name, owner_id, role, scope, expires_at) values (${hashToken(token)}, 'plt', 'test', ${user!.id}, 'manager', ${scope}, now() + interval '1 day')`);
  }
  services = testServices({ db });
  app = await buildApp(services, handlers, { checkAnswers: true });
});
afterAll(async () => {
  await app.close();
  await database.close();
});
beforeEach(async () => {
  // As the inventory has them: production and shop on web-1, staging on web-2, critical-path on an image, batch on a container.
  const { db } = database;
  await db.run(sql`delete from tags`);
  await db.run(sql`insert into tags (name) values ('production'), ('shop'), ('staging'), ('critical-path'), ('batch')`);
  await db.run(sql`insert into taggings (tag_id, entity, asset, derived) select id, 'hosts', case name when 'staging' then ${HOSTS['web-2']} else ${HOSTS['web-1']} end, true from tags where name in ('production', 'shop', 'staging')`);
  await db.run(sql`insert into taggings (tag_id, entity, asset) select id, 'images', ${IMAGES.api} from tags where name = 'critical-path'`);
  await db.run(sql`insert into taggings (tag_id, entity, asset) select id, 'containers', ${CONTAINERS.worker} from tags where name = 'batch'`);
  await db.run(sql`update hosts set tags = case name when 'web-1' then array['production', 'shop'] when 'web-2' then array['staging'] else '{}' end`);
  await db.run(sql`update images set tags = case id when 2 then array['critical-path'] else '{}'::text[] end`);
  await db.run(sql`update containers set tags = case name when 'worker' then array['batch'] else '{}'::text[] end`);
});

const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object, token = 'plt_manager') =>
  app.inject({ method, url: `/api/v1/tags${path}`, headers: { authorization: `Bearer ${token}` }, ...(payload && { payload }) });
const make = async (body: object) => {
  const answer = await call('POST', '', body);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as { id: string; assets: number };
};
const tagsOf = async (table: 'hosts' | 'images' | 'containers') =>
  Object.fromEntries((await database.db.query<{ name: string; tags: string[] }>(sql([`select name, tags from ${table} where tags <> '{}' order by name`]))).map(({ name, tags }) => [name, tags]));
/** `tags` of every asset are its taggings, gathered. */
async function expectGathered(): Promise<void> {
  for (const [table, id] of [['hosts', 'id::text'], ['images', 'image_id'], ['containers', 'container_id']] as const) {
    const wrong = await database.db.query(sql([`select a.name, a.tags from ${table} a where a.tags is distinct from array(
      select t.name from taggings g join tags t on t.id = g.tag_id where g.entity = '${table}' and g.asset = a.${id} order by t.name)`]));
    expect(wrong).toEqual([]);
  }
}

describe('static tags', () => {
  it('go on assets and off them', async () => {
    const { id } = await make({ name: 'mine', colour: 'blue' });
    expect((await call('POST', `/${id}/assets`, { entity: 'hosts', ids: [HOSTS['web-1'], HOSTS.laptop, 'no-such-host'] })).json()).toEqual({ ok: true });
    await call('POST', `/${id}/assets`, { entity: 'images', ids: [IMAGES.redis] });
    expect(await tagsOf('hosts')).toEqual({ laptop: ['mine'], 'web-1': ['mine', 'production', 'shop'], 'web-2': ['staging'] });
    expect(services.published).toContainEqual({ topic: 'hosts', ids: expect.arrayContaining([HOSTS['web-1'], HOSTS.laptop]) });
    const { items } = (await call('GET', '')).json();
    expect(items.find((tag: { id: string }) => tag.id === id)).toMatchObject({ name: 'mine', colour: 'blue', entity: null, query: null, assets: 3 });
    await call('DELETE', `/${id}/assets`, { entity: 'hosts', ids: [HOSTS['web-1']] });
    expect((await tagsOf('hosts'))['web-1']).toEqual(['production', 'shop']);
    await expectGathered();
    await call('DELETE', `/${id}`);
    expect(await tagsOf('images')).toEqual({ 'registry.example:5000/shop/api:2': ['critical-path'] });
    await expectGathered();
  });

  it('have a name of their own and no query', async () => {
    expect((await call('POST', '', { name: 'Production' })).json()).toMatchObject({ status: 409, code: 'tag-exists' });
    expect((await call('POST', '', { name: 'x', entity: 'hosts' })).json()).toMatchObject({ status: 400, code: 'tag-incomplete' });
    const { id } = await make({ name: 'mine' });
    expect((await call('PATCH', `/${id}`, { query: 'name:x' })).json()).toMatchObject({ status: 400, code: 'tag-static' });
    expect((await call('PATCH', '/00000000-0000-4000-8000-000000000099', { name: 'x' })).statusCode).toBe(404);
  });

  it('take their scopes along to a new name', async () => {
    const staging = await database.db.one<{ id: string }>(sql`select id from tags where name = 'staging'`);
    const answer = await call('PATCH', `/${staging!.id}`, { name: 'pre-production' });
    expect(answer.json()).toMatchObject({ name: 'pre-production', assets: 1 });
    expect((await tagsOf('hosts'))['web-2']).toEqual(['pre-production']);
    expect((await database.db.one(sql`select scope from api_tokens where scope is not null`))).toEqual({ scope: ['pre-production'] });
    await expectGathered();
    await call('PATCH', `/${staging!.id}`, { name: 'staging' });
  });
});

describe('dynamic tags', () => {
  it('stand on what their query matches, from the start and after a change', async () => {
    const made = await make({ name: 'at-risk', entity: 'containers', query: 'vulnerabilities.severity:5' });
    expect(made.assets).toBe(2);
    expect(await tagsOf('containers')).toEqual({ 'shop-api': ['at-risk'], 'shop-api-2': ['at-risk'], worker: ['batch'] });
    expect((await call('PATCH', `/${made.id}`, { query: 'state:running and not vulnerabilities.severity:5' })).json()).toMatchObject({ assets: 2 });
    expect(await tagsOf('containers')).toEqual({ 'shop-web': ['at-risk'], worker: ['at-risk', 'batch'] });
    await expectGathered();
    expect((await call('POST', `/${made.id}/assets`, { entity: 'containers', ids: [CONTAINERS.cache] })).json()).toMatchObject({ code: 'tag-dynamic' });
  });

  it('follow it every minute, and can build on other tags', async () => {
    await make({ name: 'a-linux', entity: 'hosts', query: 'os:linux' });
    await make({ name: 'b-both', entity: 'hosts', query: 'tag:a-linux and tag:shop' });
    await make({ name: 'on-shop', entity: 'containers', query: 'host.tag:b-both' });
    expect(await tagsOf('hosts')).toEqual({ 'web-1': ['a-linux', 'b-both', 'production', 'shop'], 'web-2': ['a-linux', 'staging'] });
    await database.db.run(sql`update hosts set os = 'windows', os_name = 'Windows Server 2022' where name = 'web-1'`);
    await jobs[0]!.run([{}], services);
    expect(await tagsOf('hosts')).toEqual({ 'web-1': ['production', 'shop'], 'web-2': ['a-linux', 'staging'] });
    expect(await tagsOf('containers')).toEqual({ worker: ['batch'] });
    await expectGathered();
    await database.db.run(sql`update hosts set os = 'linux', os_name = 'Debian GNU/Linux 12 (bookworm)' where name = 'web-1'`);
  });

  it('are refused with the place where the query is wrong', async () => {
    expect((await call('POST', '', { name: 'wrong', entity: 'hosts', query: 'provider:AWS and nonsense:1' })).json()).toMatchObject({ status: 400, code: 'query-field', position: { from: 17, to: 25 } });
    expect(await database.db.query(sql`select from tags where name = 'wrong'`)).toEqual([]);
    const { id } = await make({ name: 'right', entity: 'hosts', query: 'provider:AWS' });
    expect((await call('PATCH', `/${id}`, { query: 'provider:' })).json()).toMatchObject({ status: 400, code: 'query-syntax' });
    expect((await tagsOf('hosts'))['web-1']).toEqual(['production', 'right', 'shop']);
  });

  it('stay as they are when a release no longer understands their query', async () => {
    const { id } = await make({ name: 'old', entity: 'hosts', query: 'provider:AWS' });
    await database.db.run(sql`update tags set query = 'dropped:field' where id = ${id}`);
    await jobs[0]!.run([{}], services);
    expect((await tagsOf('hosts'))['web-1']).toContain('old');
  });
});

describe('a caller with a scope', () => {
  it('sees the tags of what it sees, and counts of that', async () => {
    const { items } = (await call('GET', '', undefined, 'plt_staging')).json();
    expect(items.map((tag: { name: string; assets: number }) => [tag.name, tag.assets])).toEqual([['batch', 1], ['critical-path', 1], ['staging', 1]]);
  });
});
