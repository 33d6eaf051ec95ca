import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '@plimsoll/model';

/**
 * PostgreSQL refuses to run as root. Where Plimsoll does, as in many containers, the database runs as an
 * account without rights, which owns nothing but the database's folder.
 */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

const PREFERRED = ['plimsoll', 'postgres', 'nobody', 'daemon'];

/**
 * Undefined: as ourselves. Otherwise whoever owns the database already, or the first of the usual accounts.
 * @throws InputError when there is none.
 */
export function databaseAccount(clusterDir: string, passwd = '/etc/passwd'): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readAccounts(passwd);
  const owner = ownerOf(clusterDir);
  const found = owner ? accounts.find((account) => account.uid === owner) : PREFERRED.map((name) => accounts.find((a) => a.name === name)).find(Boolean);
  if (!found) {
    throw new InputError(
      'database-account',
      owner
        ? `The database in ${clusterDir} belongs to user ${owner}, which has no entry in ${passwd}: add one, or set DATABASE_URL to a PostgreSQL server.`
        : `The embedded database cannot run as root, and ${passwd} has none of the users ${PREFERRED.join(', ')}: add one, run Plimsoll as an ordinary user, or set DATABASE_URL to a PostgreSQL server.`,
    );
  }
  return found;
}

function readAccounts(passwd: string): Account[] {
  return readFileSync(passwd, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ name, uid, gid }) => name !== '' && uid > 0 && gid > 0);
}

function ownerOf(path: string): number | undefined {
  // 0 is root: a folder made, not yet handed over.
  return statSync(path, { throwIfNoEntry: false })?.uid || undefined;
}

/** The first folder on the way to `path`, itself included, that the account may not pass through. */
export function closedTo(account: Account, path: string): string | undefined {
  const way: string[] = [];
  for (let at = resolve(path); ; at = dirname(at)) {
    way.unshift(at);
    if (at === dirname(at)) break;
  }
  return way.find((folder) => {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (!stats) return false;
    const bit = stats.uid === account.uid ? 0o100 : stats.gid === account.gid ? 0o010 : 0o001;
    return (stats.mode & bit) === 0;
  });
}
