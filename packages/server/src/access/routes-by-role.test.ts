import { PERMISSIONS, ROLES, ROUTES, type Permission, type Role, type RouteName, type RouteSpec } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Handlers } from '../context.ts';
import { addUser, sessionOf, testApp, tokenOf, type TestApp } from '../http/testing.ts';
import { createEnrolmentToken, enrolSensor } from '../ingest/credentials.ts';

/** What each role may, written down a second time: a change of the table has to be meant twice. */
const EXPECTED: Record<string, readonly Permission[]> = {
  admin: ['public', 'read', 'own', 'manage', 'admin', 'submit'],
  manager: ['public', 'read', 'own', 'manage', 'submit'],
  reader: ['public', 'read', 'own'],
  ci: ['public', 'submit'],
  sensor: ['public', 'sensor'],
  nobody: ['public'],
};
const names = Object.keys(ROUTES) as RouteName[];

let test: TestApp;
/** Route names that got through to their handler. */
const reached: RouteName[] = [];
const callers = new Map<string, { headers: Record<string, string>; may: (route: RouteName) => boolean; refusal: number }>();

beforeAll(async () => {
  const handlers: Record<string, unknown> = {};
  for (const name of names) {
    handlers[name] = async ({ reply }: { reply: { code(status: number): { send(body: string): unknown } } }) => {
      reached.push(name);
      return reply.code(299).send('reached');
    };
  }
  test = await testApp(handlers as unknown as Handlers);
  // What matters here is who gets to a handler, not the shape of what they send.
  const { db } = test.services;

  const allowed = (role: string) => (route: RouteName) => EXPECTED[role]!.includes(ROUTES[route].needs);
  const add = (name: string, headers: Record<string, string>, role: string, refusal: number) => callers.set(name, { headers, may: allowed(role), refusal });
  const users = { admin: await addUser(db, 'admin'), manager: await addUser(db, 'manager'), reader: await addUser(db, 'reader') };
  for (const [role, id] of Object.entries(users)) {
    add(`${role} by session`, await sessionOf(db, id), role, 403);
    add(`${role} by token`, await tokenOf(db, id, role as 'admin'), role, 403);
  }
  add('ci by token', await tokenOf(db, users.manager, 'ci'), 'ci', 403);
  add('reader by a token of an admin', await tokenOf(db, users.admin, 'reader'), 'reader', 403);
  add('a token that is stronger than its owner is by now', await tokenOf(db, users.reader, 'admin'), 'reader', 403);
  add('a ci token whose owner may not submit any more', await tokenOf(db, users.reader, 'ci'), 'nobody', 401);

  const { secret } = await createEnrolmentToken(db, { createdBy: 'test' });
  const { credential } = await enrolSensor(db, { token: secret, machineId: 'machine-1', name: 'one', version: '1' });
  add('a sensor', { authorization: `Bearer ${credential}` }, 'sensor', 403);
  const other = await createEnrolmentToken(db, { createdBy: 'test' });
  const revoked = await enrolSensor(db, { token: other.secret, machineId: 'machine-2', name: 'two', version: '1' });
  await db.run(sql`update sensors set revoked_at = now() where id = ${revoked.sensorId}`);
  add('a revoked sensor', { authorization: `Bearer ${revoked.credential}` }, 'nobody', 401);

  const disabled = await addUser(db, 'admin', { disabled: true });
  add('nobody', {}, 'nobody', 401);
  add('a disabled user by session', await sessionOf(db, disabled), 'nobody', 401);
  add('a disabled user by token', await tokenOf(db, disabled, 'admin'), 'nobody', 401);
  add('an expired session', await sessionOf(db, users.admin, { hours: -1 }), 'nobody', 401);
  add('an expired token', await tokenOf(db, users.admin, 'admin', { days: -1 }), 'nobody', 401);
  add('a revoked token', await tokenOf(db, users.admin, 'admin', { revoked: true }), 'nobody', 401);
  add('an unknown token', { authorization: `Bearer plt_${'A'.repeat(43)}` }, 'nobody', 401);
  add('no token at all', { authorization: 'Basic YWRtaW46YWRtaW4=' }, 'nobody', 401);

  const scoped = (role: Role) => (route: RouteName) => {
    const { needs } = ROUTES[route];
    if (needs === 'admin' || route === 'metrics') return false;
    return needs === 'manage' ? ['imageRescan', 'hostDelete'].includes(route) : EXPECTED[role]!.includes(needs);
  };
  const scopedManager = await addUser(db, 'manager', { scope: ['shop'] });
  callers.set('a scoped manager', { headers: await sessionOf(db, scopedManager), may: (route) => EXPECTED['manager']!.includes(ROUTES[route].needs) && scoped('manager')(route), refusal: 403 });
  callers.set('a scoped token of an admin', { headers: await tokenOf(db, users.admin, 'admin', { scope: ['shop'] }), may: scoped('admin'), refusal: 403 });
});

afterAll(() => test.close());

describe('every route, as everybody', () => {
  it.each(names)('%s', async (name) => {
    const spec: RouteSpec = ROUTES[name];
    const url = spec.path.replace('{entity}', 'images').replace('{format}', 'spdx').replace(/\{\w+\}/g, '4f1c9d2e-1111-4111-8111-111111111111');
    const wrong: string[] = [];
    for (const [who, { headers, may, refusal }] of callers) {
      reached.length = 0;
      const { statusCode } = await test.call({ method: spec.method, url, ...(spec.method !== 'GET' && { payload: {} }), headers });
      // Past the guard a request may still lack its shape: the guard comes first, so 400 means it let the caller in.
      const gotIn = reached.includes(name) || statusCode === 400;
      if (gotIn !== may(name) || (!may(name) && statusCode !== refusal)) wrong.push(`${who}: ${statusCode}, may: ${may(name)}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('the table', () => {
  it('has every role and only known permissions', () => {
    expect(Object.keys(EXPECTED).filter((role) => role !== 'nobody').sort()).toEqual([...ROLES].sort());
    for (const name of names) expect(PERMISSIONS).toContain(ROUTES[name].needs);
  });

  it('knows every address that the server answers', () => {
    const table = new Set(names.map((name) => `${ROUTES[name].method} ${ROUTES[name].path.replace(/\{(\w+)\}/g, ':$1')}`));
    const served = test.app.printRoutes({ commonPrefix: false, includeHooks: false }).match(/\((?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)[^)]*\)/g) ?? [];
    expect(served.flatMap((methods) => methods.slice(1, -1).split(', ')).length).toBe(table.size);
    for (const name of names) {
      expect(test.app.hasRoute({ method: ROUTES[name].method, url: ROUTES[name].path.replace(/\{(\w+)\}/g, ':$1') })).toBe(true);
    }
  });

  it('lets nobody add a route outside of it', async () => {
    expect(() => test.app.get('/debug', async () => 'all')).toThrow();
  });
});
