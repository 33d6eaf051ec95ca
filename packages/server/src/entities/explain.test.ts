import { ENTITIES, ROWS } from '@plimsoll/model/api';
import type { Field, ScalarField } from '@plimsoll/query';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../storage/testing.ts';
import { entityFor, search, selection } from './index.ts';
import { order, pageStatement } from './search.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

/** Terms that every type takes. */
const TERMS: Record<ScalarField['type'], string[]> = {
  text: [':word', ':"two words"', ':`Exact`', ':wi*d', ':*', ':[a, b]'],
  keyword: [':word', ':`Exact`', ':wi*d', ':*', ':(a or b)'],
  number: [':5', '>5', '<=0.5', ':[1 .. 8)', ':*'],
  date: ['>now-30d', ':2026-01-31', ':[now-7d .. now]', ':*'],
  boolean: [':true', ':false', ':*'],
  version: [':1.2', '<2.17.1', ':[1.0 .. 2.0)', ':*'],
  label: [':app', ':"app=shop"', ':app=*', ':*'],
  severity: [':5', '>=4', ':"Severity 5"', ':[4, 5]', ':[2 .. 4]', ':*'],
  address: [':10.0.0.5', ':10.0.0.0/8', ':*'],
};

function* terms(fields: readonly Field[], before = ''): Generator<string> {
  for (const field of fields) {
    for (const name of [field.name, ...(field.aliases ?? [])]) {
      if (field.type === 'object') {
        yield `${before}${name}:*`;
        if (name === field.name) yield* terms(field.fields, `${before}${name}.`);
      } else {
        for (const term of name === field.name ? TERMS[field.type].filter((term) => !field.values || /^:[\[*]|^[<>]/.test(term) && term !== ':[a, b]') : [':*']) yield `${before}${name}${term}`;
        if (field.values) yield `${before}${name}:${field.values[0]!}`;
      }
    }
  }
}

describe.each(ENTITIES)('every field of %s', (name) => {
  it.each([['all', null], ['some', ['shop']]])('can be asked for by callers who see %s', async (_, scope) => {
    const entity = entityFor(name, scope);
    const asked = [...terms(entity.table.fields)];
    expect(asked.length).toBeGreaterThan(20);
    for (const term of asked) {
      const selected = selection(name, `not ${term} or ${term}`, scope);
      await expect(database.db.query(sql`explain ${pageStatement(selected, order(entity, undefined), { offset: 0, limit: 50 })}`), term).resolves.toBeDefined();
    }
    for (const field of entity.table.fields) {
      if (field.type === 'object' || field.type === 'label' || field.array || field.sortable === false) continue;
      await expect(search(database.db, name, '', scope, { sort: `-${field.name}`, offset: 0, limit: 5 }), field.name).resolves.toEqual({ rows: [], total: 0, sort: `-${field.name}` });
    }
  });

  it('has an example that holds', () => {
    const check = (fields: readonly Field[], wrap: (example: string) => string): void => {
      for (const field of fields) {
        expect(field.example, `${name} ${field.name}`).toBeDefined();
        expect(() => selection(name, wrap(field.example!), null), wrap(field.example!)).not.toThrow();
        if (field.type === 'object') check(field.fields, (example) => wrap(`${field.name}:(${example})`));
      }
    };
    check(entityFor(name, null).table.fields, (example) => example);
  });

  it('has names that mean one thing', () => {
    const check = (fields: readonly Field[], where: string): void => {
      const names = fields.flatMap((field) => [field.name, ...(field.aliases ?? [])]).map((field) => field.toLowerCase());
      expect(names.filter((field, index) => names.indexOf(field) !== index), where).toEqual([]);
      for (const field of fields) if (field.type === 'object') check(field.fields, `${where}.${field.name}`);
    };
    check(entityFor(name, null).table.fields, name);
    expect(ROWS[name]).toBeDefined();
  });
});
