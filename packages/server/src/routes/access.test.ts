import sql from 'sql-template-tag';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addUser, sessionOf, testApp, tokenOf, type TestApp } from '../http/testing.ts';
import { handlers as audit } from './audit.ts';
import { handlers as session } from './session.ts';
import { handlers as settings } from './settings.ts';
import { handlers as tokens } from './tokens.ts';
import { handlers as users } from './users.ts';

let test: TestApp;
let adminId: string;
let admin: Record<string, string>;

beforeAll(async () => {
  test = await testApp({ ...audit, ...session, ...settings, ...tokens, ...users });
});
afterAll(() => test.close());
beforeEach(async () => {
  adminId = await addUser(test.services.db, 'admin', { email: 'root@example.org' });
  admin = await sessionOf(test.services.db, adminId);
});
afterEach(async () => {
  for (const table of [sql`users`, sql`audit`, sql`settings`]) await test.services.db.run(sql`delete from ${table}`);
});

const send = (method: 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object, as = admin) =>
  test.call({ method, url: `/api/v1/${url}`, ...(payload && { payload }) }, as);
const get = async (url: string, as = admin) => (await test.call({ url: `/api/v1/${url}` }, as)).json();
const entries = () => test.services.db.query<{ action: string; actor: string; subject: string; detail: Record<string, unknown> }>(sql`select action, actor, subject, detail from audit order by id`);

describe('users', () => {
  const ann = { name: 'Ann', email: 'ANN@example.org', password: 'a long enough one', role: 'reader', scope: ['shop'] };

  it('are added, changed and removed, and all of it is written down', async () => {
    const made = await send('POST', 'users', ann);
    expect(made.statusCode).toBe(200);
    const { id } = made.json();
    expect(made.json()).toMatchObject({ email: 'ann@example.org', role: 'reader', scope: ['shop'], disabled: false, locked: false, oidc: false, lastSignIn: null });
    expect((await send('POST', 'users', ann)).json()).toMatchObject({ status: 409, code: 'email-taken' });
    expect((await send('PATCH', `users/${id}`, { name: 'Ann B', role: 'manager', scope: null })).json()).toMatchObject({ name: 'Ann B', role: 'manager', scope: null });
    expect((await get('users')).items.map((user: { email: string }) => user.email)).toEqual(['root@example.org', 'ann@example.org']);
    expect((await send('DELETE', `users/${id}`)).statusCode).toBe(200);
    expect((await send('DELETE', `users/${id}`)).statusCode).toBe(404);
    expect((await send('PATCH', `users/${id}`, { name: 'Ghost' })).statusCode).toBe(404);

    const written = await entries();
    expect(written.map(({ action }) => action)).toEqual(['userCreate', 'userChange', 'userDelete']);
    expect(written.every(({ actor, subject }) => actor === 'admin' && subject.includes(id) || subject.includes('Ann'))).toBe(true);
    expect(JSON.stringify(written)).not.toContain(ann.password);
  });

  it.each([[{ role: 'manager' }], [{ scope: ['x'], role: 'reader' }], [{ disabled: true }], [{ password: 'a long enough one' }]])('are signed out by %j', async (change) => {
    const { db } = test.services;
    const id = await addUser(db, 'reader');
    const as = await sessionOf(db, id);
    expect((await send('PATCH', `users/${id}`, { name: 'Other' })).statusCode).toBe(200);
    expect((await test.call({ url: '/api/v1/session' }, as)).statusCode).toBe(200);
    expect((await send('PATCH', `users/${id}`, change)).statusCode).toBe(200);
    expect((await test.call({ url: '/api/v1/session' }, as)).statusCode).toBe(401);
  });

  it('are unlocked', async () => {
    const { db } = test.services;
    const id = await addUser(db, 'reader');
    await db.run(sql`update users set locked_until = now() + interval '5 minutes', failed_attempts = 9 where id = ${id}`);
    expect((await get('users')).items.find((user: { id: string }) => user.id === id)).toMatchObject({ locked: true });
    expect((await send('PATCH', `users/${id}`, { unlock: true })).json()).toMatchObject({ locked: false });
  });

  it('keep one admin, whatever is tried', async () => {
    const { db } = test.services;
    await addUser(db, 'admin', { disabled: true });
    for (const change of [{ role: 'manager' }, { disabled: true }]) expect((await send('PATCH', `users/${adminId}`, change)).json()).toMatchObject({ status: 409, code: 'last-admin' });
    expect((await send('DELETE', `users/${adminId}`)).json()).toMatchObject({ code: 'last-admin' });
    expect((await send('PATCH', `users/${adminId}`, { scope: ['x'] })).json()).toMatchObject({ code: 'scoped-admin' });

    // Two that remove each other at the same time.
    const otherId = await addUser(db, 'admin');
    const other = await sessionOf(db, otherId);
    const answers = await Promise.all([send('DELETE', `users/${otherId}`), send('DELETE', `users/${adminId}`, undefined, other)]);
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect(await db.query(sql`select from users where role = 'admin' and not disabled`)).toHaveLength(1);
  });
});

describe('tokens', () => {
  it('are shown once, hashed, and work until they are revoked', async () => {
    const { db } = test.services;
    const made = (await send('POST', 'tokens', { name: 'CI', role: 'reader', days: 5 })).json();
    expect(made.secret).toMatch(/^plt_[\w-]{43}$/);
    expect(made.token).toMatchObject({ name: 'CI', role: 'reader', scope: null, owner: 'admin', revoked: false, lastUsed: null });
    expect(made.secret.startsWith(made.token.prefix)).toBe(true);
    expect(JSON.stringify([await db.query(sql`select *, encode(token_hash, 'escape') as e from api_tokens`), await get('tokens'), await entries()])).not.toContain(made.secret);
    const as = { authorization: `Bearer ${made.secret}` };
    expect((await test.call({ url: '/api/v1/session' }, as)).statusCode).toBe(200);
    expect((await send('DELETE', `tokens/${made.token.id}`)).statusCode).toBe(200);
    expect((await test.call({ url: '/api/v1/session' }, as)).statusCode).toBe(401);
    expect((await get('tokens')).items).toMatchObject([{ revoked: true }]);
    await expect.poll(async () => (await entries()).map(({ action, subject }) => [action, subject.split(' ')[0]])).toEqual([['tokenCreate', 'CI'], ['tokenRevoke', 'CI']]);
  });

  it('are no stronger and see no more than their maker', async () => {
    const { db } = test.services;
    const reader = await sessionOf(db, await addUser(db, 'reader', { scope: ['a', 'b'] }));
    const make = async (body: object, as: Record<string, string> = reader) => (await send('POST', 'tokens', { name: 'T', ...body }, as)).json();
    expect(await make({ role: 'manager', scope: ['a'] })).toMatchObject({ code: 'too-strong' });
    expect(await make({ role: 'ci', scope: ['a'] })).toMatchObject({ code: 'too-strong' });
    expect(await make({ role: 'reader' })).toMatchObject({ code: 'too-wide' });
    expect(await make({ role: 'reader', scope: ['a', 'c'] })).toMatchObject({ code: 'too-wide' });
    expect(await make({ role: 'reader', scope: ['a'] })).toMatchObject({ token: { scope: ['a'] } });
    expect(await make({ role: 'admin', scope: ['a'] }, admin)).toMatchObject({ code: 'scoped-admin' });
    const manager = await sessionOf(db, await addUser(db, 'manager'));
    expect(await make({ role: 'ci' }, manager)).toMatchObject({ token: { role: 'ci' } });
    expect(await make({ role: 'reader' }, await tokenOf(db, adminId, 'admin'))).toMatchObject({ code: 'needs-session' });
  });

  it('are their owner’s; an admin has all in view', async () => {
    const { db } = test.services;
    const one = await sessionOf(db, await addUser(db, 'reader'));
    const other = await sessionOf(db, await addUser(db, 'reader'));
    const { token } = (await send('POST', 'tokens', { name: 'T', role: 'reader' }, one)).json();
    expect((await get('tokens', other)).items).toEqual([]);
    expect((await send('DELETE', `tokens/${token.id}`, undefined, other)).statusCode).toBe(404);
    expect((await get('tokens', one)).items).toHaveLength(1);
    expect((await get('tokens')).items).toHaveLength(1);
    expect((await send('DELETE', `tokens/${token.id}`)).statusCode).toBe(200);
  });
});

describe('settings', () => {
  const oidc = { name: 'Company', issuer: 'https://login.example.org', clientId: 'plimsoll', role: 'reader' };

  it('have defaults, and change one by one', async () => {
    expect(await get('settings')).toEqual({ oidc: null, retention: { eventDays: 30, goneDays: 90 }, sessionHours: 12 });
    expect((await send('PATCH', 'settings', { sessionHours: 2 })).json()).toMatchObject({ sessionHours: 2, retention: { eventDays: 30, goneDays: 90 } });
    expect((await send('PATCH', 'settings', { retention: { eventDays: 1, goneDays: 2 } })).json()).toMatchObject({ sessionHours: 2, retention: { eventDays: 1, goneDays: 2 } });
    expect((await send('PATCH', 'settings', { sessionHours: 0 })).statusCode).toBe(400);
  });

  it('keep the client secret sealed, for the issuer it belongs to', async () => {
    const { db } = test.services;
    const put = async (more: object) => (await send('PATCH', 'settings', { oidc: { ...oidc, ...more } })).json();
    expect(await put({ clientSecret: 'very secret' })).toMatchObject({ oidc: { ...oidc, hasSecret: true } });
    expect(await put({ name: 'Renamed' })).toMatchObject({ oidc: { name: 'Renamed', hasSecret: true } });
    expect(JSON.stringify([await get('settings'), await db.query(sql`select * from settings`), await entries()])).not.toContain('very secret');
    expect((await put({ issuer: 'http://login.example.org' }))).toMatchObject({ status: 400, code: 'issuer' });
    expect(await put({ issuer: 'https://elsewhere.example.org' })).toMatchObject({ oidc: { hasSecret: false } });
    expect(await put({ clientSecret: 'x' })).toMatchObject({ oidc: { hasSecret: true } });
    expect(await put({ clientSecret: '' })).toMatchObject({ oidc: { hasSecret: false } });
    expect((await send('PATCH', 'settings', { oidc: null })).json()).toMatchObject({ oidc: null });
  });
});

describe('the audit log', () => {
  it('lists the newest first, in pages, and cuts what is long', async () => {
    for (let i = 0; i < 5; i++) await send('PATCH', 'settings', { sessionHours: i + 1 });
    const page = await get('audit?limit=2&offset=1');
    expect(page.total).toBe(5);
    expect(page.items.map((entry: { detail: object }) => entry.detail)).toEqual([{ sessionHours: 4 }, { sessionHours: 3 }]);
    await send('POST', 'users', { name: 'N', email: 'n@example.org', password: 'a long enough one', role: 'reader', scope: Array.from({ length: 500 }, () => 'x'.repeat(1000)) });
    const [newest] = (await get('audit?limit=1')).items;
    expect(JSON.stringify(newest).length).toBeLessThan(10_000);
    expect(newest).toMatchObject({ action: 'userCreate', actor: 'admin', detail: { password: '…' } });
  });

  it('leaves out no change whose text is half a character', async () => {
    expect((await send('POST', 'users', { name: 'a\ud800b', email: 'half@example.org', password: 'a long enough one', role: 'reader' })).statusCode).toBe(200);
    await expect.poll(entries).toMatchObject([{ action: 'userCreate', detail: { name: 'a\ufffdb' } }]);
  });

  it('has nothing of what was refused', async () => {
    await send('PATCH', 'settings', { sessionHours: 0 });
    await send('DELETE', 'users/4f1c9d2e-1111-4111-8111-111111111111');
    await expect.poll(entries).toEqual([]);
  });
});

it('refuses the character that PostgreSQL cannot keep', async () => {
  expect((await send('POST', 'users', { name: 'a\u0000b', email: 'n@example.org', password: 'a long enough one', role: 'reader' })).json()).toMatchObject({ status: 400, code: 'invalid-text' });
});
