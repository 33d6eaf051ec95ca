import { type Given, ROUTES } from '@plimsoll/model/api';
import type { FastifyInstance, InjectOptions } from 'fastify';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { API_TOKEN_PREFIX, hashToken, randomToken } from '../access/tokens.ts';
import type { Database } from '../context.ts';
import { buildApp } from '../http/app.ts';
import { serverAddress } from '../ingest/commands.ts';
import { createEnrolmentToken } from '../ingest/credentials.ts';
import { emptied, enrolledSensor, EPOCH, imageFacts, imageId, numbered, packageOf, packed, sbomOf } from '../ingest/ingest.fixtures.ts';
import { testDatabase } from '../storage/testing.ts';
import { testServices } from '../testing/services.ts';
import { handlers as protocol } from './sensor-protocol.ts';
import { handlers as management } from './sensors.ts';

let db: Database;
let close: () => Promise<void>;
let app: FastifyInstance;
let manager: string;

beforeAll(async () => {
  ({ db, close } = await testDatabase());
  app = await buildApp(testServices({ db, config: { version: '9.9.9' } }), { ...protocol, ...management }, { checkAnswers: true });
});
afterAll(async () => {
  await app.close();
  await close();
});
beforeEach(async () => {
  await emptied(db);
  await db.run(sql`truncate users cascade`);
  manager = await tokenFor(null);
});

async function tokenFor(scope: string[] | null): Promise<string> {
  const secret = randomToken(API_TOKEN_PREFIX);
  const user = await db.one<{ id: string }>(sql`
    insert into users (name, email, role) values ('Ada', ${`${secret.slice(4, 12)}@plimsoll.example`}, 'manager') returning id`);
  await db.run(sql`
    insert into api_tokens (token_hash, prefix, name, owner_id, role, scope, expires_at)
    values (${hashToken(secret)}, 'plt_', 'test', ${user!.id}, 'manager', ${scope}, now() + interval '1 hour')`);
  return secret;
}

function call(name: keyof typeof ROUTES, bearer: string | null, body?: unknown, { id = '', query = '' } = {}) {
  const { method, path } = ROUTES[name];
  const options: InjectOptions = { method, url: path.replace('{id}', id) + query, headers: bearer === null ? {} : { authorization: `Bearer ${bearer}` } };
  return app.inject(body === undefined ? options : { ...options, payload: body as object });
}
const heartbeat: Given<typeof ROUTES.sensorWork.body> = { version: '1', spooled: 0, dropped: 0, analysing: null, features: [] };

describe('a sensor', () => {
  it('enrols, reports, gets work and renews its credential', async () => {
    const { secret } = await createEnrolmentToken(db, { createdBy: 'ada' });
    const enrolled = await call('sensorEnrol', null, { token: secret, machineId: 'machine-1', name: 'web-1', version: '1' });
    expect(enrolled.statusCode).toBe(200);
    const { credential } = enrolled.json<{ credential: string }>();
    const messages = numbered([{ kind: 'images', images: [imageFacts(1)] }]);
    expect((await call('sensorReport', credential, { epoch: EPOCH, messages })).json()).toEqual({ acked: 1 });
    const work = (await call('sensorWork', credential, heartbeat)).json<{ analyse: { imageId: string }[]; snapshot: boolean }>();
    expect(work).toMatchObject({ analyse: [{ imageId: imageId(1) }], snapshot: true });
    const sbom = numbered([{ kind: 'sbom', imageId: imageId(1), sbom: packed(sbomOf([packageOf('bash')])) }], 2);
    expect((await call('sensorReport', credential, { epoch: EPOCH, messages: sbom })).json()).toEqual({ acked: 2 });
    const renewed = (await call('sensorRenew', credential)).json<{ credential: string }>();
    expect((await call('sensorWork', renewed.credential, heartbeat)).statusCode).toBe(200);
    expect((await call('sensorWork', credential, heartbeat)).statusCode).toBe(401);
  });

  it('is refused with a token that is none, and says why', async () => {
    const answer = await call('sensorEnrol', null, { token: 'ple_x', machineId: 'machine-1', name: 'web-1', version: '1' });
    expect(answer.json()).toMatchObject({ status: 403, code: 'enrolment-refused' });
  });

  it('is not hindered by a message of a kind that is not known yet', async () => {
    const { credential } = await enrolledSensor(db);
    const answer = await call('sensorReport', credential, { epoch: EPOCH, messages: [{ seq: 1, time: new Date().toISOString(), body: { kind: 'runtime', what: 1 } }] });
    expect(answer.json()).toEqual({ acked: 1 });
  });

  it('may do nothing but what sensors do, and people may not pass for one', async () => {
    const { credential } = await enrolledSensor(db);
    expect((await call('sensors', credential)).statusCode).toBe(403);
    expect((await call('sensorWork', manager, heartbeat)).statusCode).toBe(403);
  });
});

describe('managing sensors', () => {
  it('lists them with their state and the time they were away', async () => {
    const one = await enrolledSensor(db, 'web-1');
    const two = await enrolledSensor(db, 'web-2');
    await db.run(sql`update sensors set last_seen = now() - interval '2 hours' where id = ${two.sensorId}`);
    // Overlapping: 30 minutes in all, and one of a time that is no longer counted.
    for (const [from, to] of [[40, 20], [30, 10], [20_000, 19_000]] as const) {
      await db.run(sql`insert into sensor_gaps (sensor_id, from_at, to_at, reason) values (${two.sensorId}, now() - ${from} * interval '1 minute', now() - ${to} * interval '1 minute', 'x')`);
    }
    expect((await call('sensors', manager)).json()).toMatchObject({
      items: [{ id: one.sensorId, host: 'web-1', state: 'live', awayMinutes: 0 }, { id: two.sensorId, host: 'web-2', state: 'away', awayMinutes: 30 }],
    });
  });

  it('shows those of hosts in the caller’s scope only', async () => {
    const { sensorId, hostId } = await enrolledSensor(db, 'web-1');
    await enrolledSensor(db, 'web-2');
    await db.run(sql`update hosts set tags = '{team-a}' where id = ${hostId}`);
    expect((await call('sensors', await tokenFor(['team-a']))).json<{ items: { id: string }[] }>().items.map(({ id }) => id)).toEqual([sensorId]);
  });

  it('revokes one, whose credential ends', async () => {
    const { sensorId, credential } = await enrolledSensor(db);
    expect((await call('sensorRevoke', manager, undefined, { id: sensorId })).json()).toEqual({ ok: true });
    expect((await call('sensorWork', credential, heartbeat)).statusCode).toBe(401);
    expect((await call('sensors', manager)).json()).toMatchObject({ items: [{ state: 'revoked' }] });
    expect((await call('sensorRevoke', manager, undefined, { id: sensorId })).statusCode).toBe(404);
  });

  it('makes, lists and withdraws enrolment tokens', async () => {
    const made = (await call('enrolmentTokenCreate', manager, { note: 'fleet', maxUses: 3 })).json<{ token: { id: string }; secret: string; commands: { title: string; command: string }[] }>();
    expect(made.commands.map(({ command }) => command.split(' ')[0])).toEqual([expect.stringMatching(/^PLIMSOLL_TOKEN=/), 'docker', 'docker', 'kubectl']);
    for (const { command } of made.commands) expect(command).toContain(made.secret);
    const listed = (await call('enrolmentTokens', manager)).json<{ items: object[] }>();
    expect(listed).toMatchObject({ items: [{ id: made.token.id, note: 'fleet', uses: 0, maxUses: 3, used: null }] });
    expect(JSON.stringify(listed)).not.toContain(made.secret.slice(4));
    expect((await call('enrolmentTokenDelete', manager, undefined, { id: made.token.id })).json()).toEqual({ ok: true });
    expect((await call('sensorEnrol', null, { token: made.secret, machineId: 'machine-1', name: 'x', version: '1' })).statusCode).toBe(403);
  });

  it('writes no host into a command that could be more than a host', () => {
    const config = { host: '127.0.0.1', port: 8080 };
    expect(serverAddress(config, { protocol: 'https', host: 'plimsoll.example:8443' })).toBe('https://plimsoll.example:8443');
    expect(serverAddress(config, { protocol: 'http', host: `x'; rm -rf / #` })).toBe('http://127.0.0.1:8080');
    expect(serverAddress({ ...config, publicUrl: 'https://outside.example/plimsoll' }, { protocol: 'http', host: 'inside' })).toBe('https://outside.example/plimsoll');
  });
});
