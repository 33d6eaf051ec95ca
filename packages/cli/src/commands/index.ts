import type { Command } from './command.ts';

/** Every command, in the order of the overview. */
export const COMMANDS: readonly Command[] = [
  { name: 'scan', summary: 'say what is in an image, what is wrong with it and what to upgrade', load: () => import('./scan.ts') },
  { name: 'explain', summary: 'say why a vulnerability is reported, where it came in and what removes it', load: () => import('./explain.ts') },
  { name: 'db', summary: 'update, build or look at the advisory database', load: () => import('./db.ts') },
  { name: 'server', summary: 'start the server and its console', load: () => import('./server.ts') },
  { name: 'sensor', summary: 'report this host, its images and its containers to a server', load: () => import('./sensor.ts') },
];
