import type { KnownProgram } from './program.ts';

/** `@(#) $OpenLDAP: slapd 2.5.13 (Feb  8 2023 …) $`; the slap* tools are links to the server. */
export const openldap: KnownProgram = {
  name: 'openldap',
  basenames: ['slapd'],
  version: (file) => file.find('$OpenLDAP: slapd ', /slapd (\d\.\d{1,2}\.\d{1,3})/),
};
