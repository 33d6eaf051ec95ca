import type { Role } from '@plimsoll/model/api';
import type { FastifyRequest } from 'fastify';
import sql from 'sql-template-tag';
import type { Caller, Services } from '../context.ts';
import { authenticateSensor } from '../ingest/credentials.ts';
import { effectiveRole, narrowest } from './permissions.ts';
import { findSession } from './sessions.ts';
import { API_TOKEN_PREFIX, hashToken, SENSOR_CREDENTIAL_PREFIX } from './tokens.ts';

/** How a caller said who they are. `invalid`: by something that does not hold, or no longer. */
export interface Identified {
  caller: Caller;
  by: 'nothing' | 'session' | 'bearer' | 'invalid';
}

/** Tokens are long enough for 512 bits; whatever is longer was not made here. */
const LONGEST_TOKEN = 200;

/** Who calls, by session cookie, API token or sensor credential. */
export async function identify(request: FastifyRequest, services: Services): Promise<Identified> {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
    const caller = token !== undefined && token.length <= LONGEST_TOKEN ? await byToken(token, request.ip, services) : undefined;
    return caller ? { caller, by: 'bearer' } : { caller: nobody(request.ip), by: 'invalid' };
  }
  const session = await findSession(request, services);
  if (session === undefined) return { caller: nobody(request.ip), by: 'nothing' };
  if (session === null) return { caller: nobody(request.ip), by: 'invalid' };
  return { caller: session, by: 'session' };
}

export function nobody(address: string): Caller {
  return { kind: 'nobody', id: '', userId: null, name: '', role: null, scope: null, csrf: null, hostId: null, address };
}

async function byToken(token: string, address: string, services: Services): Promise<Caller | undefined> {
  if (token.startsWith(SENSOR_CREDENTIAL_PREFIX)) return await bySensorCredential(token, address, services);
  if (token.startsWith(API_TOKEN_PREFIX)) return await byApiToken(token, address, services);
  return undefined;
}

interface TokenRow {
  id: string;
  name: string;
  role: Role;
  scope: string[] | null;
  stale: boolean;
  owner_id: string;
  owner_role: Role;
  owner_scope: string[] | null;
}

async function byApiToken(token: string, address: string, { db }: Services): Promise<Caller | undefined> {
  const row = await db.one<TokenRow>(sql`
    select t.id, t.name, t.role, t.scope, coalesce(t.last_used_at < now() - interval '1 minute', true) as stale,
           u.id as owner_id, u.role as owner_role, u.scope as owner_scope
    from api_tokens t join users u on u.id = t.owner_id
    where t.token_hash = ${hashToken(token)} and t.revoked_at is null and t.expires_at > now() and not u.disabled`);
  if (!row) return undefined;
  // A token never does more than its owner may today, whatever the owner was when making it.
  const role = effectiveRole(row.role, row.owner_role);
  if (role === null) return undefined;
  if (row.stale) await db.run(sql`update api_tokens set last_used_at = now() where id = ${row.id}`);
  return {
    kind: 'token', id: row.id, userId: row.owner_id, name: row.name, role,
    scope: narrowest(row.scope, row.owner_scope), csrf: null, hostId: null, address,
  };
}

async function bySensorCredential(credential: string, address: string, services: Services): Promise<Caller | undefined> {
  const sensor = await authenticateSensor(services.db, credential);
  return sensor && {
    kind: 'sensor', id: sensor.sensorId, userId: null, name: sensor.hostName, role: 'sensor', scope: null, csrf: null, hostId: sensor.hostId, address,
  };
}
