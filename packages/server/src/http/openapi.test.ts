import { ROUTES, type RouteName, type RouteSpec } from '@plimsoll/model/api';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from './openapi.ts';

interface Operation {
  operationId: string;
  summary: string;
  security: Record<string, string[]>[];
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}
interface Document {
  openapi: string;
  info: { title: string; version: string };
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
}

// As it travels.
const document = JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));

function walk(value: unknown, visit: (key: string, value: unknown) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    visit(key, item);
    walk(item, visit);
  }
}

describe('the OpenAPI document', () => {
  it('has what OpenAPI 3.1 asks for', () => {
    expect(document.openapi).toBe('3.1.1');
    expect(document.info).toMatchObject({ title: 'Plimsoll', version: '1.2.3' });
    for (const name of Object.keys(document.components.schemas)) expect(name).toMatch(/^[A-Za-z0-9._-]+$/);
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name }) => name).sort()).toEqual(inPath.sort());
      expect(declared.every(({ required }) => required)).toBe(true);
      for (const response of Object.values(operation.responses)) expect(response.description).not.toBe('');
    }
  });

  it('refers only to what is there', () => {
    const missing: unknown[] = [];
    walk(document, (key, value) => {
      if (key !== '$ref') return;
      const name = /^#\/components\/schemas\/([^/]+)$/.exec(String(value))?.[1];
      if (name === undefined || !(name in document.components.schemas)) missing.push(value);
    });
    expect(missing).toEqual([]);
  });

  it('has schemas of JSON Schema 2020-12 only', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, 'doc');
    for (const name of Object.keys(document.components.schemas)) ajv.compile({ $ref: `doc#/components/schemas/${name}` });
    for (const { operation } of operations) {
      for (const { schema } of operation.parameters ?? []) expect(ajv.validateSchema(schema)).toBe(true);
      for (const { content } of [operation.requestBody ?? { content: {} }, ...Object.values(operation.responses)]) {
        for (const { schema } of Object.values(content ?? {})) expect(ajv.validateSchema(schema)).toBe(true);
      }
    }
    const isProblem = ajv.getSchema('doc#/components/schemas/Problem')!;
    expect(isProblem({ type: 't', title: 't', status: 404, detail: 'd', code: 'c' })).toBe(true);
    expect(isProblem({ type: 't', title: 't', status: '404', detail: 'd', code: 'c' })).toBe(false);
  });

  it.each(Object.keys(ROUTES) as RouteName[])('documents %s', (name) => {
    const spec: RouteSpec = ROUTES[name];
    const operation = document.paths[spec.path]?.[spec.method.toLowerCase()];
    expect(operation).toMatchObject({ operationId: name, summary: spec.summary, tags: [spec.tag] });
    expect(operation!.security.length > 0).toBe(spec.needs !== 'public');
    for (const scheme of operation!.security.flatMap((wanted) => Object.keys(wanted))) expect(document.components.securitySchemes).toHaveProperty(scheme);
    const isProblem = (status: string) => JSON.stringify(operation!.responses[status]?.content?.['application/problem+json']) === '{"schema":{"$ref":"#/components/schemas/Problem"}}';
    expect(isProblem('default')).toBe(true);
    expect(isProblem('401')).toBe(spec.needs !== 'public');
    expect(operation!.requestBody !== undefined).toBe(spec.body !== undefined);
    expect(Object.keys(operation!.responses).some((status) => /^[23]\d\d$/.test(status))).toBe(true);
  });
});
