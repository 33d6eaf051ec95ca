import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '@plimsoll/model';
import { QueryError } from '@plimsoll/query';
import type { FastifyInstance } from 'fastify';
import type { Handlers } from '../context.ts';
import { testDatabase, type TestDatabase } from '../storage/testing.ts';
import { testServices } from '../testing/services.ts';
import { buildApp } from './app.ts';
import { conflict } from './problems.ts';

let database: TestDatabase;
let app: FastifyInstance;
let health: Handlers['health'];

beforeAll(async () => {
  database = await testDatabase();
  app = await buildApp(
    testServices({ db: database.db }),
    {
      health: (call) => health(call),
      setup: async () => ({ user: { id: 'x' } }) as never,
      signIn: async ({ body }) => ({ user: { id: '4f1c9d2e-1111-4111-8111-111111111111', name: body.email, email: body.email, role: 'reader', scope: null }, csrf: 'c' }),
    },
    { checkAnswers: true },
  );
});

afterAll(async () => {
  await app.close();
  await database.close();
});

const signIn = (payload: object | string, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/api/v1/session', payload, headers: { 'content-type': 'application/json', ...headers } });

describe('refusals', () => {
  it('are problem details, whatever failed', async () => {
    const cases: [() => never, number, string][] = [
      [() => { throw conflict('Twice.'); }, 409, 'conflict'],
      [() => { throw new InputError('odd-image', 'No image.'); }, 400, 'odd-image'],
      [() => { throw new TypeError('secret of the inside'); }, 500, 'internal'],
    ];
    for (const [fail, status, code] of cases) {
      health = async () => fail();
      const answer = await app.inject('/healthz');
      expect(answer.statusCode).toBe(status);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.json()).toMatchObject({ type: `urn:plimsoll:problem:${code}`, status, code });
      expect(answer.body).not.toContain('secret of the inside');
    }
  });

  it('point into the query that is wrong', async () => {
    health = async () => {
      throw new QueryError('query-syntax', 'There is no field foo.', { from: 3, to: 6 }, ['image', 'host']);
    };
    const answer = await app.inject('/healthz');
    expect(answer.json()).toMatchObject({ status: 400, code: 'query-syntax', position: { from: 3, to: 6, expected: ['image', 'host'] } });
  });

  it('tell a database that is away or slow from a fault', async () => {
    const fails = async (error: Error) => {
      health = async () => {
        throw error;
      };
      return (await app.inject('/healthz')).json();
    };
    expect(await fails(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }))).toMatchObject({ status: 503, code: 'database-unavailable' });
    expect(await fails(Object.assign(new Error('terminating connection'), { code: '57P01' }))).toMatchObject({ status: 503 });
    expect(await fails(Object.assign(new Error('canceling statement'), { code: '57014' }))).toMatchObject({ status: 503, code: 'too-slow' });
    expect(await fails(Object.assign(new Error('could not extend file'), { code: '53100' }))).toMatchObject({ status: 503, code: 'disk-full' });
    // As pg-pool says it.
    expect(await fails(new Error('timeout exceeded when trying to connect'))).toMatchObject({ status: 503, code: 'busy' });
    expect(await fails(Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'open' }))).toMatchObject({ status: 500 });
  });

  it('name the fields that are wrong', async () => {
    const answer = await signIn({ email: 'nobody', password: 5 });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().fields.map((field: { path: string }) => field.path)).toEqual(['body.email', 'body.password']);
  });

  it('meet bodies that are no JSON, too large or of another type', async () => {
    expect((await signIn('{')).json()).toMatchObject({ status: 400, code: 'invalid-json' });
    expect((await signIn(`{"email":${'['.repeat(500_000)}${']'.repeat(500_000)}}`)).json()).toMatchObject({ status: 400, code: 'too-deep' });
    expect((await signIn('x=1', { 'content-type': 'text/plain' })).json()).toMatchObject({ status: 415 });
    expect((await signIn(JSON.stringify({ email: 'x'.repeat(1_100_000) }))).json()).toMatchObject({ status: 413, code: 'body-too-large' });
  });

  it('say where nothing is', async () => {
    expect((await app.inject('/api/v1/nowhere')).json()).toMatchObject({ status: 404, code: 'no-such-route' });
    expect((await app.inject('/api/v1/%zz')).statusCode).toBe(400);
  });
});

describe('requests', () => {
  it('reach their handler parsed', async () => {
    const answer = await signIn({ email: 'Ann@Example.org', password: 'p' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json().user.email).toBe('ann@example.org');
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('lose what reaches for a prototype, and keep the rest', async () => {
    for (const more of ['"__proto__":{"role":"admin"}', '"constructor":{"prototype":{"role":"admin"}}', '"\\u005f_proto__":{"role":"admin"}']) {
      const answer = await signIn(`{"email":"a@b.example","password":"p",${more}}`);
      expect(answer.statusCode).toBe(200);
      expect(answer.json().user.role).toBe('reader');
    }
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  it('are answered as the schema says, or the test that asked fails', async () => {
    const answer = await app.inject({ method: 'POST', url: '/api/v1/setup', payload: { code: 'c', name: 'n', email: 'a@b.example', password: 'long enough for this' } });
    expect(answer.statusCode).toBe(500);
  });
});
