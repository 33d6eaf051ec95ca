import type { KnownProgram } from './program.ts';

/**
 * Server and clients carry their version as `10.11.6-MariaDB`; the old names are links to, or copies of, the
 * new. The server's help has another one as an example, within a sentence.
 */
export const mariadb: KnownProgram = {
  name: 'mariadb',
  basenames: ['mariadbd', 'mariadb', 'mariadb-dump', 'mariadb-admin', 'mysqld', 'mysql', 'mysqldump', 'mysqladmin'],
  version: (file) => file.find('-MariaDB', /\0(\d{1,2}\.\d{1,3}\.\d{1,3})-MariaDB[\0-]/, { before: 16 }),
};
