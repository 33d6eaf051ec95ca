import type { Widget } from '@plimsoll/model/api';

/** Where the widgets of a dashboard stand: 12 columns, rows that everything falls up to as far as it can. */

export const COLUMNS = 12;
/** Pixels: of a row, and between widgets. */
export const ROW_HEIGHT = 36;
export const GAP = 12;
export const MOST_ROWS = 40;

export interface Place {
  id: string;
  x: number;
  y: number;
  w: number;
  h: number;
}
export type WidgetKind = Widget['kind'];

/** Columns and rows of a new widget. */
export const SIZES: Record<WidgetKind, { w: number; h: number }> = {
  count: { w: 3, h: 3 },
  donut: { w: 4, h: 5 },
  bar: { w: 4, h: 6 },
  trend: { w: 6, h: 6 },
  table: { w: 6, h: 7 },
};
/** Below this there is nothing to see. */
export const LEAST: Record<WidgetKind, { w: number; h: number }> = {
  count: { w: 2, h: 2 },
  donut: { w: 3, h: 4 },
  bar: { w: 2, h: 3 },
  trend: { w: 3, h: 4 },
  table: { w: 3, h: 4 },
};

/** Pixels that so many rows take. */
export function heightOf(rows: number): number {
  return rows * ROW_HEIGHT + (rows - 1) * GAP;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

function shareColumns(a: Place, b: Place): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w;
}

/** The first row at which there is room below all of `above`. */
function floorOf(item: Place, above: readonly Place[]): number {
  return above.reduce((floor, other) => (shareColumns(item, other) ? Math.max(floor, other.y + other.h) : floor), 0);
}

/** As they are read: by row, then by column. */
export function inOrder<P extends Place>(items: readonly P[]): P[] {
  return items.toSorted((a, b) => a.y - b.y || a.x - b.x);
}

/** Lets everything fall up, in the order it has; nothing overlaps afterwards. Keeps the order of the array. */
export function settle<P extends Place>(items: readonly P[]): P[] {
  const placed: P[] = [];
  for (const item of inOrder(items)) {
    const w = clamp(item.w, 1, COLUMNS);
    const inside = { ...item, w, x: clamp(item.x, 0, COLUMNS - w) };
    placed.push({ ...inside, y: floorOf(inside, placed) });
  }
  const byId = new Map(placed.map((item) => [item.id, item]));
  return items.map((item) => byId.get(item.id) ?? item);
}

/** The highest, then leftmost, place where something of this size fits below what is there. */
export function placeFor(items: readonly Place[], size: { w: number; h: number }): { x: number; y: number; w: number; h: number } {
  const w = Math.min(size.w, COLUMNS);
  let best = { x: 0, y: Number.POSITIVE_INFINITY };
  for (let x = 0; x + w <= COLUMNS; x++) {
    const y = floorOf({ id: '', x, y: 0, w, h: size.h }, items);
    if (y < best.y) best = { x, y };
  }
  return { ...best, w, h: size.h };
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** One step: sideways by a column; up and down past the next widget there. */
export function move<P extends Place>(items: readonly P[], id: string, direction: Direction): P[] {
  const item = items.find((other) => other.id === id);
  if (!item) return [...items];
  const others = items.filter((other) => other.id !== id && shareColumns(other, item));
  // Half a row before or after another decides which of them comes first when they settle.
  const target = { ...item };
  if (direction === 'left') target.x = Math.max(0, item.x - 1);
  else if (direction === 'right') target.x = Math.min(COLUMNS - item.w, item.x + 1);
  else if (direction === 'up') {
    const above = inOrder(others.filter((other) => other.y < item.y)).at(-1);
    if (!above) return [...items];
    target.y = above.y - 0.5;
  } else {
    const below = inOrder(others.filter((other) => other.y > item.y))[0];
    if (!below) return [...items];
    target.y = below.y + 0.5;
  }
  if (direction === 'left' || direction === 'right') target.y -= 0.25;
  return settle(items.map((other) => (other.id === id ? target : other)));
}

/** Wider or higher by so many columns and rows; within the grid, and never so small that nothing is seen. */
export function resize<P extends Place & { kind: WidgetKind }>(items: readonly P[], id: string, by: { w?: number; h?: number }): P[] {
  return settle(
    items.map((item) => {
      if (item.id !== id) return item;
      const least = LEAST[item.kind];
      const w = clamp(item.w + (by.w ?? 0), least.w, COLUMNS);
      return { ...item, w, h: clamp(item.h + (by.h ?? 0), least.h, MOST_ROWS), x: Math.min(item.x, COLUMNS - w), y: item.y - 0.25 };
    }),
  );
}

/** Takes places of the grid into the widgets; the same array when nothing moved. */
export function withPlaces(widgets: readonly Widget[], places: readonly Place[]): readonly Widget[] {
  const byId = new Map(places.map((place) => [place.id, place]));
  let moved = false;
  const next = widgets.map((widget) => {
    const place = byId.get(widget.id);
    if (!place || (place.x === widget.x && place.y === widget.y && place.w === widget.w && place.h === widget.h)) return widget;
    moved = true;
    return { ...widget, x: place.x, y: place.y, w: place.w, h: place.h };
  });
  return moved ? next : widgets;
}
