import type { FastifyInstance } from 'fastify';

/** What every answer carries, so that a person can name a request to who reads the log. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** One line for each request, when it is answered. Query strings are left out: they can hold codes of sign-ins. */
export function addRequestLog(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header(REQUEST_ID_HEADER, request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { route } = request.routeOptions.config;
    const line = {
      route,
      method: request.method,
      path: request.url.split('?')[0]!.slice(0, 300),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      caller: `${request.caller.kind}:${request.caller.id}`,
      address: request.ip,
    };
    const quiet = route === undefined || route === 'health' || route === 'ready' || route === 'metrics' || request.caller.kind === 'sensor';
    request.log[quiet ? 'debug' : 'info'](line, 'request');
  });
}
