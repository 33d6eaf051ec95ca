import sql from 'sql-template-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openSetup } from '../access/setup-code.ts';
import { hashPassword } from '../access/passwords.ts';
import { addUser, sessionOf, testApp, tokenOf, type TestApp } from '../http/testing.ts';
import { handlers as operations } from './operations.ts';
import { handlers as session } from './session.ts';
import { handlers as workspace } from './workspace.ts';

const PASSWORD = 'correct horse battery';
const EMAIL = 'ann@example.org';
let test: TestApp;

beforeAll(async () => {
  test = await testApp({ ...session, ...workspace, ...operations });
});
afterAll(() => test.close());
afterEach(async () => {
  const { db } = test.services;
  await db.run(sql`delete from users`);
  await db.run(sql`delete from audit`);
  await db.run(sql`delete from settings`);
});

const ann = async (more: object = {}) => addUser(test.services.db, 'reader', { email: EMAIL, passwordHash: await hashPassword(PASSWORD), ...more });
const signIn = (password: string, headers: Record<string, string> = {}, email = EMAIL) =>
  test.call({ method: 'POST', url: '/api/v1/session', payload: { email, password }, headers });
const cookieOf = (answer: { headers: Record<string, unknown> }) => String(answer.headers['set-cookie']).split(';')[0]!;
const audit = () => test.services.db.query<{ action: string; actor: string; subject: string; detail: object }>(sql`select action, actor, subject, detail from audit order by id`);

describe('signing in', () => {
  it('gives a cookie that scripts cannot read, and a CSRF token that changes need', async () => {
    await ann();
    const answer = await signIn(PASSWORD, {}, 'ANN@example.org');
    expect(answer.statusCode).toBe(200);
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/^plimsoll=[\w-]{43}; .*HttpOnly; SameSite=Lax$/);
    expect(answer.body).not.toContain(cookie.slice(9, 52));
    const { csrf, user } = answer.json();
    expect(user).toMatchObject({ email: EMAIL, role: 'reader', scope: null });

    const as = { cookie: cookieOf(answer) };
    expect((await test.call({ url: '/api/v1/session' }, as)).json()).toMatchObject({ csrf });
    const change = (headers: Record<string, string>) => test.call({ method: 'POST', url: '/api/v1/dashboards', payload: { name: 'Mine' }, headers }, as);
    expect((await change({})).json()).toMatchObject({ status: 403, code: 'csrf' });
    expect((await change({ 'x-csrf-token': 'guess' })).statusCode).toBe(403);
    expect((await change({ 'x-csrf-token': csrf })).statusCode).toBe(200);
    expect((await change({ 'x-csrf-token': csrf, origin: 'https://evil.example' })).json()).toMatchObject({ code: 'other-origin' });
    expect((await change({ 'x-csrf-token': csrf, 'sec-fetch-site': 'same-site' })).json()).toMatchObject({ code: 'other-origin' });
    expect((await change({ 'x-csrf-token': csrf, origin: 'http://localhost:80', 'sec-fetch-site': 'same-origin', host: 'localhost:80' })).statusCode).toBe(200);

    expect((await test.call({ method: 'DELETE', url: '/api/v1/session', headers: { 'x-csrf-token': csrf } }, as)).statusCode).toBe(200);
    expect((await test.call({ url: '/api/v1/session' }, as)).statusCode).toBe(401);
  });

  it('cannot be done from a page of another site', async () => {
    await ann();
    expect((await signIn(PASSWORD, { origin: 'https://evil.example' })).json()).toMatchObject({ code: 'other-origin' });
  });

  it('keeps the token and the password out of the database', async () => {
    await ann();
    const token = cookieOf(await signIn(PASSWORD)).split('=')[1]!;
    const dump = JSON.stringify(await test.services.db.query(sql`select u.*, s.*, encode(s.token_hash, 'escape') as hash from users u join sessions s on true`));
    expect(dump).not.toContain(token);
    expect(dump).not.toContain(PASSWORD);
    expect(dump).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
  });

  it('answers the same for who is nobody, has no password, is disabled or rests', async () => {
    const { db } = test.services;
    const id = await ann();
    const wrong = (await signIn('wrong')).json();
    expect((await signIn('wrong', {}, 'nobody@example.org')).json()).toEqual(wrong);
    await db.run(sql`update users set locked_until = now() + interval '1 minute' where id = ${id}`);
    expect((await signIn(PASSWORD)).json()).toEqual(wrong);
    await db.run(sql`update users set locked_until = null, disabled = true where id = ${id}`);
    expect((await signIn(PASSWORD)).json()).toEqual(wrong);
    await db.run(sql`update users set disabled = false, password_hash = null where id = ${id}`);
    expect((await signIn(PASSWORD)).json()).toEqual(wrong);
    expect(wrong).toMatchObject({ status: 401, code: 'wrong-credentials' });
  });

  it('makes the account rest after five failures, at once or one by one, longer each time', async () => {
    const { db } = test.services;
    const id = await ann();
    await Promise.all(Array.from({ length: 12 }, () => signIn('wrong')));
    const rest = () => db.one<{ failed: number; seconds: number }>(sql`select failed_attempts as failed, extract(epoch from locked_until - now())::int as seconds from users where id = ${id}`);
    const first = (await rest())!;
    // Of the twelve only five were looked at.
    expect(first.failed).toBe(5);
    expect(first.seconds).toBeGreaterThan(30);
    expect((await signIn(PASSWORD)).statusCode).toBe(401);
    await db.run(sql`update users set locked_until = now() - interval '1 second' where id = ${id}`);
    await signIn('wrong');
    expect((await rest())!.seconds).toBeGreaterThan(first.seconds + 30);
    await db.run(sql`update users set failed_attempts = 500, locked_until = now() - interval '1 second' where id = ${id}`);
    await signIn('wrong');
    expect((await rest())!.seconds).toBeLessThanOrEqual(15 * 60);
    await db.run(sql`update users set locked_until = now() - interval '1 second' where id = ${id}`);
    expect((await signIn(PASSWORD)).statusCode).toBe(200);
    expect((await rest())!.failed).toBe(0);
  });

  it('lets nobody keep a user out who comes from where he was before', async () => {
    const { db } = test.services;
    const id = await ann();
    const from = (remoteAddress: string, password: string) => test.app.inject({ method: 'POST', url: '/api/v1/session', remoteAddress, payload: { email: EMAIL, password } });
    expect((await from('198.51.100.1', PASSWORD)).statusCode).toBe(200);
    for (let i = 0; i < 7; i++) expect((await from('203.0.113.5', 'guessed')).statusCode).toBe(401);
    expect((await from('203.0.113.5', PASSWORD)).statusCode).toBe(401);
    expect((await from('198.51.100.1', PASSWORD)).statusCode).toBe(200);

    // But who guesses from there does not go on for ever either.
    await db.run(sql`update users set failed_attempts = 9, locked_until = now() + interval '10 minutes' where id = ${id}`);
    for (let i = 0; i < 5; i++) await from('198.51.100.1', 'guessed');
    expect((await from('198.51.100.1', PASSWORD)).statusCode).toBe(401);
  });

  it('is written down, failures too, without passwords', async () => {
    await ann();
    await signIn('wrong');
    await signIn(PASSWORD);
    const entries = await audit();
    expect(entries).toMatchObject([
      { action: 'signIn', actor: 'nobody', subject: EMAIL, detail: { failed: 'wrong-credentials' } },
      { action: 'signIn', actor: 'reader', subject: EMAIL },
    ]);
    expect(JSON.stringify(entries)).not.toContain(PASSWORD);
  });

  it('does not fill the audit log, however often it is refused', async () => {
    const from = (address: string, count: number) => Promise.all(Array.from({ length: count }, (_, i) => test.app.inject({ method: 'POST', url: '/api/v1/session', payload: { email: `nobody${i}@example.org`, password: 'x' }, remoteAddress: address })));
    await from('192.0.2.1', 130);
    // Sixty; twice where a minute ended meanwhile.
    expect((await audit()).length).toBeLessThanOrEqual(120);
    await ann();
    await signIn(PASSWORD);
    await expect.poll(async () => (await audit()).at(-1)).toMatchObject({ action: 'signIn', actor: 'reader' });
  });

  it('is limited for one address', async () => {
    const limited = await testApp(session, { limits: { attempts: 3 } });
    try {
      const statuses: number[] = [];
      for (let i = 0; i < 5; i++) {
        const answer = await limited.call({ method: 'POST', url: '/api/v1/session', payload: { email: EMAIL, password: 'x' } });
        statuses.push(answer.statusCode);
        if (answer.statusCode === 429) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      }
      expect(statuses).toEqual([401, 401, 401, 429, 429]);
    } finally {
      await limited.close();
    }
  });
});

describe('a session', () => {
  it('slides while it is used, up to 30 days, and ends when it is not', async () => {
    const { db } = test.services;
    const as = await sessionOf(db, await ann());
    const hours = async () => (await db.one<{ hours: number }>(sql`select extract(epoch from expires_at - now()) / 3600 as hours from sessions`))!.hours;
    await db.run(sql`update sessions set last_used_at = now() - interval '10 minutes'`);
    await test.call({ url: '/api/v1/session' }, as);
    expect(Number(await hours())).toBeCloseTo(12, 1);
    await db.run(sql`update sessions set last_used_at = now() - interval '10 minutes', created_at = now() - interval '719 hours'`);
    await test.call({ url: '/api/v1/session' }, as);
    expect(Number(await hours())).toBeCloseTo(1, 1);
    await db.run(sql`update sessions set expires_at = now()`);
    expect((await test.call({ url: '/api/v1/session' }, as)).json()).toMatchObject({ status: 401, code: 'credential-refused' });
  });

  it('outlives a change of one’s own password alone', async () => {
    const { db } = test.services;
    const id = await ann();
    const [here, there] = [await sessionOf(db, id), await sessionOf(db, id)];
    const change = (payload: object) => test.call({ method: 'PATCH', url: '/api/v1/me', payload }, here);
    expect((await change({ password: 'another long one' })).json()).toMatchObject({ status: 403, code: 'wrong-password' });
    expect((await change({ password: 'another long one', currentPassword: 'wrong' })).statusCode).toBe(403);
    expect((await change({ password: 'short', currentPassword: PASSWORD })).statusCode).toBe(400);
    expect((await change({ password: 'another long one', currentPassword: PASSWORD, name: 'Ann' })).json()).toMatchObject({ user: { name: 'Ann' } });
    expect((await test.call({ url: '/api/v1/session' }, here)).statusCode).toBe(200);
    expect((await test.call({ url: '/api/v1/session' }, there)).statusCode).toBe(401);
    expect((await signIn('another long one')).statusCode).toBe(200);
    expect(JSON.stringify(await audit())).not.toMatch(/another long one|correct horse/);
  });

  it('has the cookie __Host- and Secure by https, and Strict-Transport-Security', async () => {
    const secure = await testApp(session, { services: { config: { publicUrl: 'https://plimsoll.example' } } });
    try {
      await addUser(secure.services.db, 'reader', { email: EMAIL, passwordHash: await hashPassword(PASSWORD) });
      const answer = await secure.call({ method: 'POST', url: '/api/v1/session', payload: { email: EMAIL, password: PASSWORD }, headers: { origin: 'https://plimsoll.example' } });
      expect(answer.headers['set-cookie']).toMatch(/^__Host-plimsoll=[\w-]+; .*Path=\/; HttpOnly; Secure; SameSite=Lax$/);
      expect(answer.headers['strict-transport-security']).toContain('max-age=');
      const token = cookieOf(answer).split('=')[1]!;
      expect((await secure.call({ url: '/api/v1/session' }, { cookie: `plimsoll=${token}` })).statusCode).toBe(401);
      expect((await secure.call({ url: '/api/v1/session' }, { cookie: cookieOf(answer) })).statusCode).toBe(200);
    } finally {
      await secure.close();
    }
  });
});

describe('a token', () => {
  it('acts as itself, needs no CSRF token, and its use is noted', async () => {
    const { db } = test.services;
    const as = await tokenOf(db, await addUser(db, 'manager', { scope: ['a', 'b'] }), 'reader', { scope: ['b', 'c'] });
    // Neither shows what the other hides.
    expect((await test.call({ url: '/api/v1/session' }, as)).json()).toMatchObject({ csrf: '', user: { role: 'reader', scope: ['b'] } });
    expect((await test.call({ method: 'POST', url: '/api/v1/dashboards', payload: { name: 'By token' } }, as)).statusCode).toBe(200);
    expect((await test.call({ method: 'DELETE', url: '/api/v1/session' }, as)).json()).toMatchObject({ code: 'no-session' });
    expect((await test.call({ method: 'PATCH', url: '/api/v1/me', payload: { name: 'Other' } }, as)).statusCode).toBe(403);
    expect(await db.one(sql`select last_used_at is not null as used from api_tokens`)).toEqual({ used: true });
  });

  it('is not guessed at without end', async () => {
    const limited = await testApp({ ...session, ...operations }, { limits: { failures: 2 } });
    try {
      const statuses = [];
      for (let i = 0; i < 4; i++) statuses.push((await limited.call({ url: '/api/v1/session' }, { authorization: `Bearer plt_${i}` })).statusCode);
      expect(statuses).toEqual([401, 401, 429, 429]);
    } finally {
      await limited.close();
    }
  });
});

describe('set-up', () => {
  it('is there while nobody is, for who has the code', async () => {
    const { db, secrets } = test.services;
    const code = (await openSetup(db, secrets))!;
    expect((await test.call({ url: '/api/v1/setup' })).json()).toMatchObject({ needed: true });
    const setUp = (given: string) => test.call({ method: 'POST', url: '/api/v1/setup', payload: { code: given, name: 'Ann', email: EMAIL, password: PASSWORD } });
    expect((await setUp('wrong')).json()).toMatchObject({ status: 403, code: 'wrong-code' });
    const done = await setUp(code);
    expect(done.json()).toMatchObject({ user: { name: 'Ann', role: 'admin' } });
    expect((await test.call({ url: '/api/v1/session' }, { cookie: cookieOf(done) })).statusCode).toBe(200);
    expect((await test.call({ url: '/api/v1/setup' })).json()).toMatchObject({ needed: false });
    expect((await setUp(code)).json()).toMatchObject({ status: 409, code: 'setup-over' });
    expect(await openSetup(db, secrets)).toBeNull();
    expect(JSON.stringify(await audit())).not.toContain(code);
  });

  it('keeps the code sealed', async () => {
    const { db, secrets } = test.services;
    const code = await openSetup(db, secrets);
    expect(JSON.stringify(await db.query(sql`select * from settings`))).not.toContain(code);
  });
});
