import { STATUS_CODES } from 'node:http';
import { InputError } from '@plimsoll/model';
import type { Problem } from '@plimsoll/model/api';
import { QueryError } from '@plimsoll/query';
import type { FastifyError, FastifyReply } from 'fastify';
import { z } from 'zod';
import { isConnectionLoss, isOutOfConnections } from '../storage/failures.ts';

type Position = NonNullable<Problem['position']>;
type Fields = NonNullable<Problem['fields']>;

/** A refusal that the caller may read: `detail` says what failed and what to do, `code` is for scripts. */
export class HttpProblem extends Error {
  override name = 'HttpProblem';
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly position: Position | undefined;
  readonly fields: Fields | undefined;
  /** Seconds after which it may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, detail: string, more: { position?: Position; fields?: Fields; retryAfter?: number; cause?: unknown } = {}) {
    super(detail, { cause: more.cause });
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.position = more.position;
    this.fields = more.fields;
    this.retryAfter = more.retryAfter;
  }
}

export function badRequest(detail: string, code = 'bad-request', fields?: Fields): HttpProblem {
  return new HttpProblem(400, code, detail, fields ? { fields } : {});
}

export function unauthenticated(detail = 'Sign in, or send an API token in the header Authorization.', code = 'not-signed-in'): HttpProblem {
  return new HttpProblem(401, code, detail);
}

export function forbidden(detail: string, code = 'forbidden'): HttpProblem {
  return new HttpProblem(403, code, detail);
}

/** Also for what the caller may not see: that it exists is nobody's business. `what`: "An image sha256:…". */
export function notFound(what: string, code = 'not-found'): HttpProblem {
  return new HttpProblem(404, code, `${what} does not exist, or you may not see it.`);
}

export function conflict(detail: string, code = 'conflict'): HttpProblem {
  return new HttpProblem(409, code, detail);
}

export function tooMany(detail: string, retryAfter: number, code = 'too-many-requests'): HttpProblem {
  return new HttpProblem(429, code, detail, { retryAfter });
}

/** What of an error may leave the house. Whatever nobody foresaw is a 500 that says nothing of the inside. */
export function asProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof QueryError) {
    const { from, to, expected } = error;
    return new HttpProblem(400, error.code, error.message, { position: { from, to, expected }, cause: error });
  }
  if (error instanceof InputError) return new HttpProblem(400, error.code, error.message, { cause: error });
  if (error instanceof z.ZodError) return invalid(error);
  return ofFramework(error) ?? ofDatabase(error) ?? new HttpProblem(500, 'internal', 'The server failed on this request. Its log says why, under the request’s id.', { cause: error });
}

/** How a person finds the field: `body.widgets.3.title`. */
function invalid(error: z.ZodError & { part?: string }): HttpProblem {
  const fields = error.issues.slice(0, 20).map((issue) => ({
    path: [error.part, ...issue.path.map(String)].filter((step) => step !== undefined).join('.').slice(0, 200),
    message: issue.message.slice(0, 300),
  }));
  const first = fields[0];
  return new HttpProblem(400, 'invalid', first ? `${first.path}: ${first.message}` : 'The request does not have the shape this route takes.', { fields, cause: error });
}

/** What Fastify itself refuses: its messages are made for callers and name nothing of ours. */
const FRAMEWORK: Record<string, [number, string, string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'body-too-large', 'The body is larger than this route takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'unsupported-media-type', 'Send the body as application/json.'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'invalid-json', 'The body is not JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'invalid-length', 'The body is not as long as Content-Length says.'],
  FST_ERR_BAD_URL: [400, 'invalid-url', 'The address has an escape that is none.'],
  FST_ERR_ASYNC_CONSTRAINT: [400, 'invalid-url', 'The address cannot be routed.'],
};

function ofFramework(error: unknown): HttpProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as Partial<FastifyError>;
  const known = code === undefined ? undefined : FRAMEWORK[code];
  if (known) return new HttpProblem(...known, { cause: error });
  if (error instanceof SyntaxError && statusCode === 400) return new HttpProblem(...FRAMEWORK.FST_ERR_CTP_INVALID_JSON_BODY!, { cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new HttpProblem(statusCode, 'refused', `The request was refused: ${STATUS_CODES[statusCode] ?? statusCode}.`, { cause: error });
  }
  return undefined;
}

/** What PostgreSQL calls text that it cannot keep: U+0000 in a text or in JSON. */
const NOT_STORABLE = new Set(['22021', '22P05']);
/** A statement was cancelled since it ran longer than one may. */
const CANCELLED = '57014';
const DISK_FULL = '53100';
/** Of a socket; files fail with the same codes. */
const NETWORK_CALLS = new Set(['connect', 'read', 'write', 'getaddrinfo']);

function ofDatabase(error: unknown): HttpProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall = 'connect' } = error as NodeJS.ErrnoException;
  if (code !== undefined && NOT_STORABLE.has(code)) {
    return new HttpProblem(400, 'invalid-text', 'The request has the character U+0000, which no text here may have.', { cause: error });
  }
  if (code === CANCELLED) return new HttpProblem(503, 'too-slow', 'This took the database too long. Ask for less, or narrow the query.', { cause: error });
  if (code === DISK_FULL) return new HttpProblem(503, 'disk-full', 'The database has no space left to write to. Somebody has to make room on its disk.', { retryAfter: 60, cause: error });
  if (isOutOfConnections(error)) return new HttpProblem(503, 'busy', 'The database has too much to do. Try again in a moment.', { retryAfter: 5, cause: error });
  if (isConnectionLoss(error) && NETWORK_CALLS.has(syscall)) {
    return new HttpProblem(503, 'database-unavailable', 'The database does not answer. Try again in a moment.', { retryAfter: 5, cause: error });
  }
  return undefined;
}

/** Problem details as RFC 9457 has them. */
export function problemBody(problem: HttpProblem): Problem {
  return {
    type: `urn:plimsoll:problem:${problem.code}`,
    title: STATUS_CODES[problem.status] ?? 'Error',
    status: problem.status,
    detail: problem.detail,
    code: problem.code,
    ...(problem.position && { position: problem.position }),
    ...(problem.fields && { fields: problem.fields }),
  };
}

export function sendProblem(reply: FastifyReply, problem: HttpProblem): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="plimsoll"');
  if (problem.retryAfter !== undefined) reply.header('retry-after', String(Math.max(1, Math.ceil(problem.retryAfter))));
  return reply.code(problem.status).type('application/problem+json').header('cache-control', 'no-store').send(JSON.stringify(problemBody(problem)));
}
