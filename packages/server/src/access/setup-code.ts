import sql from 'sql-template-tag';
import type { Database, Queryable, Secrets } from '../context.ts';
import { randomToken, sameSecret } from './tokens.ts';

/**
 * Who may make the first user: whoever reads the server's output. While there is no user the database holds one
 * code, sealed, so that every process on it shows the same and reading the database is not enough.
 */
const KEY = 'setup';

/** The code, while somebody has to make the first user; null after that. */
export async function openSetup(db: Database, secrets: Secrets): Promise<string | null> {
  if (!(await isSetupNeeded(db))) return null;
  await db.run(sql`
    insert into settings (key, value) select ${KEY}, to_jsonb(${secrets.seal(randomToken())}::text)
    where not exists (select from users) on conflict (key) do nothing`);
  const row = await db.one<{ value: string }>(sql`select value from settings where key = ${KEY}`);
  return row ? secrets.open(row.value) : null;
}

export async function isSetupNeeded(db: Queryable): Promise<boolean> {
  const row = await db.one<{ needed: boolean }>(sql`select not exists (select from users) as needed`);
  return row!.needed;
}

/**
 * Spends the code within a transaction: of several at once one gets `spent`, the others `over`. A wrong code must
 * roll the transaction back.
 */
export async function spendSetupCode(tx: Queryable, secrets: Secrets, given: string): Promise<'spent' | 'wrong' | 'over'> {
  const row = await tx.one<{ value: string }>(sql`delete from settings where key = ${KEY} returning value`);
  if (!row || !(await isSetupNeeded(tx))) return 'over';
  return sameSecret(given, secrets.open(row.value)) ? 'spent' : 'wrong';
}
