import type { KnownProgram } from './program.ts';

/** The startup line, ` version 2.8.3-86e043a, released 2023/09/07`; the suffix is the commit or the packager's. */
export const haproxy: KnownProgram = {
  name: 'haproxy',
  basenames: ['haproxy'],
  version: (file) =>
    file.find(', released 20', / version (\d{1,2}\.\d{1,3}\.\d{1,3})(?:[-+~]\S{0,40})?, released 20/, { before: 64 }),
};
