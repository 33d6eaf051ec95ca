import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import sql from 'sql-template-tag';
import type { Role } from '@plimsoll/model/api';
import { API_TOKEN_PREFIX, hashToken, randomToken } from '../access/tokens.ts';
import type { Handlers, Queryable } from '../context.ts';
import { testDatabase } from '../storage/testing.ts';
import { testServices, type TestServices } from '../testing/services.ts';
import { buildApp, type AppOptions } from './app.ts';

/** An application over a database of its own, for tests of routes. Answers are held to their schemas. */
export interface TestApp {
  app: FastifyInstance;
  services: TestServices;
  /** A request in the name of whoever `as` makes; the body travels as JSON. */
  call(options: InjectOptions & { url: string }, as?: Record<string, string>): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

export async function testApp(handlers: Partial<Handlers>, options: AppOptions & { services?: Partial<Omit<Parameters<typeof testServices>[0], 'db'>> } = {}): Promise<TestApp> {
  const database = await testDatabase();
  const services = testServices({ ...options.services, db: database.db });
  const app = await buildApp(services, handlers, { checkAnswers: true, limits: { calls: 1e6, failures: 1e6, attempts: 1e6, arrivals: 1e6 }, ...options });
  return {
    app,
    services,
    call: (request, as = {}) => app.inject({ method: 'GET', ...request, headers: { ...request.headers, ...as } }),
    close: async () => {
      await app.close();
      await database.close();
    },
  };
}

export async function addUser(db: Queryable, role: 'admin' | 'manager' | 'reader', more: { scope?: string[]; email?: string; disabled?: boolean; passwordHash?: string } = {}): Promise<string> {
  const email = more.email ?? `${role}-${randomToken().slice(0, 8).toLowerCase()}@example.org`;
  const row = await db.one<{ id: string }>(sql`
    insert into users (name, email, password_hash, role, scope, disabled)
    values (${role}, ${email}, ${more.passwordHash ?? null}, ${role}, ${more.scope ?? null}, ${more.disabled ?? false}) returning id`);
  return row!.id;
}

/** The headers of an API token of a user. */
export async function tokenOf(db: Queryable, userId: string, role: Exclude<Role, 'sensor'>, more: { scope?: string[]; days?: number; revoked?: boolean } = {}): Promise<{ authorization: string }> {
  const token = randomToken(API_TOKEN_PREFIX);
  await db.run(sql`
    insert into api_tokens (token_hash, prefix, name, owner_id, role, scope, expires_at, revoked_at)
    values (${hashToken(token)}, ${token.slice(0, 10)}, ${role}, ${userId}, ${role}, ${more.scope ?? null}, now() + make_interval(days => ${more.days ?? 1}), ${more.revoked ? new Date() : null})`);
  return { authorization: `Bearer ${token}` };
}

/** The headers of a session of a user: cookie and CSRF token. */
export async function sessionOf(db: Queryable, userId: string, more: { hours?: number } = {}): Promise<{ cookie: string; 'x-csrf-token': string }> {
  const token = randomToken();
  const csrf = randomToken();
  await db.run(sql`insert into sessions (token_hash, user_id, csrf, expires_at) values (${hashToken(token)}, ${userId}, ${csrf}, now() + make_interval(hours => ${more.hours ?? 1}))`);
  return { cookie: `plimsoll=${token}`, 'x-csrf-token': csrf };
}
