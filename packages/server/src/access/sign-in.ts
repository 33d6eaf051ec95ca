import sql, { type Sql } from 'sql-template-tag';
import type { Database } from '../context.ts';
import { HttpProblem } from '../http/problems.ts';
import { verifyPassword } from './passwords.ts';

/** Failures before an account rests; each one after that doubles the rest, up to a quarter of an hour. */
const FREE_FAILURES = 5;
const LONGEST_REST_MINUTES = 15;

/** One answer for all: it tells nobody which addresses are users, nor which of them rest. */
function refused(): HttpProblem {
  return new HttpProblem(401, 'wrong-credentials', `The email address or the password is wrong. After ${FREE_FAILURES} failures an account rests for a while; an admin can unlock it.`);
}

/** How many may be tried at a resting account from where its user signed in before, and in what time. */
const KNOWN_TRIES = 5;
const KNOWN_MINUTES = 15;
/** What tells that the user was there. */
const KNOWN_DAYS = 30;

interface Tries {
  since: number;
  count: number;
}
const triesOf = new WeakMap<Database, Map<string, Tries>>();

/**
 * Whether an account that rests may be tried all the same: from an address where its user has signed in lately, a few
 * times. Without this, anybody who knows the address of the only admin could keep him out for good.
 */
async function isKnownThere(db: Database, email: string, address: string, now = Date.now()): Promise<boolean> {
  const known = await db.one(sql`
    select from audit a join users u on u.id = a.actor_id
    where u.email = ${email} and a.action in ('signIn', 'setup') and a.address = ${address} and not a.detail ? 'failed' and a.at > now() - make_interval(days => ${KNOWN_DAYS}) limit 1`);
  if (!known) return false;
  let all = triesOf.get(db);
  if (!all) triesOf.set(db, (all = new Map()));
  for (const [key, { since }] of all) if (now - since > KNOWN_MINUTES * 60_000) all.delete(key);
  const key = `${email} ${address}`;
  const tries = all.get(key) ?? { since: now, count: 0 };
  all.set(key, tries);
  return ++tries.count <= KNOWN_TRIES;
}

/**
 * The user with this address and password. The attempt is counted before the password is looked at, so that many
 * at once are no way around the limit.
 * @throws HttpProblem 401
 */
export async function checkPassword(db: Database, email: string, password: string, address: string): Promise<string> {
  const user = (await countedAttempt(db, email, sql`(locked_until is null or locked_until <= now())`)) ?? ((await isKnownThere(db, email, address)) ? await countedAttempt(db, email, sql`true`) : undefined);
  const matches = await verifyPassword(user?.password_hash ?? null, password);
  if (!user || !matches) throw refused();
  await db.run(sql`update users set failed_attempts = 0, locked_until = null, last_sign_in_at = now() where id = ${user.id}`);
  return user.id;
}

/** The account, if `may` holds for it; the next failure makes it rest longer. */
function countedAttempt(db: Database, email: string, may: Sql): Promise<{ id: string; password_hash: string | null } | undefined> {
  return db.one(sql`
    update users set failed_attempts = failed_attempts + 1, locked_until = case
      when failed_attempts + 1 >= ${FREE_FAILURES}
      then now() + make_interval(mins => least(${LONGEST_REST_MINUTES}, power(2, least(failed_attempts + 1 - ${FREE_FAILURES}, 10))::int)) end
    where email = ${email} and not disabled and ${may}
    returning id, password_hash`);
}
