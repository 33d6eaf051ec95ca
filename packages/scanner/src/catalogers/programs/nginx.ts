import type { KnownProgram } from './program.ts';

/** The Server header's text: `nginx/1.25.3` in nginx, `openresty/1.21.4.1` in OpenResty. */
export const nginx: KnownProgram = {
  name: 'nginx',
  basenames: ['nginx', 'nginx-debug'],
  version: (file) => file.find('nginx version: nginx/', /nginx\/(\d\.\d{1,3}\.\d{1,3})/),
};

export const openresty: KnownProgram = {
  name: 'openresty',
  basenames: ['nginx', 'nginx-debug', 'openresty'],
  version: (file) => file.find('nginx version: openresty/', /openresty\/(\d\.\d{1,3}\.\d{1,3}\.\d{1,3})/),
};
