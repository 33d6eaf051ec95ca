import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Registry;
  }
}

/** Times every request by route, never by address: that would be a series for each image. */
export function addRequestMetrics(app: FastifyInstance): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'plimsoll_' });
  app.decorate('metrics', registry);
  const durations = new Histogram({
    name: 'plimsoll_http_request_duration_seconds',
    help: 'Time from the request’s head to the end of the answer, by route of the API.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10, 30],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.config.route ?? 'console';
    // Its time is how long a page stood open.
    if (route === 'live') return;
    durations.observe({ route, method: request.method, status: `${Math.floor(reply.statusCode / 100)}xx` }, reply.elapsedTime / 1000);
  });
}
