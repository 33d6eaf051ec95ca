import type { Dashboard, SavedSearch, Widget } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import type { Caller, Handlers } from '../context.ts';
import { conflict, notFound } from '../http/problems.ts';
import { json } from '../ingest/values.ts';

/** What people make their own. Only the owner changes it, whatever their role; what is shared everyone sees. */
const MOST_DASHBOARDS = 100;
const MOST_SEARCHES = 500;
/** Of one list: one's own come first, so that many shared ones cannot hide them. */
const MOST_SHOWN = 1000;

interface DashboardRow {
  id: string;
  name: string;
  owner: string;
  mine: boolean;
  shared: boolean;
  widgets: Widget[];
  changed_at: Date;
}

function dashboardColumns({ userId }: Caller) {
  return sql`d.id, d.name, u.name as owner, d.owner_id = ${userId} as mine, d.shared, d.widgets, d.changed_at`;
}

function dashboardView({ changed_at, ...dashboard }: DashboardRow): Dashboard {
  return { ...dashboard, changed: changed_at.toISOString() };
}

interface SearchRow extends Omit<SavedSearch, 'created'> {
  created_at: Date;
}

function searchColumns({ userId }: Caller) {
  return sql`s.id, s.name, s.entity, s.query, u.name as owner, s.owner_id = ${userId} as mine, s.shared, s.created_at`;
}

function searchView({ created_at, ...search }: SearchRow): SavedSearch {
  return { ...search, created: created_at.toISOString() };
}

export const handlers = {
  async dashboards({ caller, services: { db } }) {
    const rows = await db.query<DashboardRow>(sql`
      select ${dashboardColumns(caller)} from dashboards d join users u on u.id = d.owner_id
      where d.owner_id = ${caller.userId} or d.shared order by d.owner_id <> ${caller.userId}, lower(d.name), d.id limit ${MOST_SHOWN}`);
    return { items: rows.map(dashboardView) };
  },

  async dashboardCreate({ body, caller, services: { db } }) {
    const row = await db.one<DashboardRow>(sql`
      with d as (
        insert into dashboards (owner_id, name, shared, widgets)
        select ${caller.userId}::uuid, ${body.name}, ${body.shared}, ${json(body.widgets)}::jsonb
        where (select count(*) from dashboards where owner_id = ${caller.userId}) < ${MOST_DASHBOARDS}
        returning *)
      select ${dashboardColumns(caller)} from d join users u on u.id = d.owner_id`);
    if (!row) throw conflict(`You have ${MOST_DASHBOARDS} dashboards. Remove some first.`, 'too-many-dashboards');
    return dashboardView(row);
  },

  async dashboardChange({ params: { id }, body, caller, services: { db } }) {
    const row = await db.one<DashboardRow>(sql`
      with d as (
        update dashboards set name = coalesce(${body.name ?? null}, name), shared = coalesce(${body.shared ?? null}::boolean, shared),
          widgets = coalesce(${body.widgets ? json(body.widgets) : null}::jsonb, widgets), changed_at = now()
        where id = ${id} and owner_id = ${caller.userId} returning *)
      select ${dashboardColumns(caller)} from d join users u on u.id = d.owner_id`);
    if (!row) throw notFound(`A dashboard ${id} of yours`);
    return dashboardView(row);
  },

  async dashboardDelete({ params: { id }, caller, services: { db } }) {
    const gone = await db.run(sql`delete from dashboards where id = ${id} and owner_id = ${caller.userId}`);
    if (gone === 0) throw notFound(`A dashboard ${id} of yours`);
    return { ok: true as const };
  },

  async searches({ caller, services: { db } }) {
    const rows = await db.query<SearchRow>(sql`
      select ${searchColumns(caller)} from saved_searches s join users u on u.id = s.owner_id
      where s.owner_id = ${caller.userId} or s.shared order by s.owner_id <> ${caller.userId}, lower(s.name), s.id limit ${MOST_SHOWN}`);
    return { items: rows.map(searchView) };
  },

  async searchCreate({ body, caller, services: { db } }) {
    const row = await db.one<SearchRow>(sql`
      with s as (
        insert into saved_searches (owner_id, name, entity, query, shared)
        select ${caller.userId}::uuid, ${body.name}, ${body.entity}, ${body.query}, ${body.shared}
        where (select count(*) from saved_searches where owner_id = ${caller.userId}) < ${MOST_SEARCHES}
        returning *)
      select ${searchColumns(caller)} from s join users u on u.id = s.owner_id`);
    if (!row) throw conflict(`You have ${MOST_SEARCHES} saved searches. Remove some first.`, 'too-many-searches');
    return searchView(row);
  },

  async searchDelete({ params: { id }, caller, services: { db } }) {
    const gone = await db.run(sql`delete from saved_searches where id = ${id} and owner_id = ${caller.userId}`);
    if (gone === 0) throw notFound(`A saved search ${id} of yours`);
    return { ok: true as const };
  },
} satisfies Partial<Handlers>;
