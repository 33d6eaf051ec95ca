import type { KnownProgram } from './program.ts';

export const varnish: KnownProgram = {
  name: 'varnish',
  basenames: ['varnishd'],
  version: (file) => file.find('varnish-', /^varnish-(\d{1,2}\.\d{1,2}\.\d{1,2}) revision /),
};
