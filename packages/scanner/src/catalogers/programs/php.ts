import type { KnownProgram } from './program.ts';

/** The header that PHP adds to responses; in the command line, CGI and FPM programs and Apache's module. */
export const php: KnownProgram = {
  name: 'php',
  basenames: ['php', 'php-cgi', 'php-fpm', 'frankenphp', /^php(?:-cgi|-fpm)?\d(?:\.?\d{1,2})?$/, /^libphp\d?(?:\.\d{1,2})?\.so$/],
  version: (file) => file.find('X-Powered-By: PHP/', /PHP\/(\d\.\d{1,2}\.\d{1,3})/),
};
