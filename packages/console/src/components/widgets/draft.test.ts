import type { FieldInfo, Widget } from '@plimsoll/model/api';
import { ENTITIES as NAMES, widget as widgetSchema } from '@plimsoll/model/api';
import { describe, expect, it } from 'vitest';
import { addWidget, changeWidget, draftOfUrl, duplicateWidget, missingOf, newDraft, removeWidget, titleOf, withEntity, withKind } from './draft.ts';
import { ENTITIES } from './entities.ts';

const field = (name: string, groupable = true): FieldInfo => ({ name, type: 'keyword', description: '', example: null, values: null, sortable: true, groupable });
const FIELDS = [field('id', false), field('image'), field('state')];

describe('a widget in the making', () => {
  it('is grouped where its kind needs groups, by the field one would expect', () => {
    const donut = withKind(newDraft('containers'), 'donut', FIELDS);
    expect(donut.by).toBe('state');
    expect(withKind({ ...donut, by: 'image' }, 'bar', FIELDS).by).toBe('image');
    expect(withKind(donut, 'count', FIELDS).by).toBeNull();
    expect(withKind(newDraft('events'), 'bar', FIELDS).by).toBe('image');
    expect(missingOf(withKind(newDraft('hosts'), 'bar', []))).toMatch(/group/);
    expect(missingOf(newDraft('hosts'))).toBeNull();
  });
  it('has days when it is a trend', () => {
    expect(withKind(newDraft(), 'trend', FIELDS).days).toBe(30);
    expect(withKind({ ...newDraft(), days: 7 }, 'trend', FIELDS).days).toBe(7);
    expect(withKind({ ...newDraft(), days: 7 }, 'table', FIELDS).days).toBeNull();
  });
  it('forgets query and group when it asks about something else', () => {
    const draft = { ...newDraft('containers', 'state:running'), by: 'state' };
    expect(withEntity(draft, 'hosts')).toMatchObject({ entity: 'hosts', query: '', by: null });
    expect(withEntity(draft, 'containers')).toBe(draft);
  });
  it('names itself', () => {
    expect(titleOf(withKind(newDraft('containers'), 'donut', FIELDS))).toBe('Containers by state');
    expect(titleOf(withKind(newDraft('images'), 'trend', FIELDS))).toBe('Images over 30 days');
    expect(titleOf({ ...newDraft('images'), title: ' Mine ' })).toBe('Mine');
  });
  it('comes from a list page by the address, and from nothing else', () => {
    expect(draftOfUrl('images', 'created>now-7d')).toMatchObject({ entity: 'images', query: 'created>now-7d' });
    expect(draftOfUrl('constructor', '')).toBeNull();
    expect(draftOfUrl('', 'x')).toBeNull();
    expect(ENTITIES.map((entity) => entity.name)).toEqual(NAMES);
  });
});

describe('the widgets of a dashboard', () => {
  const two = addWidget(addWidget([], newDraft('images')), withKind(newDraft('containers', ' state:running '), 'bar', FIELDS));
  it('are added side by side as the server takes them', () => {
    expect(two.map(({ x, y, w }) => [x, y, w])).toEqual([[0, 0, 3], [3, 0, 4]]);
    expect(new Set(two.map((item) => item.id)).size).toBe(2);
    expect(two[1]).toMatchObject({ query: 'state:running', title: 'Containers by state' });
    for (const item of two) expect(widgetSchema.parse(item)).toEqual(item);
  });
  it('keep their place when they change, and grow when they must', () => {
    const changed = changeWidget(two, two[0]!.id, withKind({ ...newDraft('images'), title: 'Trend' }, 'trend', FIELDS));
    expect(changed[0]).toMatchObject({ id: two[0]!.id, x: 0, y: 0, kind: 'trend', w: 3, h: 4, title: 'Trend' });
  });
  it('are copied and removed; the rest falls up', () => {
    const three = duplicateWidget(two, two[0]!.id);
    expect(three[2]).toMatchObject({ title: 'Images (copy)', x: 7, y: 0 });
    expect(three[2]!.id).not.toBe(two[0]!.id);
    expect(duplicateWidget(two, 'none')).toEqual(two);
    const below: Widget[] = [two[0]!, { ...two[1]!, x: 0, y: 3 }];
    expect(removeWidget(below, two[0]!.id)).toMatchObject([{ y: 0 }]);
  });
});
