import sql from 'sql-template-tag';
import type { Queryable } from '../context.ts';
import { rows } from './values.ts';

/** Something that happened, as it is kept. Severity 1–5. */
export interface NewEvent {
  at: Date;
  kind: string;
  severity: number;
  message: string;
  hostId?: string | null;
  containerId?: string | null;
  imageId?: string | null;
  detail?: Record<string, unknown>;
}

/** Keeps all of them, in order, in one statement. */
export async function addEvents(tx: Queryable, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const given = events.map((event) => ({
    at: event.at.toISOString(),
    kind: event.kind,
    severity: event.severity,
    message: event.message,
    host_id: event.hostId ?? null,
    container_id: event.containerId ?? null,
    image_id: event.imageId ?? null,
    detail: event.detail ?? {},
  }));
  await tx.run(sql`
    insert into events (at, kind, severity, message, host_id, container_id, image_id, detail)
    select at, kind, severity, message, host_id, container_id, image_id, detail
    from rows from (jsonb_to_recordset(${rows(given)}::jsonb)
      as (at timestamptz, kind text, severity smallint, message text, host_id uuid, container_id text, image_id text, detail jsonb))
      with ordinality as given(at, kind, severity, message, host_id, container_id, image_id, detail, position)
    order by position`);
}
