import type { Me, Role } from '@plimsoll/model/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import sql from 'sql-template-tag';
import type { Caller, Queryable, Services } from '../context.ts';
import { readSettings } from './stored-settings.ts';
import { hashToken, randomToken } from './tokens.ts';

/**
 * Sessions of people. The cookie holds a random token, the database its hash. A session that is used goes on;
 * one that is not ends after the hours of the settings, and none lives longer than 30 days.
 */
const LONGEST_DAYS = 30;
/** How often use is noted: a page of the console asks many things at once. */
const NOTED_EVERY_SECONDS = 60;

/** Whether the browser came by https, so that the cookie may be kept from all else. */
export function isSecure(request: FastifyRequest, services: Services): boolean {
  return services.config.publicUrl?.startsWith('https:') ?? request.protocol === 'https';
}

/** `__Host-`: the browser takes it only by https, for this host alone (RFC 6265bis, 4.1.3.2). */
export function cookieName(request: FastifyRequest, services: Services, name = 'plimsoll'): string {
  return isSecure(request, services) ? `__Host-${name}` : name;
}

export function setCookie(request: FastifyRequest, reply: FastifyReply, services: Services, name: string, value: string, seconds: number): void {
  reply.setCookie(cookieName(request, services, name), value, {
    path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(request, services), maxAge: seconds,
  });
}

export function clearCookie(request: FastifyRequest, reply: FastifyReply, services: Services, name = 'plimsoll'): void {
  reply.clearCookie(cookieName(request, services, name), { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(request, services) });
}

interface SessionRow {
  csrf: string;
  stale: boolean;
  id: string;
  name: string;
  role: Role;
  scope: string[] | null;
}

/** The user of the request's session. Undefined without a cookie; null when the session is over. */
export async function findSession(request: FastifyRequest, services: Services): Promise<Caller | null | undefined> {
  const token = request.cookies[cookieName(request, services)];
  if (token === undefined || token === '') return undefined;
  const { db } = services;
  const hash = hashToken(token);
  const row = await db.one<SessionRow>(sql`
    select s.csrf, s.last_used_at < now() - make_interval(secs => ${NOTED_EVERY_SECONDS}) as stale, u.id, u.name, u.role, u.scope
    from sessions s join users u on u.id = s.user_id
    where s.token_hash = ${hash} and s.expires_at > now() and not u.disabled`);
  if (!row) return null;
  if (row.stale) {
    const { sessionHours } = await readSettings(db);
    await db.run(sql`
      update sessions set last_used_at = now(), expires_at = least(
        now() + make_interval(hours => ${sessionHours}), created_at + make_interval(days => ${LONGEST_DAYS}))
      where token_hash = ${hash}`);
  }
  return {
    kind: 'user', id: row.id, userId: row.id, name: row.name, role: row.role, scope: row.scope,
    csrf: row.csrf, hostId: null, address: request.ip,
  };
}

/** Signs a user in: a new session, always with a new token, so that none can be planted before. */
export async function startSession(userId: string, request: FastifyRequest, reply: FastifyReply, services: Services): Promise<Me> {
  const { db } = services;
  const token = randomToken();
  const csrf = randomToken();
  const { sessionHours } = await readSettings(db);
  await endSession(request, services);
  await db.run(sql`
    insert into sessions (token_hash, user_id, csrf, expires_at, address, user_agent)
    values (${hashToken(token)}, ${userId}, ${csrf}, now() + make_interval(hours => ${sessionHours}),
            ${request.ip}, ${request.headers['user-agent']?.slice(0, 300) ?? null})`);
  setCookie(request, reply, services, 'plimsoll', token, LONGEST_DAYS * 86_400);
  return await readMe(db, userId, csrf);
}

/** Ends the session of the request's cookie, if there is one. */
export async function endSession(request: FastifyRequest, services: Services): Promise<void> {
  const token = request.cookies[cookieName(request, services)];
  if (token) await services.db.run(sql`delete from sessions where token_hash = ${hashToken(token)}`);
}

/** Ends all sessions of a user, but one where `keep` is the session's CSRF token. */
export async function endSessionsOf(db: Queryable, userId: string, keep: string | null = null): Promise<void> {
  await db.run(sql`delete from sessions where user_id = ${userId} and csrf is distinct from ${keep}`);
}

export async function readMe(db: Queryable, userId: string, csrf: string): Promise<Me> {
  const user = await db.one<Me['user']>(sql`select id, name, email, role, scope from users where id = ${userId}`);
  if (!user) throw new Error('The user of a session went away.');
  return { user, csrf };
}
