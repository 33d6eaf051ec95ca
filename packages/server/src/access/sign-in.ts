import sql from 'sql-template-tag';
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

/**
 * The user with this address and password. The attempt is counted before the password is looked at, so that many
 * at once are no way around the limit.
 * @throws HttpProblem 401
 */
export async function checkPassword(db: Database, email: string, password: string): Promise<string> {
  const user = await db.one<{ id: string; password_hash: string | null }>(sql`
    update users set failed_attempts = failed_attempts + 1, locked_until = case
      when failed_attempts + 1 >= ${FREE_FAILURES}
      then now() + make_interval(mins => least(${LONGEST_REST_MINUTES}, power(2, least(failed_attempts + 1 - ${FREE_FAILURES}, 10))::int)) end
    where email = ${email} and not disabled and (locked_until is null or locked_until <= now())
    returning id, password_hash`);
  const matches = await verifyPassword(user?.password_hash ?? null, password);
  if (!user || !matches) throw refused();
  await db.run(sql`update users set failed_attempts = 0, locked_until = null, last_sign_in_at = now() where id = ${user.id}`);
  return user.id;
}
