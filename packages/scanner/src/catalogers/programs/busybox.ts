import type { KnownProgram } from './program.ts';

/** The banner is in every BusyBox, whatever applets it was built with. */
export const busybox: KnownProgram = {
  name: 'busybox',
  basenames: ['busybox', /^busybox[.-](?:static|musl|glibc|uclibc|suid|nosuid)$/],
  version: (file) => file.find('BusyBox v', /^BusyBox v(\d{1,3}\.\d{1,3}(?:\.\d{1,3})?)/),
};
