import type { Settings } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import type { Queryable } from '../context.ts';
import { json } from '../ingest/values.ts';

/** Settings as they are stored: the client secret is sealed. */
export interface StoredSettings {
  oidc: (Omit<NonNullable<Settings['oidc']>, 'hasSecret'> & { sealedSecret: string | null }) | null;
  retention: Settings['retention'];
  sessionHours: number;
}

export const DEFAULT_SETTINGS: StoredSettings = { oidc: null, retention: { eventDays: 30, goneDays: 90 }, sessionHours: 12 };

const KEYS = ['oidc', 'retention', 'sessionHours'] as const;

/** What was never set has its default. */
export async function readSettings(db: Queryable): Promise<StoredSettings> {
  const rows = await db.query<{ key: keyof StoredSettings; value: never }>(sql`select key, value from settings where key = any(${[...KEYS]})`);
  const stored: Partial<StoredSettings> = {};
  for (const { key, value } of rows) stored[key] = value;
  return { ...DEFAULT_SETTINGS, ...stored };
}

export async function writeSettings(db: Queryable, changes: Partial<StoredSettings>): Promise<void> {
  for (const key of KEYS) {
    if (changes[key] === undefined) continue;
    await db.run(sql`
      insert into settings (key, value, changed_at) values (${key}, ${json(changes[key])}::jsonb, now())
      on conflict (key) do update set value = excluded.value, changed_at = excluded.changed_at`);
  }
}
