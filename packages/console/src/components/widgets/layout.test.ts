import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLUMNS, LEAST, move, placeFor, resize, settle, withPlaces } from './layout.ts';
import type { Place, WidgetKind } from './layout.ts';

const at = (id: string, x: number, y: number, w: number, h: number) => ({ id, x, y, w, h, kind: 'bar' as WidgetKind });
const place = (items: readonly Place[], id: string) => {
  const { x, y, w, h } = items.find((item) => item.id === id)!;
  return [x, y, w, h];
};

function overlaps(items: readonly Place[]): boolean {
  return items.some((a, index) => items.slice(index + 1).some((b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h));
}

describe('settle', () => {
  it('lets everything fall up, and keeps the order of the array', () => {
    const settled = settle([at('b', 0, 9, 4, 2), at('a', 0, 3, 6, 3), at('c', 8, 4, 4, 1)]);
    expect(settled.map((item) => item.id)).toEqual(['b', 'a', 'c']);
    expect(place(settled, 'a')).toEqual([0, 0, 6, 3]);
    expect(place(settled, 'b')).toEqual([0, 3, 4, 2]);
    expect(place(settled, 'c')).toEqual([8, 0, 4, 1]);
  });
  it('keeps what is too wide or too far right within the grid', () => {
    expect(place(settle([at('a', 11, 0, 6, 2)]), 'a')).toEqual([6, 0, 6, 2]);
    expect(place(settle([at('a', 3, 0, 40, 2)]), 'a')).toEqual([0, 0, 12, 2]);
  });
});

describe('placeFor', () => {
  it('takes the gap beside, else a new row', () => {
    expect(placeFor([at('a', 0, 0, 4, 3)], { w: 4, h: 3 })).toEqual({ x: 4, y: 0, w: 4, h: 3 });
    expect(placeFor([at('a', 0, 0, 4, 3), at('b', 4, 0, 8, 5)], { w: 6, h: 3 })).toEqual({ x: 0, y: 5, w: 6, h: 3 });
    expect(placeFor([], { w: 3, h: 3 })).toEqual({ x: 0, y: 0, w: 3, h: 3 });
  });
});

describe('move', () => {
  const items = [at('a', 0, 0, 6, 3), at('b', 0, 3, 6, 2), at('c', 6, 0, 6, 3)];
  it('goes past the next one up and down', () => {
    const up = move(items, 'b', 'up');
    expect(place(up, 'b')).toEqual([0, 0, 6, 2]);
    expect(place(up, 'a')).toEqual([0, 2, 6, 3]);
    const down = move(items, 'a', 'down');
    expect(place(down, 'b')).toEqual([0, 0, 6, 2]);
    expect(place(down, 'a')).toEqual([0, 2, 6, 3]);
  });
  it('goes sideways by a column and pushes down what stands there', () => {
    const right = move(items, 'a', 'right');
    expect(place(right, 'a')).toEqual([1, 0, 6, 3]);
    expect(place(right, 'c')[1]).toBe(3);
  });
  it('stays at the edges', () => {
    expect(move(items, 'a', 'left')).toEqual(items);
    expect(move(items, 'a', 'up')).toEqual(items);
    expect(move(items, 'c', 'right')).toEqual(items);
    expect(move(items, 'b', 'down')).toEqual(items);
  });
});

describe('resize', () => {
  it('grows within the grid and shrinks to what can still be read', () => {
    const items = [at('a', 8, 0, 4, 4)];
    expect(place(resize(items, 'a', { w: 1 }), 'a')).toEqual([7, 0, 5, 4]);
    expect(place(resize(items, 'a', { w: 99 }), 'a')).toEqual([0, 0, 12, 4]);
    expect(place(resize(items, 'a', { w: -99, h: -99 }), 'a')).toEqual([8, 0, LEAST.bar.w, LEAST.bar.h]);
  });
});

describe('withPlaces', () => {
  it('is the same array when nothing moved, so that nothing is saved', () => {
    const widgets = [{ ...at('a', 0, 0, 4, 3), title: '', entity: 'images' as const, query: '', by: 'os', days: null, limit: 10, kind: 'bar' as const }];
    expect(withPlaces(widgets, [{ id: 'a', x: 0, y: 0, w: 4, h: 3 }])).toBe(widgets);
    expect(withPlaces(widgets, [{ id: 'a', x: 2, y: 0, w: 4, h: 3 }])[0]).toMatchObject({ x: 2, title: '' });
  });
});

describe('whatever is done', () => {
  const anyItems = fc.array(fc.record({ x: fc.nat(11), y: fc.nat(40), w: fc.integer({ min: 1, max: 12 }), h: fc.integer({ min: 1, max: 9 }), kind: fc.constantFrom<WidgetKind>('count', 'donut', 'bar', 'trend', 'table') }), { maxLength: 12 })
    .map((items) => settle(items.map((item, index) => ({ ...item, id: String(index) }))));
  const anyStep = fc.oneof(
    fc.record({ move: fc.constantFrom('left', 'right', 'up', 'down' as const), of: fc.nat(11) }),
    fc.record({ by: fc.record({ w: fc.integer({ min: -3, max: 3 }), h: fc.integer({ min: -3, max: 3 }) }), of: fc.nat(11) }),
  );
  it('nothing overlaps, leaves the grid or is lost, and places are whole numbers', () => {
    fc.assert(
      fc.property(anyItems, fc.array(anyStep, { maxLength: 8 }), (start, steps) => {
        let items = start;
        for (const step of steps) items = 'move' in step ? move(items, String(step.of), step.move) : resize(items, String(step.of), step.by);
        expect(items.map((item) => item.id)).toEqual(start.map((item) => item.id));
        expect(overlaps(items)).toBe(false);
        for (const item of items) {
          expect([item.x, item.y, item.w, item.h].every(Number.isInteger)).toBe(true);
          expect(item.x >= 0 && item.y >= 0 && item.x + item.w <= COLUMNS).toBe(true);
        }
      }),
    );
  });
});
