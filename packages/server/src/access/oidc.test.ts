import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { addUser, testApp, type TestApp } from '../http/testing.ts';
import { handlers } from '../routes/session.ts';
import { isIssuerAllowed, localPath } from './oidc.ts';
import { writeSettings } from './stored-settings.ts';

const HOME = 'http://console.test:1234';
const RETURN = `${HOME}/api/v1/oidc/return`;

let issuer: string;
let server: Server;
let test: TestApp;
/** What the provider says of who signs in. */
let claims: Record<string, unknown> = {};
let subject = 'subject-1';

beforeAll(async () => {
  // It tells on the console that it is not set up for production.
  for (const method of ['info', 'warn', 'error'] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
  const { default: Provider } = await import('oidc-provider');
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'plimsoll', client_secret: 'client-secret', redirect_uris: [RETURN], response_types: ['code'], grant_types: ['authorization_code'] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_context, sub) => ({ accountId: sub, claims: async () => ({ sub, ...claims }) }),
    pkce: { required: () => true },
    cookies: { keys: ['test'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client!.clientId, accountId: context.oidc.session!.accountId! });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next();
    await provider.interactionFinished(context.req, context.res, { login: { accountId: subject } });
    context.respond = false;
  });
  server.on('request', provider.callback());
  test = await testApp(handlers, { services: { config: { publicUrl: HOME } } });
});

afterAll(async () => {
  vi.restoreAllMocks();
  await test.close();
  server.closeAllConnections();
  server.close();
});

beforeEach(async () => {
  const { db, secrets } = test.services;
  await db.run(sql`delete from users`);
  await db.run(sql`delete from audit`);
  await writeSettings(db, { oidc: { name: 'Company', issuer, clientId: 'plimsoll', role: 'manager', sealedSecret: secrets.seal('client-secret') } });
  claims = { email: 'Ann@Example.org', email_verified: true, name: 'Ann' };
  subject = 'subject-1';
});

/** A browser at the provider: follows its redirects with its cookies until it is sent back to us. */
async function atProvider(address: string): Promise<string> {
  const cookies = new Map<string, string>();
  for (let hops = 0; hops < 10; hops++) {
    const answer = await fetch(address, { redirect: 'manual', headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0]!.split('=', 2);
      cookies.set(name!, value!);
    }
    const next = answer.headers.get('location');
    if (next === null) throw new Error(`The provider answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
    address = new URL(next, address).href;
    if (address.startsWith(RETURN)) return address.slice(HOME.length);
  }
  throw new Error('The provider sends in circles.');
}

const cookiesOf = (answer: { headers: Record<string, unknown> }) => [answer.headers['set-cookie']].flat().map((cookie) => String(cookie).split(';')[0]!);

async function begin(to = '/images?query=a') {
  const answer = await test.call({ url: `/api/v1/oidc/start?to=${encodeURIComponent(to)}` });
  return { address: String(answer.headers.location), cookie: cookiesOf(answer)[0]!, raw: String(answer.headers['set-cookie']) };
}

async function signIn() {
  const { address, cookie } = await begin();
  return await test.call({ url: await atProvider(address) }, { cookie });
}

const problemOf = (answer: { headers: Record<string, unknown> }) => new URL(String(answer.headers['location']), HOME).searchParams.get('signInError');

describe('sign-in by a provider', () => {
  it('makes a user the first time and knows them after', async () => {
    const first = await signIn();
    expect(first.statusCode).toBe(303);
    expect(first.headers.location).toBe('/images?query=a');
    const cookie = cookiesOf(first).find((value) => value.startsWith('plimsoll='))!;
    expect((await test.call({ url: '/api/v1/session' }, { cookie })).json()).toMatchObject({ user: { name: 'Ann', email: 'ann@example.org', role: 'manager', scope: null } });
    // By subject: the address may change.
    claims = { email: 'ann.new@example.org', email_verified: false };
    expect((await signIn()).headers.location).toBe('/images?query=a');
    expect(await test.services.db.query(sql`select email from users`)).toEqual([{ email: 'ann@example.org' }]);
    await expect.poll(() => test.services.db.query(sql`select action, actor from audit`)).toEqual([{ action: 'oidcReturn', actor: 'Ann' }, { action: 'oidcReturn', actor: 'Ann' }]);
  });

  it('takes over an account of the same address only if the provider vouches for it', async () => {
    await addUser(test.services.db, 'admin', { email: 'ann@example.org' });
    claims = { email: 'ann@example.org', email_verified: false };
    expect(problemOf(await signIn())).toContain('does not vouch');
    claims = { email: 'ann@example.org', email_verified: true };
    expect((await signIn()).headers.location).toBe('/images?query=a');
    subject = 'subject-2';
    expect(problemOf(await signIn())).toContain('another identity');
    expect(await test.services.db.query(sql`select role, oidc_subject from users`)).toEqual([{ role: 'admin', oidc_subject: `${issuer} subject-1` }]);
  });

  it('makes nobody of who has no confirmed address, and lets no disabled user in', async () => {
    claims = { name: 'No address' };
    expect(problemOf(await signIn())).toContain('does not vouch');
    expect(await test.services.db.query(sql`select from users`)).toEqual([]);
    claims = { email: 'ann@example.org', email_verified: true };
    await signIn();
    await test.services.db.run(sql`update users set disabled = true`);
    expect(problemOf(await signIn())).toContain('disabled');
    // The entry is written after the answer.
    const failures = () => test.services.db.query(sql`select detail ->> 'failed' as failed from audit where detail ? 'failed' order by id`);
    await expect.poll(failures).toEqual([{ failed: 'oidc-email' }, { failed: 'oidc-account' }]);
  });

  it('holds for the browser that began it, once, and unchanged', async () => {
    const { address, cookie, raw } = await begin();
    expect(raw).toMatch(/HttpOnly; SameSite=Lax/);
    expect(address).toContain('code_challenge_method=S256');
    const back = await atProvider(address);
    expect(problemOf(await test.call({ url: back }))).toContain('began elsewhere');
    const other = await begin();
    expect(problemOf(await test.call({ url: back }, { cookie: other.cookie }))).toContain('did not confirm');
    expect(problemOf(await test.call({ url: back.replace(/state=[^&]*/, 'state=x') }, { cookie }))).toContain('did not confirm');
    expect((await test.call({ url: back }, { cookie })).headers.location).toBe('/images?query=a');
    // The provider takes a code once.
    expect(problemOf(await test.call({ url: back }, { cookie }))).toContain('did not confirm');
  });

  it('says so when the provider is not there or was never set up', async () => {
    const { db } = test.services;
    await writeSettings(db, { oidc: { name: 'Company', issuer: 'http://127.0.0.1:9', clientId: 'plimsoll', role: 'reader', sealedSecret: null } });
    expect(problemOf(await test.call({ url: '/api/v1/oidc/start' }))).toContain('Company does not answer');
    await writeSettings(db, { oidc: null });
    expect(problemOf(await test.call({ url: '/api/v1/oidc/start' }))).toContain('not set up');
  });
});

describe('where sign-in goes on', () => {
  it.each([
    ['/images?query=a#b', '/images?query=a#b'],
    ['https://evil.example/', '/'],
    ['//evil.example/', '/'],
    ['/\\evil.example/', '/'],
    ['/.//evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/sign-in?signInError=x', '/'],
    ['', '/'],
  ])('%j: %s', (to, expected) => {
    expect(localPath(to)).toBe(expected);
  });
});

it('takes issuers by https, or on this machine', () => {
  expect(isIssuerAllowed('https://login.example.org/tenant')).toBe(true);
  expect(isIssuerAllowed('http://127.0.0.1:8080')).toBe(true);
  expect(isIssuerAllowed('http://login.example.org')).toBe(false);
  expect(isIssuerAllowed('http://127.0.0.1.example.org')).toBe(false);
});
