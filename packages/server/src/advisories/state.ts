import { randomUUID } from 'node:crypto';
import sql from 'sql-template-tag';
import type { Advisories, Queryable } from '../context.ts';

/** What all processes know of updates: kept in `settings`, so that one process shows another's failure. */
export type UpdateState = Advisories['state'];

const KEY = 'advisories-update';
/** Without a sign of life for so long, the process that updated is gone. */
const HOLD_SECONDS = 120;

interface Kept {
  holder: string | null;
  /** ISO 8601. */
  until: string | null;
  failed: string | null;
  checkedAt: string | null;
}

export async function readUpdateState(db: Queryable): Promise<UpdateState> {
  const row = await db.one<{ value: Kept; held: boolean }>(
    sql`select value, coalesce((value->>'until')::timestamptz > now(), false) as held from settings where key = ${KEY}`,
  );
  if (!row) return { updating: false, failed: null, checkedAt: null };
  return { updating: row.held, failed: row.value.failed, checkedAt: row.value.checkedAt === null ? null : new Date(row.value.checkedAt) };
}

export interface UpdateHold {
  beat(): Promise<void>;
  /** `failed`: what a person should read, or null when it went well. */
  release(failed: string | null): Promise<void>;
}

/** The right to update, for one process at a time; undefined while another has it. */
export async function takeUpdate(db: Queryable): Promise<UpdateHold | undefined> {
  const holder = randomUUID();
  const until = sql`to_jsonb(now() + make_interval(secs => ${HOLD_SECONDS}))`;
  const taken = await db.run(sql`
    insert into settings (key, value) values (${KEY}, jsonb_build_object('holder', ${holder}::text, 'until', ${until}, 'failed', null, 'checkedAt', null))
    on conflict (key) do update set value = settings.value || jsonb_build_object('holder', ${holder}::text, 'until', ${until}), changed_at = now()
    where coalesce((settings.value->>'until')::timestamptz, '-infinity') < now()`);
  if (taken === 0) return undefined;
  return {
    async beat() {
      await db.run(sql`update settings set value = value || jsonb_build_object('until', ${until}) where key = ${KEY} and value->>'holder' = ${holder}`);
    },
    async release(failed) {
      await db.run(sql`
        update settings set changed_at = now(), value = value || jsonb_build_object('holder', null, 'until', null, 'failed', ${failed}::text,
          'checkedAt', ${failed === null ? sql`to_jsonb(now())` : sql`value->'checkedAt'`})
        where key = ${KEY} and value->>'holder' = ${holder}`);
    },
  };
}
