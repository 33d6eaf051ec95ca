import type { KnownProgram } from './program.ts';

/** The header of SQLite's files tells the library from programs that only use it; the version stands alone. */
export const sqlite: KnownProgram = {
  name: 'sqlite',
  basenames: ['sqlite3', /^libsqlite3(?:-[\w.]+)?\.so(?:\.[\d.]+)?$/],
  version(file) {
    if (!file.has('SQLite format 3\0')) return undefined;
    const found = new Set(file.matches('\x003.', /^\0(3\.\d{1,2}\.\d{1,2}(?:\.\d{1,2})?)\0/, { after: 12 }));
    const [version] = found;
    return found.size === 1 ? version : undefined;
  },
};
