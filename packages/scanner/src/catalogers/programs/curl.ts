import type { KnownProgram } from './program.ts';

/** The tool, and the library by its own name: the two are released together. */
export const curl: KnownProgram = {
  name: 'curl',
  basenames: ['curl', /^libcurl(?:-gnutls|-nss)?\.so(?:\.[\d.]+)?$/],
  version: (file) =>
    file.basename === 'curl'
      ? file.find('curl ', /^curl (\d{1,2}\.\d{1,3}\.\d{1,3})[ -]/) ?? file.find('curl/', /^curl\/(\d{1,2}\.\d{1,3}\.\d{1,3})\0/)
      : file.find('libcurl/', /^libcurl\/(\d{1,2}\.\d{1,3}\.\d{1,3})/),
};
