import type { FastifyReply } from 'fastify';
import sql from 'sql-template-tag';
import { finishOidc, startOidc } from '../access/oidc.ts';
import { hashPassword, verifyPassword } from '../access/passwords.ts';
import { clearCookie, endSession, endSessionsOf, readMe, startSession } from '../access/sessions.ts';
import { isSetupNeeded, spendSetupCode } from '../access/setup-code.ts';
import { checkPassword } from '../access/sign-in.ts';
import { readSettings } from '../access/stored-settings.ts';
import type { Handlers, Services } from '../context.ts';
import { badRequest, conflict, forbidden, HttpProblem } from '../http/problems.ts';
import { checkStreams, closeStreams } from './live.ts';

export const handlers = {
  async setupState({ services: { db, config } }) {
    const [needed, { oidc }] = await Promise.all([isSetupNeeded(db), readSettings(db)]);
    return { needed, oidc: oidc && { name: oidc.name }, version: config.version };
  },

  async setup({ body, request, reply, services }) {
    const { db, secrets } = services;
    const hashed = await hashPassword(body.password);
    const id = await db.transaction(async (tx) => {
      const code = await spendSetupCode(tx, secrets, body.code);
      if (code === 'over') throw conflict('There is a first user already: sign in, or ask an admin for an account.', 'setup-over');
      if (code === 'wrong') throw forbidden('This is not the code that the server printed when it started.', 'wrong-code');
      const user = await tx.one<{ id: string }>(sql`
        insert into users (name, email, password_hash, role, last_sign_in_at) values (${body.name}, ${body.email}, ${hashed}, 'admin', now()) returning id`);
      return user!.id;
    });
    request.auditNote = { actor: body.name, actorId: id };
    return await startSession(id, request, reply, services);
  },

  async signIn({ body, request, reply, services }) {
    const id = await checkPassword(services.db, body.email, body.password, request.ip);
    const me = await startSession(id, request, reply, services);
    request.auditNote = { actor: me.user.name, actorId: id };
    return me;
  },

  async me({ caller, services: { db } }) {
    const me = await readMe(db, userOf(caller.userId), caller.csrf ?? '');
    // A token may be weaker than who made it.
    return { ...me, user: { ...me.user, role: caller.role ?? me.user.role, scope: caller.scope } };
  },

  async signOut({ caller, request, reply, services }) {
    if (caller.kind !== 'user') throw badRequest('A token has no session to end. Revoke it instead.', 'no-session');
    await endSession(request, services);
    closeStreams(services.live, caller);
    clearCookie(request, reply, services);
    return { ok: true as const };
  },

  async changeMe({ body, caller, services }) {
    const { db } = services;
    const id = userOf(caller.userId);
    if (caller.kind !== 'user') throw forbidden('A token cannot change whose it is. Sign in.', 'needs-session');
    if (body.password !== undefined) await changePassword(id, body.currentPassword, body.password, caller.csrf, services);
    if (body.name !== undefined) await db.run(sql`update users set name = ${body.name} where id = ${id}`);
    return await readMe(db, id, caller.csrf ?? '');
  },

  async oidcStart({ query, request, reply, services }) {
    try {
      return reply.redirect(await startOidc(query.to, request, reply, services), 303);
    } catch (error) {
      return tellPerson(error, reply);
    }
  },

  async oidcReturn({ request, reply, services }) {
    try {
      const { userId, name, to } = await finishOidc(request, reply, services);
      await startSession(userId, request, reply, services);
      request.auditNote = { actor: name, actorId: userId };
      return reply.redirect(to, 303);
    } catch (error) {
      if (error instanceof HttpProblem) request.auditNote = { detail: { failed: error.code } };
      return tellPerson(error, reply);
    }
  },
} satisfies Partial<Handlers>;

/** A person is looking, not a program: the console's page says what failed. */
function tellPerson(error: unknown, reply: FastifyReply): FastifyReply {
  if (!(error instanceof HttpProblem)) throw error;
  return reply.redirect(`/sign-in?signInError=${encodeURIComponent(error.detail)}`, 303);
}

function userOf(userId: string | null): string {
  if (userId === null) throw forbidden('Only users have an account.');
  return userId;
}

async function changePassword(id: string, current: string | undefined, password: string, csrf: string | null, services: Services): Promise<void> {
  const { db } = services;
  const user = await db.one<{ password_hash: string | null }>(sql`select password_hash from users where id = ${id}`);
  if (user?.password_hash == null) throw badRequest('This account signs in by the identity provider and has no password to change.', 'no-password');
  if (current === undefined || !(await verifyPassword(user.password_hash, current))) throw forbidden('The current password is wrong.', 'wrong-password');
  const hashed = await hashPassword(password);
  await db.transaction(async (tx) => {
    await tx.run(sql`update users set password_hash = ${hashed} where id = ${id}`);
    await endSessionsOf(tx, id, csrf);
  });
  await checkStreams(services);
}
