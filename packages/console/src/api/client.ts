import type { Given, Parsed, PageOf, Problem, ROUTES, RouteName, RowOf } from '@plimsoll/model/api';
import { PATHS } from './paths.generated.ts';

type Spec<N extends RouteName> = (typeof ROUTES)[N];
type Part<S, K extends string> = S extends Record<K, infer V> ? Given<V> : undefined;
/** A part is asked for when the route has it, and may be left out when all of it may. */
type Ask<K extends string, P> = [P] extends [undefined] ? unknown : object extends P ? { [k in K]?: P } : { [k in K]: P };

/** What a call of a route takes: `params`, `query` and `body` as the route has them. */
export type CallOptions<N extends RouteName> = Ask<'params', Part<Spec<N>, 'params'>> &
  Ask<'query', Part<Spec<N>, 'query'>> &
  Ask<'body', Part<Spec<N>, 'body'>> & { signal?: AbortSignal };
export type Answer<N extends RouteName> = Parsed<Spec<N>['response']>;

interface AnyOptions {
  params?: object;
  query?: object;
  body?: unknown;
  signal?: AbortSignal;
}

/** What the server refused, or a network that failed (`status` 0). `problem.detail` is for people. */
export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiError';
    this.problem = problem;
  }
  get status(): number {
    return this.problem.status;
  }
}

const CSRF_HEADER = 'x-csrf-token';
let csrf: string | null = null;
let signedOut: () => void = () => undefined;

/** The session tells what to send back with every change. */
export function setCsrf(token: string | null): void {
  csrf = token;
}
/** Called when the server no longer knows the session. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

/** Fills `{id}` and adds the query; undefined values are left out. */
export function urlOf(name: RouteName, options: { params?: object; query?: object } = {}): string {
  const params = new Map(Object.entries(options.params ?? {}));
  const path = PATHS[name][1].replace(/\{(\w+)\}/g, (_, key: string) => {
    if (!params.has(key)) throw new Error(`${name} needs the parameter ${key}`);
    return encodeURIComponent(String(params.get(key)));
  });
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

function failure(status: number, code: string, title: string, detail: string): ApiError {
  return new ApiError({ type: `urn:plimsoll:problem:${code}`, title, status, detail, code });
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'detail' in value && 'code' in value && 'status' in value;
}

/** @throws {ApiError} for every answer that is not a success, and when none came. */
export async function request(name: RouteName, options: AnyOptions = {}): Promise<unknown> {
  const method = PATHS[name][0];
  const headers: Record<string, string> = { accept: 'application/json' };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET' && csrf !== null) headers[CSRF_HEADER] = csrf;
  let response: Response;
  try {
    response = await fetch(urlOf(name, options), {
      method,
      headers,
      credentials: 'same-origin',
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw failure(0, 'unreachable', 'No connection', 'The server does not answer. Check that it runs and that you are connected.');
  }
  const text = await response.text();
  let answer: unknown = null;
  try {
    answer = text === '' ? null : JSON.parse(text);
  } catch {
    throw failure(response.status, 'not-json', 'Unexpected answer', `The server answered ${response.status} with something that is not JSON. Is a proxy in between?`);
  }
  if (response.ok) return answer;
  if (response.status === 401 && name !== 'signIn' && name !== 'me') signedOut();
  throw isProblem(answer)
    ? new ApiError(answer)
    : failure(response.status, 'unexpected', response.statusText || 'Error', `The server answered ${response.status}.`);
}

/**
 * Calls a route by its name: `await api('image', { params: { id }, signal })`. Answers are typed by the
 * route's schema; the server validates what it sends, so the client does not again.
 */
export function api<N extends RouteName>(name: N, ...[options]: object extends CallOptions<N> ? [CallOptions<N>?] : [CallOptions<N>]): Promise<Answer<N>> {
  return request(name, options as AnyOptions | undefined) as Promise<Answer<N>>;
}

/** Rows of an entity that a query matches, in the entity's own shape. */
export function searchRows<E extends keyof RowOf>(
  entity: E,
  query: { query?: string; sort?: string; offset?: number; limit?: number },
  signal?: AbortSignal,
): Promise<PageOf<RowOf[E]>> {
  return request('search', { params: { entity }, query, ...(signal ? { signal } : {}) }) as Promise<PageOf<RowOf[E]>>;
}
