import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { ENTITIES, ROUTES } from '@plimsoll/model/api';
import type { EntityName, RouteName } from '@plimsoll/model/api';
import { hasTerm, parse, QueryError, tokenize } from '@plimsoll/query/syntax';
import * as details from './details.fixtures.ts';
import { ROW, TOTALS, uuidOf } from './inventory.fixtures.ts';

/**
 * The built console with made-up answers, for tests in a browser and screenshots. Every answer goes through its
 * route's schema, so that they cannot drift from the contract.
 */

export interface FixtureServer {
  url: string;
  /** What was asked, in order: `GET /api/v1/…`. */
  asked: string[];
  close: () => Promise<void>;
}

/** Other answers for a test: by route. */
export type Answers = Partial<Record<RouteName, (request: { params: Record<string, string>; query: URLSearchParams; body: unknown }) => unknown>>;

class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;
  constructor(status: number, code: string, title: string, detail: string, more: object = {}) {
    super(detail);
    this.status = status;
    this.body = { type: `urn:plimsoll:problem:${code}`, title, status, detail, code, ...more };
  }
}
export function refuse(status: number, code: string, title: string, detail: string, more: object = {}): never {
  throw new Refusal(status, code, title, detail, more);
}

const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
export const CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

function checked(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof QueryError) refuse(400, error.code, 'The query cannot be read', error.message, { position: { from: error.from, to: error.to, expected: error.expected } });
    throw error;
  }
  const unknown = tokenize(text).find((token) => token.kind === 'field' && /^nosuch/.test(text.slice(token.from, token.to)));
  if (unknown) refuse(400, 'query-field', 'The query cannot be read', `Character ${unknown.from + 1}: there is no field "${text.slice(unknown.from, unknown.to)}" here.`, { position: { from: unknown.from, to: unknown.to, expected: ['name', 'state', 'created'] } });
  return text;
}

const me = { user: { id: uuidOf(1), name: 'Ada Palmer', email: 'ada@example.com', role: 'admin', scope: null }, csrf: 'csrf' };

const VALUES: readonly (readonly [name: string, title: string, values: readonly string[]])[] = [
  ['state', 'State', ['running', 'exited', 'paused']],
  ['severity', 'Severity', ['5', '4', '3', '2', '1']],
  ['repo.registry', 'Registry', ['docker.io', 'ghcr.io', 'registry.example.com', 'quay.io']],
  ['host', 'Host', ['prod-web-01', 'prod-web-02', 'prod-db-01', 'staging-01', 'ci-runner-07']],
  ['operatingSystem', 'Operating system', ['Debian GNU/Linux 12 (bookworm)', 'Ubuntu 24.04.1 LTS', 'Red Hat Enterprise Linux 9.4']],
  ['tag', 'Tag', ['production', 'pci', 'team-payments', 'staging']],
  ['label', 'Label', ['app=shop', 'com.docker.compose.project=web', 'tier=backend']],
];
const SORTABLE = ['urgent', 'critical', 'serious', 'medium', 'minimal', 'containerCount', 'imageCount', 'hostCount', 'running', 'name', 'id', 'created', 'size', 'severity', 'time', 'lastSeen', 'firstSeen', 'containers', 'images', 'hosts', 'host', 'state', 'scanState', 'vulnerabilities', 'epss', 'cvss', 'version', 'type', 'repo.registry', 'operatingSystem', 'provider', 'sensor', 'started', 'kind', 'published', 'repositories'];

function termOf(name: string, value: string): string {
  return /^[\w.-]+$/.test(value) ? `${name}:${value}` : `${name}:"${value}"`;
}
function facetsOf(query: URLSearchParams) {
  const text = checked(query.get('query') ?? '');
  const wanted = query.get('facets')?.split(',');
  return {
    facets: VALUES.filter(([name]) => !wanted || wanted.includes(name)).map(([name, title, values], group) => ({
      name, title, field: name, more: values.length >= 4 && !wanted,
      values: values.map((value, index) => ({ value, label: name === 'severity' ? (['Urgent', 'Critical', 'Serious', 'Medium', 'Minimal'][index] ?? value) : value, count: Math.round(4200 / (index * 2 + group + 1)), query: termOf(name, value), selected: hasTerm(text, termOf(name, value)) })),
    })),
  };
}

/** What there is, or the refusal that the server gives for what there is not. */
function there<T>(found: T | null): T {
  return found ?? refuse(404, 'not-found', 'Not found', 'There is no such thing here, or you may not see it.');
}

const DEFAULTS: Answers = {
  image: ({ params }) => there(details.imageDetail(params.id!)),
  imageSbom: ({ params }) => details.imageSbom(params.id!),
  imageChanges: () => details.changes('image'),
  imageRescan: () => ({ ok: true }),
  host: ({ params }) => there(details.hostDetail(params.id!)),
  hostSbom: ({ params }) => details.hostSbom(params.id!),
  hostChanges: () => details.changes('host'),
  hostDelete: () => ({ ok: true }),
  container: ({ params }) => there(details.containerDetail(params.id!)),
  vulnerability: ({ params }) => there(details.vulnerabilityDetail(params.id!)),
  me: () => me,
  setupState: () => ({ needed: false, oidc: { name: 'Example SSO' }, version: '0.2.0' }),
  signIn: ({ body }) => ((body as { password: string }).password === 'correct horse battery' ? me : refuse(401, 'wrong-password', 'Not signed in', 'The email or the password is wrong.')),
  setup: () => me,
  signOut: () => ({ ok: true }),
  search: ({ params, query }) => {
    const entity = params.entity as EntityName;
    const total = checked(query.get('query') ?? '').includes('nothing') ? 0 : TOTALS[entity];
    const offset = Number(query.get('offset') ?? 0);
    const limit = Math.min(Number(query.get('limit') ?? 50), total - offset);
    return { rows: Array.from({ length: Math.max(0, limit) }, (_, index) => ROW[entity](offset + index)), total, sort: query.get('sort') ?? '-lastSeen' };
  },
  facets: ({ query }) => facetsOf(query),
  fields: () => ({ fields: SORTABLE.map((name) => ({ name, type: 'keyword', description: name, example: null, values: null, sortable: true, groupable: true })) }),
  complete: ({ query }) => {
    const text = query.get('query') ?? '';
    const cursor = Number(query.get('cursor') ?? text.length);
    const from = text.slice(0, cursor).search(/[^\s:(]*$/);
    const word = text.slice(from, cursor).toLowerCase();
    const value = text[from - 1] === ':';
    const fields = [['vulnerabilities.severity', 'Severity of an open finding'], ['vulnerabilities.id', 'CVE or advisory'], ['repo.registry', 'Registry of the image'], ['state', 'State of the container'], ['created', 'When it was made'], ['label', 'Label, as key=value']] as const;
    return {
      from, to: cursor,
      suggestions: value
        ? ['running', 'exited', 'paused'].filter((item) => item.startsWith(word)).map((item, index) => ({ text: item, label: item, kind: 'value', count: 4200 >> index, detail: null }))
        : fields.filter(([name]) => name.toLowerCase().includes(word)).map(([name, detail]) => ({ text: `${name}:`, label: name, kind: 'field', count: null, detail })),
    };
  },
  find: ({ query }) => {
    const text = query.get('text') ?? '';
    if (text.includes('nothing')) return { results: [] };
    return { results: [
      { entity: 'images', id: ROW.images(3).id, title: ROW.images(3).name, detail: `${ROW.images(3).references[0]?.registry ?? ''} · 3 running containers`, path: `/images/${ROW.images(3).id}` },
      { entity: 'hosts', id: uuidOf(0), title: 'prod-web-01', detail: 'Debian GNU/Linux 12 (bookworm) · 10.1.4.20', path: `/hosts/${uuidOf(0)}` },
      { entity: 'vulnerabilities', id: 'CVE-2021-44228', title: 'CVE-2021-44228', detail: 'log4j-core · on 14 images', path: '/vulnerabilities/CVE-2021-44228' },
    ] };
  },
  coverage: () => ({
    hosts: { total: 212, live: 188, away: 19, none: 5 },
    images: { total: 5012, scanned: 4710, incomplete: 121, notScanned: 160, failed: 21, reasons: [{ reason: 'No sensor that is live has the image', count: 160 }] },
    feeds: [{ name: 'osv', records: 412_000, asOf: '2026-11-22', ageDays: 2 }, { name: 'kev', records: 1402, asOf: '2026-11-23', ageDays: 1 }],
    database: { built: '2026-11-23T04:00:00Z', checkedAt: '2026-11-24T04:00:00Z' }, awayMinutes: 312, eventsDropped: 0,
  }),
  searches: () => ({ items: [
    { id: uuidOf(70), name: 'Urgent and exposed', entity: 'images', query: 'vulnerabilities.severity:5 and tag:internet-facing', owner: 'Ada Palmer', mine: true, shared: false, created: '2026-10-01T08:00:00Z' },
    { id: uuidOf(71), name: 'Docker Hub', entity: 'images', query: 'repo.registry:docker.io', owner: 'Lin Ma', mine: false, shared: true, created: '2026-10-02T08:00:00Z' },
  ] }),
  searchCreate: ({ body }) => ({ id: uuidOf(72), ...(body as object), owner: 'Ada Palmer', mine: true, created: '2026-11-01T08:00:00Z' }),
  searchDelete: () => ({ ok: true }),
};

/** Matches a path to a route. */
function routeOf(method: string, path: string): { name: RouteName; params: Record<string, string> } | undefined {
  for (const [name, route] of Object.entries(ROUTES)) {
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
    const found = route.method === method && new RegExp(`^${route.path.replace(/\{\w+\}/g, '([^/]+)')}$`).exec(path);
    if (found) return { name: name as RouteName, params: Object.fromEntries(names.map((key, index) => [key, decodeURIComponent(found[index + 1]!)])) };
  }
  return undefined;
}

function sendFile(root: string, path: string, response: ServerResponse): void {
  const file = join(root, normalize(path));
  const found = file.startsWith(root) && existsSync(file) && statSync(file).isFile() ? file : join(root, 'index.html');
  response.writeHead(200, { 'content-type': TYPES[extname(found)] ?? 'application/octet-stream', 'content-security-policy': CONTENT_SECURITY_POLICY });
  createReadStream(found).pipe(response);
}

/** Serves `root`, the built console, and the answers on a free port. */
export async function startFixtureServer(root: string, answers: Answers = {}): Promise<FixtureServer> {
  const asked: string[] = [];
  const streams = new Set<ServerResponse>();
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fixture');
    if (!url.pathname.startsWith('/api/')) return sendFile(root, decodeURIComponent(url.pathname), response);
    asked.push(`${request.method ?? ''} ${url.pathname}${url.search}`);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const route = routeOf(request.method ?? '', url.pathname);
      if (route?.name === 'live') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(': here\n\n');
        streams.add(response);
        request.on('close', () => streams.delete(response));
        return;
      }
      let status = 200;
      let body: unknown;
      try {
        const answer = route && (answers[route.name] ?? DEFAULTS[route.name]);
        if (!route || !answer) refuse(404, 'not-found', 'Not found', 'The fixture server has no answer for this.');
        if ('entity' in route.params && !(ENTITIES as readonly string[]).includes(route.params.entity!)) refuse(404, 'not-found', 'Not found', 'There is no such entity.');
        const text = Buffer.concat(chunks).toString();
        body = ROUTES[route.name].response.parse(answer({ params: route.params, query: url.searchParams, body: text === '' ? undefined : JSON.parse(text) }));
      } catch (error) {
        status = error instanceof Refusal ? error.status : 500;
        body = error instanceof Refusal ? error.body : { type: 'urn:plimsoll:problem:fixture', title: 'Fixture', status: 500, detail: String(error), code: 'fixture' };
      }
      response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The fixture server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        for (const stream of streams) stream.end();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
