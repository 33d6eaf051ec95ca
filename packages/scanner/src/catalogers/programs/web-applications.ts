import type { KnownProgram } from './program.ts';

/** PHP applications that are unpacked from an archive and say their version in a source file at a known place. */
function application(name: string, place: RegExp, basename: string, pattern: RegExp): KnownProgram {
  return {
    name,
    kind: 'text',
    basenames: [basename],
    accepts: (path) => place.test(path),
    version: (file) => pattern.exec(file.text.slice(0, 64 * 1024))?.[1],
  };
}

export const wordpress = application(
  'wordpress',
  /(?:^|\/)wp-includes\/version\.php$/,
  'version.php',
  /^\$wp_version\s{0,8}=\s{0,8}'(\d{1,2}\.\d{1,2}(?:\.\d{1,3})?)(?:-[\w.-]{1,32})?'/m,
);

export const drupal = application(
  'drupal',
  /(?:^|\/)core\/lib\/Drupal\.php$/,
  'Drupal.php',
  /^\s{0,8}const VERSION = '(\d{1,2}\.\d{1,3}\.\d{1,3})(?:-[\w.-]{1,32})?'/m,
);
