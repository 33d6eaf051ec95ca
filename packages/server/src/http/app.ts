import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import { ROUTES, type RouteName, type RouteSpec } from '@plimsoll/model/api';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { auditFailure, auditSuccess, type AuditNote } from '../access/audit.ts';
import { nobody } from '../access/callers.ts';
import { addGuard, LIMITS, type Limits } from '../access/guard.ts';
import type { Call, Caller, Handlers, Services } from '../context.ts';
import { isNestedDeeper } from '../nesting.ts';
import { addConsole } from './console.ts';
import { addHeaders } from './headers.ts';
import { addRequestMetrics } from './metrics.ts';
import { asProblem, badRequest, HttpProblem, notFound, sendProblem } from './problems.ts';
import { addRequestLog } from './request-log.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route of the API. Every route has this or `console`. */
    route?: RouteName;
    /** Serves the console's files, which are no secret. */
    console?: true;
  }
  interface FastifyInstance {
    /** Aborts when the server begins to stop: nothing should be waited for any more. */
    stopping: AbortSignal;
  }
  interface FastifyRequest {
    caller: Caller;
    auditNote: AuditNote | null;
  }
}

export interface AppOptions {
  /** Hold every answer to its route's schema: for tests and development. */
  checkAnswers?: boolean;
  limits?: Partial<Limits>;
}

const MIB = 1024 * 1024;
/** Levels of arrays and objects. What a sensor reports has about ten. */
const DEEPEST_BODY = 64;
type Part = 'params' | 'querystring' | 'body';

/** The HTTP server over some handlers; routes without one are left out. */
export async function buildApp(services: Services, handlers: Partial<Handlers>, { checkAnswers = false, limits = {} }: AppOptions = {}): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    loggerInstance: services.log as FastifyBaseLogger,
    // `request-log.ts` writes the lines.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    // One proxy, the nearest: what a caller puts into X-Forwarded-For itself is further away and not believed.
    trustProxy: services.config.trustProxy && ((_address: string, hop: number) => hop < 1),
    bodyLimit: MIB,
    requestTimeout: 120_000,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 1000 },
    http: { maxHeaderSize: 32 * 1024, headersTimeout: 20_000 },
    frameworkErrors: (error, _request, reply) => sendProblem(reply as unknown as FastifyReply, asProblem(error)),
  });
  app.decorateRequest('auditNote', null);
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    request.caller = nobody(request.ip);
  });
  app.addHook('onRoute', ({ config, method, url }) => {
    if (!config?.route && !config?.console) throw new Error(`${String(method)} ${url} is in no table: nobody would decide who may call it.`);
  });

  addRequestLog(app);
  addRequestMetrics(app);
  await addHeaders(app, services);
  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  await app.register(compress, { global: true, globalDecompression: false, threshold: 1024 });
  addGuard(app, services, { ...LIMITS, ...limits });
  readBodiesAsJson(app);
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data: unknown) => {
    const result = schema.safeParse(data ?? (httpPart === 'body' ? undefined : {}));
    if (result.success) return { value: result.data };
    return { error: Object.assign(result.error, { part: httpPart }) };
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = asProblem(error);
    if (problem.status >= 500) request.log.error({ err: problem.cause ?? error, route: request.routeOptions.config.route }, 'Request failed');
    return sendProblem(reply, problem);
  });

  const streams = endStreamsOnClose(app);
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    if (handlers[name]) addRoute(app, name, handlers, { services, checkAnswers, streams });
  }
  await addConsole(app, services);
  return app;
}

/**
 * JSON is all that is read; an empty body is none. Keys that reach for a prototype are left out rather than refused:
 * one such label on one container must not keep all that its sensor reports from coming in.
 */
function readBodiesAsJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('remove', 'remove');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else if (isNestedDeeper(body as string, DEEPEST_BODY)) done(badRequest(`The body is nested deeper than ${DEEPEST_BODY} levels.`, 'too-deep'));
    else parse(request, body as string, done);
  });
}

/** Streams of events have no end of their own, and sensors wait long for work; waiting for them would hold up the server's. */
function endStreamsOnClose(app: FastifyInstance): Set<ServerResponse> {
  const streams = new Set<ServerResponse>();
  const stopping = new AbortController();
  app.decorate('stopping', stopping.signal);
  app.addHook('preClose', async () => {
    stopping.abort();
    for (const stream of streams) stream.end();
  });
  return streams;
}

interface Around {
  services: Services;
  checkAnswers: boolean;
  streams: Set<ServerResponse>;
}

function addRoute(app: FastifyInstance, name: RouteName, handlers: Partial<Handlers>, { services, checkAnswers, streams }: Around): void {
  const spec: RouteSpec = ROUTES[name];
  // The table of handlers is checked by type; here one of them meets the request of its own route.
  const handler = handlers[name] as unknown as (call: Call<RouteName>) => Promise<unknown>;
  const schema: Partial<Record<Part, z.ZodType>> = {};
  if (spec.params) schema.params = spec.params;
  if (spec.query) schema.querystring = spec.query;
  if (spec.body) schema.body = spec.body;

  app.route({
    method: spec.method,
    url: spec.path.replace(/\{(\w+)\}/g, ':$1'),
    schema,
    bodyLimit: spec.bodyLimit ?? MIB,
    config: { route: name },
    ...(spec.produces === 'text/event-stream' && { compress: false as const }),
    handler: async (request, reply) => {
      if (spec.produces === 'text/event-stream') {
        streams.add(reply.raw);
        reply.raw.once('close', () => streams.delete(reply.raw));
      }
      const answer = await attempt(name, handler, request, reply, services);
      if (answer === reply || reply.sent) return reply;
      if (spec.produces === undefined && checkAnswers) check(name, spec, answer);
      if (answer === null || answer === undefined) return reply.code(reply.statusCode === 200 ? 204 : reply.statusCode).send();
      return answer;
    },
  });
}

async function attempt(name: RouteName, handler: (call: Call<RouteName>) => Promise<unknown>, request: FastifyRequest, reply: FastifyReply, services: Services): Promise<unknown> {
  const { params, query, body, caller } = request as FastifyRequest & Pick<Call<RouteName>, 'params' | 'query' | 'body'>;
  try {
    const answer = await handler({ params, query, body, caller, request, reply, services });
    await auditSuccess(name, request, answer, services);
    return answer;
  } catch (error) {
    await auditFailure(name, request, asProblem(error), services);
    throw error;
  }
}

function check(name: RouteName, spec: RouteSpec, answer: unknown): void {
  const result = spec.response.safeParse(answer);
  if (!result.success) throw new HttpProblem(500, 'internal', `The answer of ${name} is not what its schema says.`, { cause: result.error });
}

/** For addresses below /api and others that no route has. */
export function unknownAddress(request: FastifyRequest): HttpProblem {
  return notFound(`${request.method} ${request.url.split('?')[0]!.slice(0, 200)}`, 'no-such-route');
}
