import { describe, expect, it } from 'vitest';
import { freeName, withBoard } from './boards.ts';

const board = (id: string, name = id) => ({ id, name, owner: 'Ada', mine: true, shared: false, widgets: [], changed: '2026-11-01T00:00:00Z' });

describe('dashboards', () => {
  it('are replaced where they stand, or come last', () => {
    expect(withBoard({ items: [board('a'), board('b')] }, board('a', 'new')).items.map((one) => one.name)).toEqual(['new', 'b']);
    expect(withBoard({ items: [board('a')] }, board('c')).items.map((one) => one.id)).toEqual(['a', 'c']);
    expect(withBoard(undefined, board('a')).items).toHaveLength(1);
  });
  it('get names that are free and not too long', () => {
    expect(freeName('Mine', [])).toBe('Mine');
    expect(freeName('Mine', [{ name: 'Mine' }, { name: 'Mine 2' }])).toBe('Mine 3');
    const long = 'x'.repeat(100);
    expect(freeName(long, [{ name: long }])).toBe(`${'x'.repeat(98)} 2`);
  });
});
