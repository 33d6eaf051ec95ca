import { z } from 'zod';
import { count, time, uuid } from './common.ts';
import { entityName } from './search.ts';

/** What people make their own: dashboards of widgets, saved searches, tags. */

export const widget = z.object({
  id: z.string().min(1).max(40),
  kind: z.enum(['count', 'donut', 'bar', 'trend', 'table']),
  title: z.string().max(100),
  entity: entityName,
  query: z.string().max(4000),
  by: z.string().max(100).nullable().describe('Field to group by.'),
  days: z.int().min(1).max(730).nullable(),
  limit: z.int().min(1).max(50),
  x: z.int().min(0).max(11),
  y: z.int().min(0).max(10_000),
  w: z.int().min(1).max(12),
  h: z.int().min(1).max(40),
}).meta({ id: 'Widget' });
export type Widget = z.infer<typeof widget>;

export const dashboard = z.object({
  id: uuid,
  name: z.string().min(1).max(100),
  owner: z.string(),
  mine: z.boolean(),
  shared: z.boolean().describe('Everyone may look; only the owner changes it.'),
  widgets: z.array(widget),
  changed: time,
}).meta({ id: 'Dashboard' });
export type Dashboard = z.infer<typeof dashboard>;
export const dashboardCreate = z.object({ name: z.string().min(1).max(100), shared: z.boolean().default(false), widgets: z.array(widget).max(60).default([]) });
export const dashboardChange = z.object({
  name: z.string().min(1).max(100).exactOptional(), shared: z.boolean().exactOptional(), widgets: z.array(widget).max(60).exactOptional(),
});

export const savedSearch = z.object({
  id: uuid, name: z.string(), entity: entityName, query: z.string(), owner: z.string(), mine: z.boolean(), shared: z.boolean(), created: time,
}).meta({ id: 'SavedSearch' });
export type SavedSearch = z.infer<typeof savedSearch>;
export const savedSearchCreate = z.object({ name: z.string().min(1).max(100), entity: entityName, query: z.string().max(4000), shared: z.boolean().default(false) });

export const TAG_COLOURS = ['grey', 'blue', 'teal', 'green', 'amber', 'red', 'violet'] as const;
export const tagEntity = z.enum(['hosts', 'images', 'containers']);
export const tag = z.object({
  id: uuid,
  name: z.string(),
  colour: z.enum(TAG_COLOURS),
  entity: tagEntity.nullable().describe('Set for a dynamic tag: what its query selects.'),
  query: z.string().nullable().describe('Null for a static tag.'),
  assets: count,
  created: time,
}).meta({ id: 'Tag' });
export type Tag = z.infer<typeof tag>;
const tagName = z.string().min(1).max(60).regex(/^[^"`\\]+$/, 'No quotes, backticks or backslashes.');
export const tagCreate = z.object({
  name: tagName, colour: z.enum(TAG_COLOURS).default('grey'),
  entity: tagEntity.nullable().default(null), query: z.string().min(1).max(4000).nullable().default(null),
});
export const tagChange = z.object({ name: tagName.exactOptional(), colour: z.enum(TAG_COLOURS).exactOptional(), query: z.string().min(1).max(4000).exactOptional() });
export const tagAssign = z.object({ entity: tagEntity, ids: z.array(z.string().max(200)).min(1).max(1000) });

export const globalSearchResult = z.object({
  results: z.array(z.object({
    entity: entityName, id: z.string(), title: z.string(), detail: z.string(), path: z.string().describe('Path in the console.'),
  })),
});
export type GlobalSearchResult = z.infer<typeof globalSearchResult>;
