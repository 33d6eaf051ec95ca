import { ENTITIES, ROUTES, type RouteName, type RouteSpec } from '@plimsoll/model/api';
import { describeFields } from '@plimsoll/query';
import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entityFor } from '../entities/index.ts';
import { fillInventory } from '../entities/inventory.fixtures.ts';
import { createEnrolmentToken, enrolSensor } from '../ingest/credentials.ts';
import { handlers } from '../routes/index.ts';
import { openApiDocument } from './openapi.ts';
import { addUser, sessionOf, testApp, tokenOf, type TestApp } from './testing.ts';

/**
 * Requests made from the OpenAPI document, right and wrong ones, to every route: none may find a way to fail that
 * nobody foresaw. `FUZZ_RUNS` is the number for each route.
 */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 40);
/** These never end, or end what the others need. */
const LEFT_OUT: ReadonlySet<RouteName> = new Set(['live', 'signOut', 'changeMe', 'setup']);

interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
}
interface Operation {
  operationId: RouteName;
  parameters?: { name: string; in: 'path' | 'query'; required: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

const document = JSON.parse(JSON.stringify(openApiDocument('0'))) as { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, Schema> } };

/** Texts that made some server fail some day. */
const STRANGE = [
  '', '\0', 'a\0b', '\ud800', '\udfff x', '\u{1f600}', 'İ', '%', '_', '\\', '*', '?', "'", '"', '`', '--', ';', '$1', '${x}', '\n', '\r\n', '__proto__', 'constructor',
  '../../etc/passwd', '=1+1', '<script>', 'javascript:alert(1)', '()', '[', 'not', 'gone:true', 'a'.repeat(300), '9'.repeat(30), '-1', '1e400', 'NaN', 'null', '0001-01-01', 'now-99999y',
  'cpus>1e9', 'cpus:[5 .. 1]', 'address:10.0.0.0/008', 'address:::1', 'memory>9007199254740991', 'created>9999-12-30', 'label:"__proto__=x"', 'name:\\', 'kernel<99999999999999999999999999',
  'version:*', 'severity>=4', 'vulnerabilities:(severity:5 and fixable:true)', 'software.name:a*', 'time>now-1h', 'host.address:0.0.0.0/0', '-name', 'epss>0.0000001', 'CVE-2021-44228', 'sha256:'.padEnd(71, '0'),
];
const strange = fc.oneof(fc.constantFrom(...STRANGE), fc.string({ unit: 'binary', maxLength: 40 }), fc.tuple(fc.constantFrom(...STRANGE), fc.constantFrom(' and ', ' or ', ' not ', ''), fc.constantFrom(...STRANGE)).map((parts) => parts.join('')));

/** Values that a schema allows, as far as it says. */
function valid(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  if (schema.$ref) return valid(document.components.schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)]!, depth);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => valid(choice, depth + 1)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.oneof(fc.integer({ min: Math.max(schema.minimum ?? -10, -1e9), max: Math.min(schema.maximum ?? 1e9, 1e9) }), fc.constantFrom(schema.minimum ?? 0, schema.maximum ?? Number.MAX_SAFE_INTEGER));
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e300, noNaN: true, noDefaultInfinity: true });
    case 'string':
      return text(schema);
    case 'array':
      return fc.array(valid(schema.items ?? {}, depth + 1), { minLength: schema.minItems ?? 0, maxLength: Math.max(schema.minItems ?? 0, depth > 3 ? 1 : 3) });
    case 'object': {
      const properties = Object.entries(schema.properties ?? {});
      const named = fc.record(Object.fromEntries(properties.map(([key, value]) => [key, valid(value, depth + 1)])), { requiredKeys: schema.required ?? [] });
      if (typeof schema.additionalProperties !== 'object') return named;
      const more = fc.array(fc.tuple(strange, valid(schema.additionalProperties, depth + 1)), { maxLength: 3 });
      return fc.tuple(named, more).map(([own, entries]) => ({ ...own, ...Object.fromEntries(entries) }));
    }
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
}

function text({ format, pattern, minLength = 0, maxLength = 200 }: Schema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'email') return fc.emailAddress();
  if (format === 'uri') return fc.webUrl();
  if (format === 'date-time') return fc.oneof(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31T00:00:00Z') }).map((date) => date.toISOString()), fc.constantFrom('0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999999Z'));
  if (pattern?.startsWith('^sha256:')) return fc.constantFrom('0', '1').map((digit) => `sha256:${digit.repeat(64)}`);
  if (pattern?.startsWith('^[0-9a-f]{12')) return fc.constantFrom('c'.repeat(64), 'd'.repeat(12));
  if (pattern?.startsWith('^[a-z]')) return fc.constantFrom('container-started', 'image-pulled');
  return strange.map((value) => value.padEnd(minLength, 'x').slice(0, maxLength));
}

/** Mostly right, with one thing in it that is not. */
function broken(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fc.jsonValue({ maxDepth: 2 });
  const keys = Object.keys(value);
  if (keys.length === 0) return fc.jsonValue({ maxDepth: 2 });
  return fc.tuple(fc.constantFrom(...keys), fc.oneof(fc.jsonValue({ maxDepth: 2 }), strange)).map(([key, other]) => ({ ...value, [key]: other }));
}

let test: TestApp;
let adminHeaders: Record<string, string>;
let scopedHeaders: Record<string, string>;
let sensorHeaders: Record<string, string>;

beforeAll(async () => {
  test = await testApp(handlers);
  const { db } = test.services;
  await fillInventory(db, new Date());
  await db.run(sql`select setval(pg_get_serial_sequence(t, 'id'), 1000) from unnest(array['packages', 'vulnerabilities', 'sboms', 'images', 'containers', 'events']) as t`);
  adminHeaders = await sessionOf(db, await addUser(db, 'admin'));
  // Another admin, so that no request takes away the last.
  await addUser(db, 'admin');
  const manager = await addUser(db, 'manager', { scope: ['production', 'batch'] });
  scopedHeaders = await tokenOf(db, manager, 'manager');
  const { secret } = await createEnrolmentToken(db, { createdBy: 'test' });
  const { credential } = await enrolSensor(db, { token: secret, machineId: 'machine-fuzz', name: 'fuzz', version: '1' });
  sensorHeaders = { authorization: `Bearer ${credential}` };
});
afterAll(() => test.close());

function urlOf(path: string, operation: Operation, values: Record<string, unknown>): string {
  const query = new URLSearchParams();
  let url = path;
  for (const { name, in: where } of operation.parameters ?? []) {
    const value = values[`${where} ${name}`];
    if (value === undefined) continue;
    if (where === 'path') url = url.replace(`{${name}}`, encodeURIComponent(String(value).replace(/[\ud800-\udfff]/g, '')) || 'x');
    else query.set(name, String(value));
  }
  return query.size > 0 ? `${url}?${query}` : url;
}

const ALLOWED: readonly number[] = [200, 204, 303, 400, 401, 403, 404, 409, 413, 414, 415];

async function expectForeseen(request: InjectOptions & { url: string }): Promise<void> {
  const { statusCode, body } = await test.app.inject(request);
  expect(ALLOWED.includes(statusCode), `${statusCode} ${request.method} ${request.url} ${String(request.payload).slice(0, 2000)}\n${body.slice(0, 500)}`).toBe(true);
}

describe('any query', () => {
  const FORMS = ['X:V', 'X=V', 'X!=V', 'X>V', 'X<=V', 'X:*', 'X:"V"', 'X=`V`', 'X:[V .. V]', 'X:(V .. 5)', 'X:[V, V]', 'X:(V or not V)', 'X:a*V?', 'not X:V', 'X:(X:V)', 'V X:V', 'gone:true X:V'];

  for (const entity of ENTITIES) {
    const fields = describeFields(entityFor(entity, null).table);
    const get = (path: string, query: Record<string, string>, as: Record<string, string>) => expectForeseen({ method: 'GET', url: `/api/v1/search/${entity}${path}?${new URLSearchParams(query)}`, headers: as });

    it(`${entity}: any value, of any field, is looked for or refused`, { timeout: 60_000 }, async () => {
      const queries = fc.tuple(fc.constantFrom(...fields), fc.constantFrom(...FORMS), strange, fc.boolean()).map(([{ name, example }, form, value, fits]) => {
        const good = fits && example ? example.slice(example.search(/[:<>=]/) + 1) : value;
        return form.replaceAll('X', () => name).replaceAll('V', () => good);
      });
      await fc.assert(
        fc.asyncProperty(queries, fc.boolean(), (query, scoped) => get('', { query: query.slice(0, 4000) }, scoped ? scopedHeaders : adminHeaders)),
        { numRuns: RUNS * 5, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: false },
      );
    });

    it(`${entity}: every field can be completed, grouped and put in order by, as it says`, { timeout: 60_000 }, async () => {
      for (const as of [adminHeaders, scopedHeaders]) {
        for (const { name, sortable, groupable } of fields) {
          await get('/complete', { query: `${name}:` }, as);
          await get('', { query: `${name}:*`, ...(sortable && { sort: `-${name}` }) }, as);
          if (groupable) await get('/aggregate', { by: name, over: '3' }, as);
          if (groupable) await get('/aggregate', { by: name }, as);
        }
        await get('/facets', {}, as);
      }
    });
  }
});

describe('any request', () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const name = operation.operationId;
      if (LEFT_OUT.has(name)) continue;
      it(`${method.toUpperCase()} ${path} is answered or refused, and never fails`, { timeout: 60_000 }, async () => {
        const spec: RouteSpec = ROUTES[name];
        const parameters = fc.record(
          Object.fromEntries((operation.parameters ?? []).map(({ name: key, in: where, schema }) => [`${where} ${key}`, fc.oneof({ weight: 3, arbitrary: valid(schema) }, strange)])),
          { requiredKeys: (operation.parameters ?? []).filter(({ required }) => required).map(({ name: key, in: where }) => `${where} ${key}`) },
        );
        const schema = operation.requestBody?.content['application/json']?.schema;
        const body = schema ? valid(schema).chain((value) => fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, broken(value))) : fc.constant(undefined);
        await fc.assert(
          fc.asyncProperty(parameters, body, fc.boolean(), async (values, payload, scoped) => {
            const as = spec.needs === 'sensor' ? sensorHeaders : scoped ? scopedHeaders : adminHeaders;
            // Waiting for work is what sensors do, not what is tried here.
            const url = name === 'sensorWork' ? path : urlOf(path, operation, values);
            const request = { method: method.toUpperCase() as 'GET', url, headers: { ...as, ...(payload === undefined ? {} : { 'content-type': 'application/json' }) }, ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }) } satisfies InjectOptions;
            await expectForeseen(request);
          }),
          { numRuns: RUNS, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false },
        );
      });
    }
  }
});
