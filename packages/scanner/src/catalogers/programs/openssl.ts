import type { KnownProgram } from './program.ts';

/**
 * The version text has the release date: `OpenSSL 3.0.11 19 Sep 2023`. libssl has it up to 1.1; the
 * `openssl` tool has it as the version of its headers, and it is released with the library.
 */
export const openssl: KnownProgram = {
  name: 'openssl',
  basenames: ['openssl', /^lib(?:crypto|ssl)(?:-[\w.]+)?\.so(?:\.[\w.]+)?$/],
  version: (file) =>
    file.find('OpenSSL ', /^OpenSSL (\d\.\d{1,2}\.\d{1,2}[a-z]{0,2})(?:[-+][\w.+-]{1,32})? {1,2}\d{1,2} [A-Z][a-z]{2} 20\d\d/),
};
