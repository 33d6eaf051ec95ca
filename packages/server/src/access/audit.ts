import { ROUTES, type RouteName } from '@plimsoll/model/api';
import type { FastifyRequest } from 'fastify';
import sql from 'sql-template-tag';
import type { Caller, Services } from '../context.ts';
import type { HttpProblem } from '../http/problems.ts';
import { json, plain } from '../ingest/values.ts';

/** The log of every change, and of every attempt to get in. Written here only, for all routes. */

/** What a handler knows better than the request says. */
export interface AuditNote {
  actor?: string;
  actorId?: string;
  subject?: string;
  detail?: Record<string, unknown>;
}

/** What sensors say all the time changes the inventory, not the set-up: events and histories have it. */
const NOT_AUDITED: ReadonlySet<RouteName> = new Set(['sensorReport', 'sensorWork', 'sensorRenew']);
/** Where a refusal is written as well. */
const ATTEMPTS: ReadonlySet<RouteName> = new Set(['signIn', 'setup', 'oidcReturn', 'sensorEnrol', 'changeMe']);

export async function auditSuccess(name: RouteName, request: FastifyRequest, answer: unknown, services: Services): Promise<void> {
  const changes = ROUTES[name].method !== 'GET' && !NOT_AUDITED.has(name);
  if (!changes && !request.auditNote) return;
  await write(name, request, { subject: subjectOf(request, answer), detail: detailOf(request) }, services);
}

export async function auditFailure(name: RouteName, request: FastifyRequest, problem: HttpProblem, services: Services): Promise<void> {
  // A request without the right shape tried nothing.
  if (!ATTEMPTS.has(name) || problem.status === 400 || problem.status >= 500) return;
  await write(name, request, { subject: subjectOf(request, undefined), detail: { ...detailOf(request), failed: problem.code } }, services);
}

async function write(action: RouteName, request: FastifyRequest, found: { subject: string; detail: Record<string, unknown> }, services: Services): Promise<void> {
  const { caller, auditNote: note } = request;
  const failed = { ...found.detail, ...note?.detail }['failed'] !== undefined;
  if (failed && caller.kind === 'nobody' && !mayBeNoted(services, `${action} ${caller.address}`)) return;
  const entry = {
    actor: plain(note?.actor ?? actorOf(caller)),
    actorId: note?.actorId ?? (caller.userId ?? (caller.kind === 'sensor' ? caller.id : null)),
    action,
    subject: plain(note?.subject ?? found.subject).slice(0, 300),
    address: caller.address,
    detail: redacted({ ...found.detail, ...note?.detail }),
  };
  try {
    await services.db.run(sql`
      insert into audit (actor, actor_id, action, subject, address, detail)
      values (${entry.actor}, ${entry.actorId}, ${entry.action}, ${entry.subject}, ${entry.address}, ${json(entry.detail)}::jsonb)`);
  } catch (error) {
    // The change is made; answering with a failure would have it made twice. The server's log keeps the entry.
    services.log.error({ err: error, audit: entry }, 'An entry could not be written to the audit log');
  }
}

/** Refusals of who is nobody that are written in a minute: of one action from one address, and of all. */
const NOTED_OF_ONE = 60;
const NOTED_OF_ALL = 120;

interface Noted {
  minute: number;
  all: number;
  of: Map<string, number>;
}
const noted = new WeakMap<Services, Noted>();

/** Entries stay for ever: who knocks at the door without end must not fill the disk by it. The server's log says what was left out. */
function mayBeNoted(services: Services, key: string, now = Date.now()): boolean {
  const minute = Math.floor(now / 60_000);
  let state = noted.get(services);
  if (state?.minute !== minute) {
    if (state && state.all > NOTED_OF_ALL) services.log.warn({ refused: state.all }, 'More was refused within a minute than the audit log notes');
    noted.set(services, (state = { minute, all: 0, of: new Map() }));
  }
  const ofOne = (state.of.get(key) ?? 0) + 1;
  if (ofOne === NOTED_OF_ONE + 1) services.log.warn({ refused: key }, 'The audit log leaves out what else is refused to this address within this minute');
  if (ofOne > NOTED_OF_ONE) {
    state.of.set(key, ofOne);
    return false;
  }
  if (++state.all > NOTED_OF_ALL) return false;
  state.of.set(key, ofOne);
  return true;
}

function actorOf({ kind, name }: Caller): string {
  if (kind === 'nobody') return 'nobody';
  return kind === 'user' ? name : `${kind} ${name}`;
}

function subjectOf(request: FastifyRequest, answer: unknown): string {
  const params = record(request.params);
  const given = [record(answer)['name'], record(request.body)['email'], record(request.body)['name'], params['entity']].find((value) => typeof value === 'string');
  return [given, params['id']].filter((part) => typeof part === 'string').join(' ');
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** What the caller asked for, but for secrets and bulk. */
function detailOf(request: FastifyRequest): Record<string, unknown> {
  return record(request.body);
}

const SECRET = /password|secret|token|credential|code|^sbom$/i;
const LONGEST = 300;

/** A short copy without secrets: what has a secret's name is left out, long texts and lists are cut. */
export function redacted(value: Record<string, unknown>, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value).slice(0, 40)) {
    Object.defineProperty(copy, key, { value: SECRET.test(key) ? '…' : short(item, depth), enumerable: true, configurable: true });
  }
  return copy;
}

function short(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= 3) return '…';
  if (Array.isArray(value)) {
    const kept = value.slice(0, 20).map((item) => short(item, depth + 1));
    return value.length > 20 ? [...kept, `… ${value.length} in all`] : kept;
  }
  return redacted(value as Record<string, unknown>, depth + 1);
}
