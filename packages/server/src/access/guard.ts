import { ROUTES, type RouteName } from '@plimsoll/model/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Services } from '../context.ts';
import { forbidden, tooMany, unauthenticated } from '../http/problems.ts';
import { identify, type Identified } from './callers.ts';
import { decide } from './permissions.ts';
import { sameSecret } from './tokens.ts';

/** The one place where a request is let in. It runs before a body is read. */

export interface Limits {
  /** Calls a minute of one caller, or of one address for who is nobody. */
  calls: number;
  /** Refused tokens and cookies a minute of one address. */
  failures: number;
  /** Attempts a minute of one address where a password or the set-up code is asked for. */
  attempts: number;
  /** The same where only what was made at random is taken: a fleet enrols, or an office signs in, from one address. */
  arrivals: number;
}

/** Far above what the console and sensors do; counted in each process by itself. */
export const LIMITS: Limits = { calls: 12_000, failures: 60, attempts: 20, arrivals: 600 };

const ATTEMPTS: ReadonlySet<RouteName> = new Set(['setup', 'signIn', 'changeMe']);
const ARRIVALS: ReadonlySet<RouteName> = new Set(['sensorEnrol', 'oidcStart', 'oidcReturn']);

const MINUTE = 60_000;

/** Adds the hook. Needs @fastify/cookie and @fastify/rate-limit. */
export function addGuard(app: FastifyInstance, services: Services, limits: Limits): void {
  const counter = (max: number, key: (request: FastifyRequest) => string) => app.createRateLimit({ max, timeWindow: MINUTE, keyGenerator: key });
  const calls = counter(limits.calls, ({ caller }) => `${caller.kind}:${caller.id || caller.address}`);
  const failures = counter(limits.failures, (request) => request.ip);
  const byRouteAndAddress = (request: FastifyRequest): string => `${request.routeOptions.config.route}:${request.ip}`;
  const attempts = counter(limits.attempts, byRouteAndAddress);
  const arrivals = counter(limits.arrivals, byRouteAndAddress);

  const count = async (limit: ReturnType<typeof counter>, request: FastifyRequest, what: string): Promise<void> => {
    const result = await limit(request);
    if (!result.isAllowed && result.isExceeded) throw tooMany(`${what} Try again in ${result.ttlInSeconds} s.`, result.ttlInSeconds);
  };

  app.addHook('onRequest', async (request) => {
    const { route } = request.routeOptions.config;
    if (route === undefined) return;
    const identified = await identify(request, services);
    request.caller = identified.caller;
    if (identified.by === 'invalid') await count(failures, request, 'Too many credentials that do not hold.');
    await count(calls, request, 'Too many requests.');
    if (ATTEMPTS.has(route)) await count(attempts, request, 'Too many attempts.');
    if (ARRIVALS.has(route)) await count(arrivals, request, 'Too many attempts.');
    refuseForgery(request, identified, route, services);
    const decision = decide(identified.caller, route);
    if (decision === 'unknown-caller') throw unknownCaller(identified);
    if (decision === 'denied') throw forbidden(whyDenied(identified, route));
  });
}

function unknownCaller({ by }: Identified): Error {
  if (by === 'invalid') return unauthenticated('The token or session is not known, has expired or was revoked. Sign in again, or use a new token.', 'credential-refused');
  return unauthenticated();
}

function whyDenied({ caller }: Identified, route: RouteName): string {
  const { needs, summary } = ROUTES[route];
  const scoped = caller.scope === null ? '' : ', with a scope of tags,';
  return `“${summary}” needs the permission ${needs}, which the role ${caller.role}${scoped} does not have for it.`;
}

/**
 * Another site can make a browser send a request with the session's cookie, but cannot make it send the session's
 * CSRF token, nor hide where the request comes from. Signing in has no session yet; there the origin must do, or
 * somebody could be signed in as somebody else.
 */
function refuseForgery(request: FastifyRequest, { by, caller }: Identified, route: RouteName, services: Services): void {
  if (request.method === 'GET' || by === 'bearer') return;
  if (!fromOurPages(request, services)) throw forbidden('The request comes from a page of another site.', 'other-origin');
  if (by !== 'session' || ROUTES[route].needs === 'public') return;
  const given = request.headers['x-csrf-token'];
  if (typeof given !== 'string' || !sameSecret(given, caller.csrf ?? '')) {
    throw forbidden('The header x-csrf-token must hold what GET /api/v1/session answers as csrf.', 'csrf');
  }
}

/** Programs send neither header; browsers send both with whatever is not a GET, and pages cannot change them. */
function fromOurPages(request: FastifyRequest, { config }: Services): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin } = request.headers;
  if (origin === undefined) return true;
  if (config.publicUrl !== undefined && origin === new URL(config.publicUrl).origin) return true;
  if (!URL.canParse(origin)) return false;
  const { protocol, host } = new URL(origin);
  const ours = `${protocol}//${request.host}`;
  return URL.canParse(ours) && new URL(ours).host === host;
}
