import type { Role } from '@plimsoll/model/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import sql from 'sql-template-tag';
import { effectiveRole, narrowest } from '../access/permissions.ts';
import type { Caller, Live, LiveChange, Services } from '../context.ts';
import { tooMany } from '../http/problems.ts';

/** Changes as server-sent events, to the browsers that listen to this process. */

/** Keeps proxies from closing a silent connection, and is when a stream's right to be is asked again. */
const HEARTBEAT_MS = 20_000;
const MOST_CLIENTS = 1000;
const MOST_FOR_ONE_CALLER = 20;
/** More ids than this are "many": the listener asks anew instead. */
const MOST_IDS = 200;
/** A browser that reads nothing for so long is gone. */
const STALLED_MS = 60_000;

interface Client {
  caller: Caller;
  reply: FastifyReply;
  /** What is to be told once the socket takes more: at most one entry for each topic. */
  pending: Map<LiveChange['topic'], Set<string> | 'many'>;
  stalledSince: number | undefined;
}

interface Hub {
  clients: Set<Client>;
  stop: () => void;
}
const hubs = new Map<Live, Hub>();

/** Answers a request with a stream that ends when the caller may listen no more, goes away, or the server stops. */
export function openStream(request: FastifyRequest, reply: FastifyReply, caller: Caller, services: Services): FastifyReply {
  const hub = hubs.get(services.live) ?? startHub(services);
  const own = [...hub.clients].filter((client) => client.caller.kind === caller.kind && client.caller.id === caller.id).length;
  if (hub.clients.size >= MOST_CLIENTS || own >= MOST_FOR_ONE_CALLER) throw tooMany('Too many pages listen for changes. Close some.', 60, 'too-many-streams');
  const client: Client = { caller, reply, pending: new Map(), stalledSince: undefined };
  hub.clients.add(client);
  reply.hijack();
  const headers = reply.getHeaders();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) reply.raw.setHeader(name, value);
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  reply.raw.write('retry: 3000\n\n');
  reply.raw.on('drain', () => flush(client));
  reply.raw.on('error', () => undefined);
  request.raw.socket.setKeepAlive(true);
  reply.raw.on('close', () => {
    hub.clients.delete(client);
    if (hub.clients.size === 0) hub.stop();
  });
  return reply;
}

/** Ends the streams of a caller who signed out; all of this process when none is told. */
export function closeStreams(live: Live, of?: Caller): void {
  for (const client of hubs.get(live)?.clients ?? []) {
    if (of === undefined || (client.caller.id === of.id && client.caller.csrf === of.csrf)) client.reply.raw.end();
  }
}

function startHub(services: Services): Hub {
  const { live } = services;
  const clients = new Set<Client>();
  const unsubscribe = live.subscribe((change) => {
    for (const client of clients) tell(client, change);
  });
  const beat = setInterval(() => {
    void endWhoMayNoMore(services, clients);
    for (const client of clients) {
      if (client.stalledSince !== undefined && Date.now() - client.stalledSince > STALLED_MS) client.reply.raw.destroy();
      else if (client.stalledSince === undefined) send(client, ': still here\n\n');
    }
  }, HEARTBEAT_MS);
  beat.unref();
  const hub: Hub = {
    clients,
    stop() {
      clearInterval(beat);
      unsubscribe();
      hubs.delete(live);
    },
  };
  hubs.set(live, hub);
  return hub;
}

function tell(client: Client, { topic, ids }: LiveChange): void {
  const pending = client.pending.get(topic);
  // Who sees only some assets learns that something changed, not what.
  if (client.caller.scope !== null || ids === undefined || pending === 'many') client.pending.set(topic, 'many');
  else {
    const all = new Set([...(pending ?? []), ...ids]);
    client.pending.set(topic, all.size > MOST_IDS ? 'many' : all);
  }
  flush(client);
}

function flush(client: Client): void {
  if (client.reply.raw.writableNeedDrain) return;
  client.stalledSince = undefined;
  for (const [topic, ids] of client.pending) {
    client.pending.delete(topic);
    const change: LiveChange = ids === 'many' ? { topic } : { topic, ids: [...ids] };
    if (!send(client, `event: change\ndata: ${JSON.stringify(change)}\n\n`)) return;
  }
}

function send(client: Client, text: string): boolean {
  const goesOn = client.reply.raw.write(text);
  if (!goesOn) client.stalledSince ??= Date.now();
  return goesOn;
}

/** Asks at once, and not only at the next sign of life, whose streams may go on: somebody's access was changed. */
export async function checkStreams(services: Services): Promise<void> {
  const hub = hubs.get(services.live);
  if (hub) await endWhoMayNoMore(services, hub.clients);
}

interface Standing {
  key: string;
  role: Role | null;
  scope: string[] | null;
}

/** Sessions end, tokens are revoked, roles and scopes change: asked for all at once. The console comes back by itself if it may. */
async function endWhoMayNoMore({ db, log }: Services, clients: ReadonlySet<Client>): Promise<void> {
  try {
    const asked = [...clients];
    const users = await db.query<Standing>(sql`
      select s.csrf as key, u.role, u.scope from sessions s join users u on u.id = s.user_id
      where s.csrf = any(${asked.map(({ caller }) => caller.csrf).filter((csrf) => csrf !== null)}::text[]) and s.expires_at > now() and not u.disabled`);
    const tokens = await db.query<{ key: string; role: Role; scope: string[] | null; owner_role: Role; owner_scope: string[] | null }>(sql`
      select t.id as key, t.role, t.scope, u.role as owner_role, u.scope as owner_scope from api_tokens t join users u on u.id = t.owner_id
      where t.id = any(${asked.filter(({ caller }) => caller.kind === 'token').map(({ caller }) => caller.id)}::uuid[]) and t.revoked_at is null and t.expires_at > now() and not u.disabled`);
    const today = new Map<string, Standing>(users.map((user) => [user.key, user]));
    for (const { key, role, scope, owner_role, owner_scope } of tokens) {
      today.set(key, { key, role: effectiveRole(role, owner_role), scope: narrowest(scope, owner_scope) });
    }
    for (const { caller, reply } of asked) {
      const standing = today.get(caller.csrf ?? caller.id);
      if (standing?.role !== caller.role || JSON.stringify(standing?.scope) !== JSON.stringify(caller.scope)) reply.raw.end();
    }
  } catch (error) {
    log.warn({ err: error }, 'listeners not checked');
  }
}
