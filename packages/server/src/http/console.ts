import staticFiles from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Services } from '../context.ts';
import { unknownAddress } from './app.ts';
import { sendProblem } from './problems.ts';

/** Names with a hash of the content, as the console's build writes them: they never change. */
const HASHED = /^\/assets\/[^?]*-[A-Za-z0-9_-]{8,}\.\w+$/;
const YEAR = 31_536_000_000;

/** The console's files; every address that is one of its pages gets `index.html`. All else is a 404. */
export async function addConsole(app: FastifyInstance, { config, log }: Services): Promise<void> {
  app.setNotFoundHandler((request, reply) => sendProblem(reply, unknownAddress(request)));
  if (config.consoleDir === undefined) return;
  if (!existsSync(join(config.consoleDir, 'index.html'))) {
    log.warn({ folder: config.consoleDir }, 'There is no built console in this folder: the API is served alone');
    return;
  }
  await app.register(staticFiles, { root: config.consoleDir, serve: false, cacheControl: false, dotfiles: 'deny' });
  app.get('/*', { config: { console: true } }, (request, reply) => {
    const path = request.url.split('?')[0]!;
    if (isPage(path, request)) return reply.header('cache-control', 'no-cache').sendFile('index.html');
    if (path.startsWith('/api/') || !/\.\w+$/.test(path)) return sendProblem(reply, unknownAddress(request));
    if (HASHED.test(path)) return reply.sendFile(path.slice(1), { cacheControl: true, maxAge: YEAR, immutable: true });
    return reply.header('cache-control', 'no-cache').sendFile(path.slice(1));
  });
}

/** Pages have no ending, but for names of images and the like in them: `/images/shop.example%2Fapp:1.2`. */
function isPage(path: string, request: FastifyRequest): boolean {
  if (path === '/' || path === '/index.html') return true;
  if (path.startsWith('/api/') || path.startsWith('/assets/')) return false;
  return request.headers.accept?.includes('text/html') ?? false;
}
