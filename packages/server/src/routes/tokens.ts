import type { ApiToken } from '@plimsoll/model/api';
import sql, { empty } from 'sql-template-tag';
import { isNarrower, isNoStronger } from '../access/permissions.ts';
import { API_TOKEN_PREFIX, hashToken, randomToken } from '../access/tokens.ts';
import type { Caller, Handlers } from '../context.ts';
import { badRequest, conflict, forbidden, notFound } from '../http/problems.ts';
import { checkStreams } from './live.ts';

interface TokenRow {
  id: string;
  name: string;
  prefix: string;
  role: ApiToken['role'];
  scope: string[] | null;
  owner: string;
  created_at: Date;
  expires_at: Date;
  last_used_at: Date | null;
  revoked: boolean;
}

const COLUMNS = sql`t.id, t.name, t.prefix, t.role, t.scope, u.name as owner, t.created_at, t.expires_at, t.last_used_at, t.revoked_at is not null as revoked`;
/** Enough to recognise a token by, far too little to guess the rest. */
const SHOWN = API_TOKEN_PREFIX.length + 6;
const MOST_TOKENS = 200;

function view({ created_at, expires_at, last_used_at, ...token }: TokenRow): ApiToken {
  return { ...token, created: created_at.toISOString(), expires: expires_at.toISOString(), lastUsed: last_used_at?.toISOString() ?? null };
}

/** An admin has all tokens in view; others their own. */
function mine(caller: Caller) {
  return caller.role === 'admin' ? empty : sql`and t.owner_id = ${caller.userId}`;
}

export const handlers = {
  async tokens({ caller, services: { db } }) {
    const rows = await db.query<TokenRow>(sql`
      select ${COLUMNS} from api_tokens t join users u on u.id = t.owner_id where true ${mine(caller)} order by t.created_at desc, t.id limit 5000`);
    return { items: rows.map(view) };
  },

  async tokenCreate({ body, caller, services: { db } }) {
    // What leaks would otherwise live on in the tokens it made.
    if (caller.kind !== 'user' || caller.role === null) throw forbidden('A token cannot make tokens. Sign in.', 'needs-session');
    if (!isNoStronger(body.role, caller.role)) throw forbidden(`A token with the role ${body.role} could do more than you, whose role is ${caller.role}.`, 'too-strong');
    if (!isNarrower(body.scope, caller.scope)) throw forbidden('A token cannot see more than you: give it tags of your own scope.', 'too-wide');
    if (body.role === 'admin' && body.scope !== null) throw badRequest('An admin sees everything: leave the scope empty, or choose the role manager.', 'scoped-admin');
    const secret = randomToken(API_TOKEN_PREFIX);
    const row = await db.one<TokenRow>(sql`
      with t as (
        insert into api_tokens (token_hash, prefix, name, owner_id, role, scope, expires_at)
        select ${hashToken(secret)}, ${secret.slice(0, SHOWN)}, ${body.name}, ${caller.userId}::uuid, ${body.role}, ${body.scope}::text[], now() + make_interval(days => ${body.days})
        where (select count(*) from api_tokens where owner_id = ${caller.userId} and revoked_at is null and expires_at > now()) < ${MOST_TOKENS}
        returning *)
      select ${COLUMNS} from t join users u on u.id = t.owner_id`);
    if (!row) throw conflict(`You have ${MOST_TOKENS} tokens. Revoke some first.`, 'too-many-tokens');
    return { token: view(row), secret };
  },

  async tokenRevoke({ params: { id }, caller, request, services }) {
    const row = await services.db.one<{ name: string }>(sql`
      update api_tokens t set revoked_at = coalesce(revoked_at, now()) where id = ${id} ${mine(caller)} returning name`);
    if (!row) throw notFound(`The token ${id}`);
    request.auditNote = { subject: `${row.name} ${id}` };
    await checkStreams(services);
    return { ok: true as const };
  },
} satisfies Partial<Handlers>;
