import type { User } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import { hashPassword } from '../access/passwords.ts';
import { endSessionsOf } from '../access/sessions.ts';
import type { Handlers, Queryable } from '../context.ts';
import { badRequest, conflict, notFound } from '../http/problems.ts';
import { checkStreams } from './live.ts';

interface UserRow {
  id: string;
  name: string;
  email: string;
  role: User['role'];
  scope: string[] | null;
  disabled: boolean;
  locked: boolean;
  oidc: boolean;
  created_at: Date;
  last_sign_in_at: Date | null;
}

const COLUMNS = sql`id, name, email, role, scope, disabled, coalesce(locked_until > now(), false) as locked,
  oidc_subject is not null as oidc, created_at, last_sign_in_at`;

function view({ created_at, last_sign_in_at, ...user }: UserRow): User {
  return { ...user, created: created_at.toISOString(), lastSignIn: last_sign_in_at?.toISOString() ?? null };
}

/** What a scope hides an admin could show: so there is no such thing. */
function refuseScopedAdmin(role: string, scope: string[] | null): void {
  if (role === 'admin' && scope !== null) throw badRequest('An admin sees everything: leave the scope empty, or choose the role manager.', 'scoped-admin');
}

/** Every change that could take the last admin away asks this within its transaction, one at a time. */
async function keepAnAdmin(tx: Queryable): Promise<void> {
  const row = await tx.one(sql`select from users where role = 'admin' and not disabled limit 1`);
  if (!row) throw conflict('This is the last admin. Make another one first.', 'last-admin');
}

/** Two admins who remove each other at once must not both succeed. */
async function lockAdmins(tx: Queryable): Promise<void> {
  await tx.query(sql`select id from users where role = 'admin' order by id for update`);
}

export const handlers = {
  async users({ services: { db } }) {
    const rows = await db.query<UserRow>(sql`select ${COLUMNS} from users order by lower(name), id`);
    return { items: rows.map(view) };
  },

  async userCreate({ body, services: { db } }) {
    refuseScopedAdmin(body.role, body.scope);
    const hashed = await hashPassword(body.password);
    const row = await db.one<UserRow>(sql`
      insert into users (name, email, password_hash, role, scope) values (${body.name}, ${body.email}, ${hashed}, ${body.role}, ${body.scope})
      on conflict (email) do nothing returning ${COLUMNS}`);
    if (!row) throw conflict(`There is a user with the address ${body.email} already.`, 'email-taken');
    return view(row);
  },

  async userChange({ params: { id }, body, services }) {
    const hashed = body.password === undefined ? null : await hashPassword(body.password);
    const changed = await services.db.transaction(async (tx) => {
      await lockAdmins(tx);
      const before = await tx.one<UserRow>(sql`select ${COLUMNS} from users where id = ${id} for update`);
      if (!before) throw notFound(`The user ${id}`);
      const { name, role, scope, disabled } = { ...before, ...body };
      refuseScopedAdmin(role, scope);
      const row = await tx.one<UserRow>(sql`
        update users set name = ${name}, role = ${role}, scope = ${scope}, disabled = ${disabled},
          password_hash = coalesce(${hashed}, password_hash),
          failed_attempts = case when ${body.unlock === true || hashed !== null} then 0 else failed_attempts end,
          locked_until = case when ${body.unlock === true || hashed !== null} then null else locked_until end
        where id = ${id} returning ${COLUMNS}`);
      await keepAnAdmin(tx);
      const isOther = role !== before.role || disabled !== before.disabled || JSON.stringify(scope) !== JSON.stringify(before.scope);
      if (isOther || hashed !== null) await endSessionsOf(tx, id);
      return view(row!);
    });
    await checkStreams(services);
    return changed;
  },

  async userDelete({ params: { id }, request, services }) {
    const gone = await services.db.transaction(async (tx) => {
      await lockAdmins(tx);
      const row = await tx.one<{ email: string }>(sql`delete from users where id = ${id} returning email`);
      if (!row) throw notFound(`The user ${id}`);
      await keepAnAdmin(tx);
      return row;
    });
    request.auditNote = { subject: `${gone.email} ${id}` };
    await checkStreams(services);
    return { ok: true as const };
  },
} satisfies Partial<Handlers>;
