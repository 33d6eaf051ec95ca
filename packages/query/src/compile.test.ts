import fc from 'fast-check';
import sql from 'sql-template-tag';
import { describe, expect, it } from 'vitest';
import { check, compile } from './compile.ts';
import type { FieldTable, Test } from './fields.ts';
import { describeFields, findField, resolveField } from './resolve.ts';
import { QueryError } from './syntax/error.ts';
import { parse } from './syntax/parser.ts';
import { quoted } from './syntax/print.ts';
import { THINGS } from './testing.fixtures.ts';

const NOW = new Date('2026-03-31T12:00:00Z');
const compiled = (text: string, table = THINGS) => compile(parse(text), table, { now: NOW });

function failure(text: string, table = THINGS): QueryError {
  try {
    compiled(text, table);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error(`${text} compiles`);
}

describe('names of fields', () => {
  it('without case, by aliases, dotted through objects', () => {
    for (const text of ['SEVERITY:5', 'labels:a', 'Part.Severity:5', 'parts.severity:5', 'software:(NAME:x)', 'isdockerhost:yes']) expect(() => compiled(text)).not.toThrow();
    expect(findField(THINGS, 'software.Version')).toMatchObject({ sql: 'p.version' });
    expect(findField(THINGS, ['part', 'nothing'])).toBeUndefined();
    expect(findField(THINGS, 'title.x')).toBeUndefined();
    expect(resolveField(THINGS.fields, 'parts.name')).toMatchObject({ name: 'part.name', within: [{ name: 'part' }] });
  });

  it('may have dots themselves', () => {
    const table: FieldTable = { entity: 'things', freeText: [], fields: [{ name: 'a.b', type: 'keyword', sql: 't.ab', description: '' }] };
    expect(compiled('a.b:1', table).text).toContain('t.ab');
  });

  it.each([
    ['severty:5', 0, 7, 'no field "severty"; did you mean "severity"?', ['severity']],
    ['a:1', 0, 1, 'no field "a"; quote the text if it is a value and not a field', THINGS.fields.map((field) => field.name)],
    ['title:x and (registry:y)', 13, 21, 'no field "registry"; did you mean "repo.registry"?', ['repo.registry']],
    ['part:(nam:x)', 6, 9, 'no field "nam" in "part"; did you mean "name"?', ['name']],
    ['part.versoin:1', 0, 12, 'no field "part.versoin"; did you mean "part.version"?', ['part.version']],
    ['tittle:1', 0, 6, 'no field "tittle"; did you mean "title"?', ['title']],
    ['title:(nginx:1.25 or x)', 0, 5, '"title" has no fields of its own; quote a value that has ":", "<", ">" or "=" in it', ['a value']],
  ])('%s', (text, from, to, problem, expected) => {
    expect(failure(text)).toMatchObject({ code: 'query-field', from, to, expected, message: `Character ${from + 1}: ${problem}` });
  });

  it('where no field is looked in for words', () => {
    expect(failure('x and y', { ...THINGS, freeText: [] })).toMatchObject({ code: 'query-field', from: 0, to: 1 });
    expect(failure('>= 5 or x', { ...THINGS, freeText: ['title'] })).toMatchObject({ code: 'query-syntax' });
  });
});

describe('values that a type does not have', () => {
  const DATE = 'a date: 2026-01-31, 2026-01-31T10:00Z, now or now-7d (units m h d w M y)';
  const NUMBER = 'a number, such as 5, 0.9 or 100MB';
  const SEVERITY = '1 to 5, minimal, medium, serious, critical, urgent or "Severity 5"';
  const ADDRESS = 'an IP address or a range, such as 10.0.0.5 or 10.0.0.0/8';
  it.each([
    ['title:x and size:big', 17, 20, `"big" is no value for "size", which expects ${NUMBER}`],
    ['size>5XB', 5, 8, `"5XB" is no value for "size", which expects ${NUMBER}`],
    ['size>1e9', 5, 8, NUMBER],
    ['size>9999999TB', 5, 14, 'a number up to 9007199254740991'],
    ['size:5*', 5, 7, `a wildcard cannot be asked of "size", which expects ${NUMBER}`],
    ['size:[1 .. x]', 5, 13, `"x" is no value for "size"`],
    ['size:[8 .. 5]', 5, 13, 'the range of "size" is empty: its low end is not below its high end'],
    ['size:(5 .. 5]', 5, 13, 'the range of "size" is empty'],
    ['created:2026-02-30', 8, 18, `"2026-02-30" is no value for "created", which expects ${DATE}`],
    ['created:2025-02-29', 8, 18, DATE],
    ['created:2026-13-01', 8, 18, DATE],
    ['created>2026-01-01T25:00', 8, 24, DATE],
    ['created>now-7x', 8, 14, DATE],
    ['created>now/d', 8, 13, DATE],
    ['created>now+99999y', 8, 18, DATE],
    ['created:yesterday', 8, 17, DATE],
    ['created:2026-*', 8, 14, 'a wildcard cannot be asked of "created"'],
    ['created:[now .. now-7d]', 8, 23, 'the range of "created" is empty'],
    ['severity:urgnt', 9, 14, `"urgnt" is no value for "severity", which expects ${SEVERITY}; did you mean "urgent"?`],
    ['severity:6', 9, 10, SEVERITY],
    ['severity:[urgent .. medium]', 9, 27, 'the range of "severity" is empty'],
    ['part.severity:[4, "Severity 9"]', 18, 30, '"Severity 9" is no value for "part.severity"'],
    ['isDockerHost:maybe', 13, 18, '"maybe" is no value for "isDockerHost", which expects true or false'],
    ['isDockerHost>true', 13, 17, 'a comparison cannot be asked of "isDockerHost"'],
    ['version<latest', 8, 14, '"latest" is no value for "version", which expects a version, such as 2.17.1'],
    ['address:10.0.0.300', 8, 18, ADDRESS],
    ['address:10.0.0.0/33', 8, 19, ADDRESS],
    ['gateway>10.0.0.0/8', 8, 18, 'an IP address'],
    ['state:runing', 6, 12, '"runing" is no value for "state", which expects running, exited or paused; did you mean "running"?'],
    ['state>running', 6, 13, 'a comparison cannot be asked of "state", which expects a whole value'],
    ['provider:[a .. b]', 9, 17, 'a range cannot be asked of "provider"'],
    ['title<x', 6, 7, 'a comparison cannot be asked of "title", which expects words'],
    ['label>x', 6, 7, 'a comparison cannot be asked of "label"'],
    ['label:[a .. b]', 6, 14, 'a range cannot be asked of "label"'],
    ['part:>5', 6, 7, 'a comparison cannot be asked of "part.name"'],
  ])('%s', (text, from, to, problem) => {
    const error = failure(text);
    expect({ code: error.code, from: error.from, to: error.to, message: error.message }).toEqual({ code: 'query-value', from, to, message: expect.stringContaining(problem) });
    expect(error.expected.length).toBeGreaterThan(0);
    expect(error.message).toMatch(new RegExp(`^Character ${from + 1}: [^\\r\\n]+$`));
  });
});

describe('times', () => {
  it.each([
    ['created>now-30m', '2026-03-31T11:30:00.000Z'],
    ['created>now-1h', '2026-03-31T11:00:00.000Z'],
    ['created>now-7d', '2026-03-24T12:00:00.000Z'],
    ['created>now-2w', '2026-03-17T12:00:00.000Z'],
    ['created>now-1M', '2026-02-28T12:00:00.000Z'],
    ['created>now-1y', '2025-03-31T12:00:00.000Z'],
    ['created>now+1d', '2026-04-01T12:00:00.000Z'],
    ['created>now', '2026-03-31T12:00:00.000Z'],
    ['created>"now - 1h"', '2026-03-31T11:00:00.000Z'],
    ['created>=2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['created>2024-02-29', '2024-03-01T00:00:00.000Z'],
    ['created>=2026-01-01T10:00:00.250+0530', '2026-01-01T04:30:00.250Z'],
  ])('%s is %s', (text, time) => {
    expect(compiled(text).values).toEqual([time]);
  });
});

describe('shortcuts', () => {
  const asked: Test[] = [];
  const table: FieldTable = {
    entity: 'things',
    freeText: ['tags'],
    fields: [
      {
        name: 'tags', type: 'keyword', array: true, sql: 't.tags', description: '', values: ['a', 'b'],
        shortcut: (test) => {
          asked.push(test);
          return test.kind === 'exact' ? sql`t.tags @> array[${test.text}]` : test.kind === 'any' ? sql`t.tags && ${['x']}` : undefined;
        },
      },
    ],
  };

  it('take the place of the general way where they want to', () => {
    expect(compiled('tags:`a`', table)).toMatchObject({ text: 't.tags @> array[$1]', values: ['a'] });
    expect(compiled('tags:a', table).text).toContain('unnest');
    expect(compiled('tags:[a, b]', table).text).toBe('t.tags && $1');
    expect(compiled('not tags:`a`', table).text).toBe('((t.tags @> array[$1]) is not true)');
    expect(asked.map((test) => test.kind)).toContain('word');
  });

  it('are not asked about values that the field does not have', () => {
    asked.length = 0;
    expect(failure('tags:`c`', table).code).toBe('query-value');
    expect(asked).toEqual([]);
  });

  it('nor about words that are looked for in all fields, which are taken as text', () => {
    asked.length = 0;
    expect(compiled('nginx', table).text).toContain('like');
    expect(asked).toEqual([]);
  });
});

it('all values are parameters', () => {
  const nasty = fc.array(fc.constantFrom("'", '"', '`', ';', '--', '\\', '/*', '$1', '%', '_', ')', ' ', 'or', '1=1', '\n', '='), { maxLength: 8 }).map((parts) => `ZQX${parts.join('')}ZQX`);
  const forms = [(value: string) => quoted(value, '"'), (value: string) => quoted(value, '`'), (value: string) => `*${value.replace(/[\s\S]/g, '\\$&')}*`];
  const places = ['title:', 'provider:', 'tags:', 'label:', 'part.name:', 'repo.repository:', 'version:', 'title=', '', 'part:', 'not ', 'version<1'];
  fc.assert(
    fc.property(nasty, fc.constantFrom(...forms), fc.constantFrom(...places), (value, form, place) => {
      const statement = compiled(place + form(value));
      expect(statement.text).not.toMatch(/ZQX/i);
      expect(JSON.stringify(statement.values)).toContain('ZQX');
      expect(statement.text.match(/\$\d+/g)?.length).toBe(statement.values.length);
    }),
    { numRuns: 500 },
  );
});

it('check says what is wrong and gives the tree', () => {
  expect(check('severity:5', THINGS)).toMatchObject({ kind: 'term', path: ['severity'] });
  expect(() => check('severity:9', THINGS)).toThrow(QueryError);
});

it('describes every field by its dotted name', () => {
  const fields = describeFields(THINGS);
  expect(fields.map((field) => field.name)).toContain('part.version');
  expect(fields.find((field) => field.name === 'state')).toEqual({ name: 'state', type: 'keyword', description: 'Its state', example: null, values: ['running', 'exited', 'paused'], sortable: true, groupable: true });
  expect(fields.filter((field) => field.sortable).map((field) => field.name)).toEqual(['title', 'state', 'provider', 'size', 'score', 'created', 'isDockerHost', 'version', 'severity', 'gateway']);
});
