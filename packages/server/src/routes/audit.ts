import type { AuditEntry } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import type { Handlers } from '../context.ts';

type Row = Omit<AuditEntry, 'time'> & { at: Date };

export const handlers = {
  async audit({ query: { offset, limit }, services: { db } }) {
    const [rows, count] = await Promise.all([
      db.query<Row>(sql`
        select id::text as id, at, actor, action, subject, address, detail from audit order by audit.id desc offset ${offset} limit ${limit}`),
      db.one<{ total: number }>(sql`select count(*)::int as total from audit`),
    ]);
    return { items: rows.map(({ at, ...entry }) => ({ ...entry, time: at.toISOString() })), total: count!.total };
  },
} satisfies Partial<Handlers>;
