import { describe, expect, it } from 'vitest';
import { check } from './compile.ts';
import { grammarMarkdown } from './reference.ts';
import { CONNECTIVES, OPERATORS, VALUE_FORMS } from './syntax/reference.ts';
import { THINGS } from './testing.fixtures.ts';
import { KINDS } from './types/index.ts';

it('docs/query-language.md is what the code says', async () => {
  await expect(grammarMarkdown()).toMatchFileSnapshot('../../../docs/query-language.md');
});

describe('every documented example is a query', () => {
  it.each([...CONNECTIVES, ...OPERATORS, ...VALUE_FORMS].map(({ example }) => example))('%s', (example) => {
    expect(() => check(example, THINGS)).not.toThrow();
  });
  it.each(Object.values(KINDS).flatMap(({ examples }) => examples))('%s', (example) => {
    expect(() => check(example, THINGS)).not.toThrow();
  });
});

it('each operator’s example uses it', () => {
  for (const { form, example } of OPERATORS) expect(example).toContain(form);
});
