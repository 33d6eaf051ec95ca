import type { KnownProgram } from './program.ts';

/** Oracle's builds name their source folder, `…/mysql-8.0.35/sql/…`, in the texts of failed assertions. */
export const mysql: KnownProgram = {
  name: 'mysql',
  basenames: ['mysqld', 'mysql', 'mysqldump', 'mysqladmin'],
  version: (file) => file.find('/mysql-', /^\/mysql-(\d{1,2}\.\d{1,2}\.\d{1,3})[/\0-]/),
};
