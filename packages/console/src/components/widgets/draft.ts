import { ENTITIES } from './entities.ts';
import type { EntityName, FieldInfo, Widget } from '@plimsoll/model/api';
import { placeFor, resize, settle, SIZES } from './layout.ts';
import type { WidgetKind } from './layout.ts';

/** A widget as the dialog edits it: before it has a place. */
export type WidgetDraft = Pick<Widget, 'kind' | 'title' | 'entity' | 'query' | 'by' | 'days' | 'limit'>;

export const KINDS: readonly { kind: WidgetKind; title: string; hint: string }[] = [
  { kind: 'count', title: 'Count', hint: 'One figure: how many match' },
  { kind: 'donut', title: 'Donut', hint: 'Shares of a whole' },
  { kind: 'bar', title: 'Bars', hint: 'Groups, largest first' },
  { kind: 'trend', title: 'Trend', hint: 'How many, day by day' },
  { kind: 'table', title: 'Table', hint: 'The first rows' },
];
const TITLES = new Map<EntityName, string>(ENTITIES.map((entity) => [entity.name, entity.title]));

export const MOST_WIDGETS = 60;
export const MOST_DAYS = 730;
export const MOST_LIMIT = 50;
export const DEFAULT_DAYS = 30;
const MOST_TITLE = 100;
const MOST_QUERY = 4000;

/** Donuts and bars are nothing without groups; a trend may have them. */
export function needsGroups(kind: WidgetKind): boolean {
  return kind === 'donut' || kind === 'bar';
}
export function mayGroup(kind: WidgetKind): boolean {
  return needsGroups(kind) || kind === 'trend';
}

/** What each entity is grouped by at first, where it has the field. */
const FIRST_CHOICE = new Map<EntityName, readonly string[]>([
  ['hosts', ['sensor', 'operatingSystem', 'os']],
  ['images', ['scanState', 'repo.registry']],
  ['containers', ['state', 'image']],
  ['registries', ['name']],
  ['packages', ['type', 'name']],
  ['vulnerabilities', ['severity']],
  ['events', ['kind', 'severity']],
]);

export function firstGroup(entity: EntityName, fields: readonly FieldInfo[]): string | null {
  const groupable = fields.filter((field) => field.groupable).map((field) => field.name);
  return FIRST_CHOICE.get(entity)?.find((name) => groupable.includes(name)) ?? groupable[0] ?? null;
}

export function newDraft(entity: EntityName = 'images', query = ''): WidgetDraft {
  return { kind: 'count', title: '', entity, query, by: null, days: null, limit: 10 };
}

/** Changes the kind, and what goes with it. */
export function withKind(draft: WidgetDraft, kind: WidgetKind, fields: readonly FieldInfo[]): WidgetDraft {
  return {
    ...draft,
    kind,
    by: needsGroups(kind) ? (draft.by ?? firstGroup(draft.entity, fields)) : kind === 'trend' ? draft.by : null,
    days: kind === 'trend' ? (draft.days ?? DEFAULT_DAYS) : kind === 'count' ? draft.days : null,
  };
}

/** Asks about something else: neither the query nor the group of before need to make sense there. */
export function withEntity(draft: WidgetDraft, entity: EntityName): WidgetDraft {
  return entity === draft.entity ? draft : { ...draft, entity, query: '', by: null };
}

/** What it is called when nobody says: "Containers by state", "Images over 30 days". */
export function titleOf(draft: WidgetDraft): string {
  if (draft.title.trim() !== '') return draft.title.trim();
  const entity = TITLES.get(draft.entity) ?? draft.entity;
  const by = mayGroup(draft.kind) && draft.by !== null ? ` by ${draft.by}` : '';
  const days = draft.kind === 'trend' && draft.days !== null ? ` over ${draft.days} days` : '';
  return `${entity}${by}${days}`;
}

/** Why it cannot be shown yet; null when it can. */
export function missingOf(draft: WidgetDraft): string | null {
  if (needsGroups(draft.kind) && draft.by === null) return 'Choose what to group by.';
  return null;
}

/** `/?add=images&query=…`: what a list page asks to be made a widget of; null when it asks for nothing known. */
export function draftOfUrl(add: string, query: string): WidgetDraft | null {
  const entity = ENTITIES.find((one) => one.name === add);
  return entity ? newDraft(entity.name, query.slice(0, MOST_QUERY)) : null;
}

function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function contentOf(draft: WidgetDraft): WidgetDraft {
  const { kind, entity, query, by, days, limit } = draft;
  return { kind, entity, query: query.trim(), by: mayGroup(kind) ? by : null, days: kind === 'trend' || kind === 'count' ? days : null, limit, title: titleOf(draft).slice(0, MOST_TITLE) };
}

/** Adds a widget where there is room for it. */
export function addWidget(widgets: readonly Widget[], draft: WidgetDraft): Widget[] {
  return [...widgets, { ...contentOf(draft), id: newId(), ...placeFor(widgets, SIZES[draft.kind]) }];
}

/** Changes what a widget shows; it stays where it is, and grows when its new kind needs more room. */
export function changeWidget(widgets: readonly Widget[], id: string, draft: WidgetDraft): Widget[] {
  return resize(widgets.map((widget) => (widget.id === id ? { ...widget, ...contentOf(draft) } : widget)), id, {});
}

export function duplicateWidget(widgets: readonly Widget[], id: string): Widget[] {
  const original = widgets.find((widget) => widget.id === id);
  return original ? [...widgets, { ...original, id: newId(), title: `${original.title} (copy)`.slice(0, MOST_TITLE), ...placeFor(widgets, original) }] : [...widgets];
}

export function removeWidget(widgets: readonly Widget[], id: string): Widget[] {
  return settle(widgets.filter((widget) => widget.id !== id));
}
