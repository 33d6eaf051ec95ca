import { describe, expect, it } from 'vitest';
import { THINGS } from '../testing.fixtures.ts';
import { complete } from './complete.ts';
import type { KnownValue } from './values.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const REAL: Record<string, KnownValue[]> = {
  provider: [{ value: 'AWS', count: 7 }, { value: 'Azure', count: 2 }, { value: 'my "own" cloud', count: 1 }],
  state: [{ value: 'exited', count: 4 }],
  'part.name': [{ value: 'log4j-core', count: 3 }],
  tags: [{ value: 'and', count: 1 }, { value: 'two words', count: 1 }],
  severity: [{ value: '5', count: 9 }],
  label: [{ value: 'app=shop', count: 2 }],
};

/** `|` is the cursor. */
async function at(marked: string, limit = 50) {
  const cursor = marked.indexOf('|');
  const text = marked.slice(0, cursor) + marked.slice(cursor + 1);
  const asked: [string, string][] = [];
  const result = await complete({
    text,
    cursor,
    table: THINGS,
    limit,
    now: NOW,
    values: (_field, path, prefix) => {
      asked.push([path.join('.'), prefix]);
      return Promise.resolve((REAL[path.join('.')] ?? []).filter(({ value }) => value.toLowerCase().startsWith(prefix.toLowerCase())));
    },
  });
  const apply = (label: string): string => {
    const found = result.suggestions.find((suggestion) => suggestion.label === label);
    if (!found) throw new Error(`no suggestion ${label} in ${result.suggestions.map((one) => one.label).join(', ')}`);
    return text.slice(0, result.from) + found.text + text.slice(result.to);
  };
  return { ...result, asked, apply, labels: result.suggestions.map((suggestion) => suggestion.label) };
}

describe('fields', () => {
  it('all at the start, those beside objects before those in them', async () => {
    const { labels, suggestions } = await at('|');
    expect(labels.slice(0, 3)).toEqual(['title', 'state', 'provider']);
    expect(labels.indexOf('part')).toBeLessThan(labels.indexOf('part.name'));
    expect(suggestions[0]).toEqual({ text: 'title:', label: 'title', kind: 'field', count: null, detail: 'Its title' });
    expect(labels).toContain('not');
  });

  it('by what they begin with first, then by what is in them, in objects too and by other names', async () => {
    expect((await at('sev|')).labels).toEqual(['severity', 'part.severity']);
    expect((await at('part.v|')).labels).toEqual(['part.version']);
    expect((await at('PART.V|')).labels).toEqual(['part.version']);
    expect((await at('softw|')).labels).toEqual(['part']);
    expect((await at('cker|')).labels).toEqual(['isDockerHost']);
  });

  it('replaces the word that is being typed', async () => {
    expect((await at('state:running and sev|')).apply('severity')).toBe('state:running and severity:');
    expect((await at('par|')).apply('part')).toBe('part:(');
  });

  it('in the middle of a name replaces it all and leaves its operator', async () => {
    expect((await at('sev|xx:5')).apply('severity')).toBe('severity:5');
  });

  it('after and, or, not and an open group', async () => {
    for (const text of ['a and |', 'a or |', 'not |', '(|', 'title:x and not (|']) expect((await at(text)).labels).toContain('severity');
  });

  it('inside a nested object are its own', async () => {
    expect((await at('part:(|')).labels).toEqual(['name', 'version', 'severity', 'not', '(']);
    expect((await at('part:(name:x and vers|')).labels).toEqual(['version']);
    expect((await at('part:(name:x) and vers|')).labels).toEqual(['version', 'part.version']);
  });

  it('no more than asked for', async () => {
    expect((await at('|', 3)).suggestions).toHaveLength(3);
  });
});

describe('values', () => {
  it('real ones with counts, asked for by what is typed', async () => {
    const { suggestions, asked } = await at('provider:a|');
    expect(asked).toEqual([['provider', 'a']]);
    expect(suggestions).toEqual([
      { text: 'AWS', label: 'AWS', kind: 'value', count: 7, detail: null },
      { text: 'Azure', label: 'Azure', kind: 'value', count: 2, detail: null },
    ]);
  });

  it('are quoted where they need to be', async () => {
    expect((await at('provider:|')).apply('my "own" cloud')).toBe('provider:"my \\"own\\" cloud"');
    expect((await at('tags:|')).apply('and')).toBe('tags:"and"');
    expect((await at('label:a|')).apply('app=shop')).toBe('label:"app=shop"');
  });

  it('inside quotes replace the quotes too', async () => {
    const open = await at('tags:"two w|');
    expect(open.asked).toEqual([['tags', 'two w']]);
    expect(open.apply('two words')).toBe('tags:"two words"');
    expect((await at('tags:"tw|o" and state:exited')).apply('two words')).toBe('tags:"two words" and state:exited');
    expect((await at('provider:`A|')).apply('AWS')).toBe('provider:`AWS`');
  });

  it('of nested objects, dotted and in their group, and of an object asked by itself', async () => {
    expect((await at('part.name:lo|')).asked).toEqual([['part.name', 'lo']]);
    expect((await at('part:(name:lo|')).apply('log4j-core')).toBe('part:(name:log4j-core');
    expect((await at('software:lo|')).asked).toEqual([['part.name', 'lo']]);
    expect((await at('software:|')).labels).toContain('(');
  });

  it('in lists, groups and after comparisons', async () => {
    expect((await at('provider:[AWS, a|')).labels).toEqual(['AWS', 'Azure']);
    expect((await at('provider:(AWS or a|')).labels).toEqual(['AWS', 'Azure']);
    expect((await at('severity>=|')).labels).toEqual(['5', '4', '3', '2', '1']);
    expect((await at('created:[|')).labels).toEqual(['now-1h', 'now-1d', 'now-7d', 'now-30d', 'now-1y', '2026-03-10']);
  });

  it('that the language knows, with the counts there are', async () => {
    expect((await at('severity:|')).suggestions[0]).toEqual({ text: '5', label: '5', kind: 'value', count: 9, detail: 'urgent' });
    expect((await at('severity:urg|')).apply('5')).toBe('severity:5');
    expect((await at('state:e|')).suggestions).toEqual([{ text: 'exited', label: 'exited', kind: 'value', count: 4, detail: null }]);
    expect((await at('isDockerHost:|')).labels).toEqual(['true', 'false', '*']);
    expect((await at('created:|')).apply('[now-7d .. now]')).toBe('created:[now-7d .. now]');
    expect((await at('created>|')).apply('now-7d')).toBe('created>now-7d');
  });

  it('none for a field there is not', async () => {
    const { suggestions, asked } = await at('nonsense:a|');
    expect([suggestions, asked]).toEqual([[], []]);
  });

  it('fails when the values cannot be had', async () => {
    const values = () => Promise.reject(new Error('no database'));
    await expect(complete({ text: 'provider:', cursor: 9, table: THINGS, values, limit: 5 })).rejects.toThrow('no database');
  });
});

describe('words', () => {
  it('after a whole term', async () => {
    expect((await at('state:running |')).labels).toEqual(['and', 'or']);
    expect((await at('(state:running |')).labels).toEqual(['and', 'or', ')']);
    expect((await at('tags:"x"|')).apply('and')).toBe('tags:"x" and');
    expect((await at('(a)|')).apply('or')).toBe('(a) or');
  });

  it('while they are typed, beside fields', async () => {
    expect((await at('state:running an|')).labels[0]).toBe('and');
    expect((await at('state:running addr|')).labels).toEqual(['address']);
    expect((await at('state:running a|')).labels.slice(0, 2)).toEqual(['and', 'address']);
  });

  it('in brackets', async () => {
    expect((await at('severity:[4 |')).labels).toEqual([',', '..', ']']);
    expect((await at('provider:(AWS |')).labels).toEqual(['and', 'or', ')']);
  });
});

it('takes a cursor anywhere, and texts too long for a query', async () => {
  const values = () => Promise.resolve([]);
  expect((await complete({ text: 'sev', cursor: 99, table: THINGS, values, limit: 5 })).suggestions[0]?.label).toBe('severity');
  expect((await complete({ text: 'a'.repeat(4001), cursor: 3, table: THINGS, values, limit: 5 })).suggestions).toEqual([]);
});
