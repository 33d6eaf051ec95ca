import { PERMISSIONS, problem, ROUTES, type RouteName, type RouteSpec } from '@plimsoll/model/api';
import { z } from 'zod';
import { ROLE_PERMISSIONS } from '../access/permissions.ts';

type Json = Record<string, unknown>;

/** The API's description, OpenAPI 3.1.1, from the table of routes and the schemas that validate requests. */
export function openApiDocument(version: string): Json {
  const schemas: Record<string, unknown> = {};
  const paths: Record<string, Json> = {};
  const problemSchema = schemaOf(problem, schemas);
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const spec: RouteSpec = ROUTES[name];
    paths[spec.path] = { ...paths[spec.path], [spec.method.toLowerCase()]: operation(name, spec, schemas, problemSchema) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Plimsoll',
      version,
      description: `Container security, self-hosted. Which roles hold which permission: ${permissionsInWords()}.`,
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values(ROUTES).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token: plt_…' },
        session: { type: 'apiKey', in: 'cookie', name: 'plimsoll', description: 'The session of a person; __Host-plimsoll by https. Changes need the header x-csrf-token as well.' },
        sensor: { type: 'http', scheme: 'bearer', description: 'A sensor’s credential: pls_…' },
      },
    },
  };
}

function permissionsInWords(): string {
  return PERMISSIONS.map((permission) => {
    const roles = Object.entries(ROLE_PERMISSIONS).filter(([, held]) => held.includes(permission)).map(([role]) => role);
    return `${permission} – ${permission === 'public' ? 'everyone' : roles.join(', ')}`;
  }).join('; ');
}

function operation(name: RouteName, spec: RouteSpec, schemas: Record<string, unknown>, problemSchema: unknown): Json {
  const refusal = (description: string) => ({ description, content: { 'application/problem+json': { schema: problemSchema } } });
  const isPublic = spec.needs === 'public';
  return {
    operationId: name,
    summary: spec.summary,
    description: isPublic ? 'Needs no sign-in.' : `Needs the permission ${spec.needs}.`,
    tags: [spec.tag],
    security: securityOf(spec),
    ...parametersOf(spec, schemas),
    ...(spec.body && { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(spec.body, schemas) } } } }),
    responses: {
      ...successOf(name, spec, schemas),
      ...((spec.params ?? spec.query ?? spec.body) && { 400: refusal('The request does not have the shape this route takes, or names what cannot be used.') }),
      ...(!isPublic && { 401: refusal('Nobody is signed in, or the token does not hold.'), 403: refusal('The caller may not do this.') }),
      ...(spec.params && { 404: refusal('There is no such thing, or the caller may not see it.') }),
      429: refusal('Too many requests; the header Retry-After says when to go on.'),
      default: refusal('Any other refusal or failure.'),
    },
  };
}

function securityOf({ needs, method }: RouteSpec): Json[] {
  if (needs === 'public') return [];
  if (needs === 'sensor') return [{ sensor: [] }];
  return method === 'GET' || needs !== 'submit' ? [{ token: [] }, { session: [] }] : [{ token: [] }];
}

/** Browsers are sent on by these. */
const REDIRECTS: ReadonlySet<RouteName> = new Set(['oidcStart', 'oidcReturn']);

function successOf(name: RouteName, spec: RouteSpec, schemas: Record<string, unknown>): Json {
  if (REDIRECTS.has(name)) return { 303: { description: 'Goes on elsewhere.', headers: { Location: { schema: { type: 'string' } } } } };
  const schema = spec.produces === undefined ? schemaOf(spec.response, schemas) : { type: 'string' };
  const ok = { description: 'Done.', content: { [spec.produces ?? 'application/json']: { schema } } };
  return name === 'ready' ? { 200: ok, 503: { ...ok, description: 'Not ready.' } } : { 200: ok };
}

function parametersOf(spec: RouteSpec, schemas: Record<string, unknown>): Json {
  const of = (part: z.ZodType | undefined, where: 'path' | 'query'): Json[] => {
    if (!part) return [];
    const { properties = {}, required = [] } = schemaOf(part, schemas) as { properties?: Record<string, Json>; required?: string[] };
    return Object.entries(properties).map(([parameter, schema]) => ({
      name: parameter, in: where, required: where === 'path' || required.includes(parameter), schema,
      ...(typeof schema['description'] === 'string' && { description: schema['description'] }),
    }));
  };
  const parameters = [...of(spec.params, 'path'), ...of(spec.query, 'query')];
  return parameters.length > 0 ? { parameters } : {};
}

const DEFS = '#/$defs/';

/**
 * A JSON Schema in the 2020-12 dialect, which OpenAPI 3.1 uses. What has an id becomes a component. Always as a
 * caller gives it: answers have no defaults, so that both directions share their components.
 */
function schemaOf(schema: z.ZodType, components: Record<string, unknown>): unknown {
  const { $schema: _, $defs = {}, ...made } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target: 'draft-2020-12' }) as Json & { $defs?: Json };
  for (const [id, definition] of Object.entries($defs)) components[id] ??= moved(withoutId(definition as Json));
  return moved(made);
}

function withoutId({ id: _, $id: __, ...rest }: Json): Json {
  return rest;
}

/** The same with references to where components are. */
function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === '$ref' && typeof item === 'string' ? item.replace(DEFS, '#/components/schemas/') : moved(item)]),
  );
}
