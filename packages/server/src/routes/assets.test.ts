import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_TOKEN_PREFIX, hashToken, randomToken } from '../access/tokens.ts';
import type { Database } from '../context.ts';
import { search } from '../entities/index.ts';
import { buildApp } from '../http/app.ts';
import { matchSboms } from '../matching/index.ts';
import { deb, imageId, makeDatabase, npm, sbomOf, storeHost, storeImage, switchable } from '../matching/matching.fixtures.ts';
import { testDatabase, type TestDatabase } from '../storage/testing.ts';
import { testServices, type TestServices } from '../testing/services.ts';
import { handlers as assets } from './assets.ts';
import { closeStreams } from './live.ts';
import { handlers as overview } from './overview.ts';

const LODASH = { id: 'GHSA-aaaa-aaaa-aaaa', name: 'lodash', fixed: '4.17.21', cves: ['CVE-2021-23337'], severity: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' };
const OPENSSL = { id: 'DEBIAN-CVE-2026-9', name: 'openssl', fixed: '3.0.5', ecosystem: 'Debian:12', cves: ['CVE-2026-9'] };

let folder: string;
let made: TestDatabase;
let db: Database;
let services: TestServices & { advisories: ReturnType<typeof switchable> };
let app: FastifyInstance;
let hostId: string;
const tokens: Record<'all' | 'shop' | 'ci' | 'shopCi', string> = { all: '', shop: '', ci: '', shopCi: '' };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-assets-'));
  made = await testDatabase();
  db = made.db;
  const advisories = switchable();
  advisories.use(await makeDatabase(folder, 'advisories', [LODASH, OPENSSL], '2026-01-01T00:00:00Z'));
  services = Object.assign(testServices({ db, advisories }), { advisories });
  app = await buildApp(services, { ...assets, ...overview }, { checkAnswers: true });

  hostId = (await db.one<{ id: string }>(sql`insert into hosts (machine_id, name, is_docker_host, tags) values ('machine-0001', 'web-1', true, '{edge}') returning id`))!.id;
  const sboms = [
    await storeImage(db, 1, [npm('lodash', '4.17.20'), npm('fine', '1.0.0')], ['docker.io/library/shop:1']),
    await storeImage(db, 2, [npm('lodash', '4.17.19')]),
    await storeHost(db, hostId, [deb('libssl3', '3.0.4', 'openssl')]),
  ];
  await matchSboms(services, { sbomIds: sboms });
  await db.run(sql`update images set tags = '{shop}' where image_id = ${imageId(1)}`);
  await db.run(sql`insert into images (image_id, name, scan_state, scan_reason) values (${imageId(3)}, 'unread', 'failed', 'No space left on the sensor.')`);
  await db.run(sql`insert into image_hosts (image_id, host_id) select id, ${hostId}::uuid from images where image_id = ${imageId(2)}`);
  await db.run(sql`
    insert into containers (container_id, host_id, image_id, name, image_name, state, privileged)
    select ${'c'.repeat(64)}, ${hostId}::uuid, id, 'shop', 'shop:1', 'running', true from images where image_id = ${imageId(2)}`);
  const owner = (await db.one<{ id: string }>(sql`insert into users (name, email, role) values ('Ann', 'ann@example.org', 'admin') returning id`))!.id;
  const make = async (role: string, scope: string[] | null) => {
    const token = randomToken(API_TOKEN_PREFIX);
    await db.run(sql`
      insert into api_tokens (token_hash, prefix, name, owner_id, role, scope, expires_at)
      values (${hashToken(token)}, 'p', 't', ${owner}, ${role}, ${scope}::text[], now() + interval '1 day')`);
    return token;
  };
  tokens.all = await make('manager', null);
  tokens.shop = await make('reader', ['shop']);
  tokens.ci = await make('ci', null);
  tokens.shopCi = await make('ci', ['shop']);
});

afterAll(async () => {
  await app.close();
  await services.advisories.close();
  await made.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = (path: string, as: keyof typeof tokens = 'all') => app.inject({ url: `/api/v1${path}`, headers: { authorization: `Bearer ${tokens[as]}` } });
const send = (method: 'POST' | 'DELETE', path: string, payload?: object, as: keyof typeof tokens = 'all') =>
  app.inject({ method, url: `/api/v1${path}`, headers: { authorization: `Bearer ${tokens[as]}`, ...(payload ? { 'content-type': 'application/json' } : {}) }, ...(payload ? { payload } : {}) });

describe('images', () => {
  it('show where they are, what runs from them, and what was judged', async () => {
    const answer = await get(`/images/${imageId(2)}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      image: { id: imageId(2), vulnerabilities: { 5: 1, fixable: 1 } },
      platform: 'linux/amd64',
      config: { user: 'app', env: ['TOKEN'] },
      hosts: [{ id: hostId, name: 'web-1', containers: 1, present: true }],
      containers: [{ id: 'c'.repeat(64), state: 'running' }],
      coverage: { state: 'scanned', packages: 1, judged: 1 },
    });
    expect(answer.body).not.toContain('hunter2');
  });

  it('show what is in them and wrong with them', async () => {
    const { sbom } = (await get(`/images/${imageId(1)}/sbom`)).json();
    expect(sbom.findings).toMatchObject([{ id: 'CVE-2021-23337', package: 'lodash', fixedVersion: '4.17.21', firstSeen: expect.stringMatching(/^\d{4}-/), advisories: [{ id: LODASH.id }] }]);
    expect(sbom.packages).toMatchObject([{ name: 'lodash', vulnerabilities: { 5: 1 } }, { name: 'fine', vulnerabilities: { 5: 0 } }]);
    expect(sbom.layers).toMatchObject([{ packages: 2, vulnerabilities: { 5: 1 } }]);
    expect(sbom.upgrades).toMatchObject([{ name: 'lodash', to: '4.17.21', removes: { 5: 1 } }]);
  });

  it('are not clean when they were not scanned', async () => {
    expect((await get(`/images/${imageId(3)}/sbom`)).json()).toEqual({ sbom: null });
    expect((await get(`/images/${imageId(3)}`)).json()).toMatchObject({ image: { vulnerabilities: null, reason: 'No space left on the sensor.' }, coverage: { state: 'failed', packages: null, judged: null } });
    expect((await get(`/images/${imageId(3)}/changes`)).json()).toEqual({ items: [], total: 0 });
    expect((await get(`/images/${imageId(3)}/sbom/spdx`)).statusCode).toBe(404);
  });

  it('have a history, and documents in each format', async () => {
    expect((await get(`/images/${imageId(1)}/changes`)).json()).toMatchObject({ total: 1, items: [{ cause: 'new-image', appearedCount: 1 }] });
    for (const [format, mark] of [['cyclonedx', 'bomFormat'], ['spdx', 'spdxVersion'], ['json', 'schemaVersion']]) {
      const answer = await get(`/images/${imageId(1)}/sbom/${format}`);
      expect(answer.json()).toHaveProperty(mark!);
      expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="sha256-0+\.\w+\.json"$/);
    }
  });

  it('are seen only by those who may', async () => {
    for (const path of ['', '/sbom', '/changes', '/sbom/json']) {
      expect((await get(`/images/${imageId(1)}${path}`, 'shop')).statusCode).toBe(200);
      expect((await get(`/images/${imageId(2)}${path}`, 'shop')).statusCode).toBe(404);
    }
    expect((await get('/images/nothing')).json()).toMatchObject({ code: 'not-found' });
  });

  it('can be analysed anew where a host has them', async () => {
    expect((await send('POST', `/images/${imageId(2)}/rescan`)).json()).toEqual({ ok: true });
    expect((await send('POST', `/images/${imageId(1)}/rescan`)).json()).toMatchObject({ code: 'image-nowhere' });
  });

  it('can be brought in by whoever has their SBOM, and are judged at once', async () => {
    const sbom = gzipSync(JSON.stringify(sbomOf([npm('lodash', '4.0.0')], { id: imageId(9) }))).toString('base64');
    const answer = await send('POST', '/images', { sbom, references: ['registry.example.org/app:2'] }, 'ci');
    expect(answer.json()).toEqual({ imageId: imageId(9), vulnerabilities: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 1, fixable: 1, kev: 0 } });
    expect((await send('POST', '/images', { sbom: 'AAAA' }, 'ci')).statusCode).toBe(400);
    await db.run(sql`delete from images where image_id = ${imageId(9)}`);
  });
});

describe('hosts, containers and vulnerabilities', () => {
  it('show a host, its own flaws and what its containers put at risk', async () => {
    expect((await get(`/hosts/${hostId}`)).json()).toMatchObject({
      host: { name: 'web-1', vulnerabilities: { 2: 1 } }, atRisk: { 5: 1, fixable: 1 }, containers: [{ name: 'shop' }], facts: { machineId: 'machine-0001' }, coverage: { judged: 1 },
    });
    expect((await get(`/hosts/${hostId}/sbom`)).json().sbom.findings).toMatchObject([{ id: 'CVE-2026-9', package: 'libssl3' }]);
    expect((await get(`/hosts/${hostId}/changes`)).json()).toMatchObject({ items: [{ cause: 'new-host' }] });
    expect((await get(`/hosts/${hostId}`, 'shop')).statusCode).toBe(404);
  });

  it('show a container with its image', async () => {
    expect((await get(`/containers/${'c'.repeat(64)}`)).json()).toMatchObject({ container: { name: 'shop', privileged: true }, image: { id: imageId(2) } });
    expect((await get(`/containers/${'c'.repeat(64)}`, 'shop')).statusCode).toBe(404);
  });

  it('show who has a vulnerability, by any of its names', async () => {
    for (const id of ['CVE-2021-23337', LODASH.id]) {
      expect((await get(`/vulnerabilities/${id}`)).json()).toMatchObject({
        vulnerability: { id: 'CVE-2021-23337', severity: 5, images: 2 },
        advisories: [{ id: LODASH.id, package: 'lodash', ranges: '< 4.17.21', fixed: '4.17.21' }],
        affected: [{ package: 'lodash', version: '4.17.19', images: 1, hosts: 0 }, { package: 'lodash', version: '4.17.20', images: 1, hosts: 0 }],
      });
    }
    expect((await get('/vulnerabilities/CVE-2021-23337', 'shop')).json().affected).toMatchObject([{ version: '4.17.20', images: 1 }]);
    expect((await get('/vulnerabilities/CVE-2026-9', 'shop')).statusCode).toBe(404);
  });
});

describe('overview and coverage', () => {
  it('count what there is', async () => {
    const answer = (await get('/overview')).json();
    expect(answer).toMatchObject({
      hosts: { total: 1, docker: 1, live: 0, away: 0, none: 1 },
      images: { total: 3, scanned: 2, notScanned: 0, failed: 1, vulnerable: 2, urgent: 2 },
      containers: { total: 1, byState: { running: 1 }, privileged: 1 },
      findings: { 5: 2, 2: 1, fixable: 3 },
      fixes: [{ name: 'lodash', type: 'npm', to: '4.17.21', images: 2, removes: { 5: 2, fixable: 2 } }],
    });
    expect(answer.trend.at(-1)).toMatchObject({ 5: 2, 2: 1 });
    expect((await get('/overview', 'shop')).json()).toMatchObject({ hosts: { total: 0 }, images: { total: 1 }, containers: { total: 0 }, findings: { 5: 1, 2: 0 }, fixes: [{ images: 1 }] });
  });

  it('give with each fix a query that finds the images it helps', async () => {
    const { fixes } = (await get('/overview')).json();
    expect((await search(db, 'images', fixes[0].query, null, { offset: 0, limit: 10 })).rows.map(({ id }) => id).sort()).toEqual([imageId(1), imageId(2)]);
  });

  it('say what was not looked at and why', async () => {
    expect((await get('/coverage')).json()).toMatchObject({
      hosts: { total: 1, none: 1 },
      images: { total: 3, scanned: 2, failed: 1, reasons: [{ reason: 'No space left on the sensor.', count: 1 }] },
      feeds: [{ name: 'osv/Debian', records: 1 }, { name: 'osv/npm', records: 1 }],
      database: { built: '2026-01-01T00:00:00.000Z', checkedAt: null }, awayMinutes: 0, eventsDropped: 0,
    });
  });
});

describe('live', () => {
  it('tells of changes, without ids to those who see only some, and ends when asked', async () => {
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    const open = async (as: keyof typeof tokens) => {
      const response = await fetch(`${address}/api/v1/live`, { headers: { authorization: `Bearer ${tokens[as]}` } });
      expect(response.headers.get('content-type')).toContain('text/event-stream');
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      return async () => {
        let text = '';
        for (;;) {
          const { value, done } = await reader.read();
          if (done) return 'end';
          text += value;
          const data = /data: (.*)\n/.exec(text)?.[1];
          if (data !== undefined) return JSON.parse(data) as unknown;
        }
      };
    };
    const all = await open('all');
    const some = await open('shop');
    services.live.publish({ topic: 'images', ids: [imageId(1)] });
    expect(await all()).toEqual({ topic: 'images', ids: [imageId(1)] });
    expect(await some()).toEqual({ topic: 'images' });
    closeStreams(services.live);
    expect(await all()).toBe('end');
  });
});

it('coverage stays an answer, whatever gaps are kept', async () => {
  const { id } = (await db.one<{ id: string }>(sql`insert into sensors (host_id, credential_hash) values (${hostId}, 'gaps') returning id`))!;
  await db.run(sql`insert into sensor_gaps (sensor_id, from_at, to_at, dropped, reason) values (${id}, '2000-01-01', '9999-12-31', 0, 'x')`);
  await db.run(sql`insert into sensor_gaps (sensor_id, from_at, to_at, dropped, reason) select ${id}, now(), now(), ${Number.MAX_SAFE_INTEGER}::bigint, 'x' from generate_series(1, 2000)`);
  expect((await get('/coverage')).json()).toMatchObject({ eventsDropped: Number.MAX_SAFE_INTEGER });
  await db.run(sql`delete from sensors where id = ${id}`);
});

describe('an SBOM that is brought in', () => {
  const packedSbom = (n: number, packages: ReturnType<typeof npm>[]) => gzipSync(JSON.stringify(sbomOf(packages, { id: imageId(n) }))).toString('base64');

  it('by somebody with a scope is judged alone where the image is one he may not see', async () => {
    const before = await db.one(sql`select name, sbom_id from images where image_id = ${imageId(2)}`);
    const answer = await send('POST', '/images', { sbom: packedSbom(2, [npm('fine', '1.0.0')]), references: ['registry.example.org/renamed:1'] }, 'shopCi');
    // The image itself has an urgent one.
    expect(answer.json()).toEqual({ imageId: imageId(2), vulnerabilities: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, fixable: 0, kev: 0 } });
    expect(await db.one(sql`select name, sbom_id from images where image_id = ${imageId(2)}`)).toEqual(before);
    expect(await db.query(sql`select from image_references where repository = 'renamed'`)).toEqual([]);
    const again = await send('POST', '/images', { sbom: packedSbom(2, [npm('lodash', '4.17.20')]) }, 'shopCi');
    expect(again.json().vulnerabilities).toMatchObject({ 5: 1, fixable: 1 });
  });

  it('and that the database cannot hold is refused', async () => {
    const long = npm('fine', '1.0.0');
    const characters = Array.from({ length: 1900 }, (_, index) => String.fromCodePoint(0x4e00 + ((index * 7919) % 20_000))).join('');
    const answer = await send('POST', '/images', { sbom: packedSbom(9, [{ ...long, purl: `pkg:npm/${characters}` }]) }, 'ci');
    expect(answer.statusCode).toBe(400);
  });
});

describe('forgetting a host', () => {
  it('takes its containers and sensors with it, and leaves images to those that have them', async () => {
    await db.run(sql`insert into sensors (host_id, credential_hash) values (${hostId}, 'x')`);
    expect((await send('DELETE', `/hosts/${hostId}`)).json()).toEqual({ ok: true });
    expect((await get(`/hosts/${hostId}`)).statusCode).toBe(404);
    expect(await db.query(sql`select from sensors`)).toEqual([]);
    expect(await db.query(sql`select image_id from images where gone_at is not null`)).toEqual([{ image_id: imageId(2) }]);
    expect(await db.query(sql`select from sboms`)).toHaveLength(2);
  });
});
