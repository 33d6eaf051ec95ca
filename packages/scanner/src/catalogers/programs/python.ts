import type { KnownProgram, ProgramFile } from './program.ts';

/**
 * CPython, in its interpreter or, where that was built shared, in libpython. The version stands alone in
 * the data, so the file's name must say which `major.minor` to look for.
 */
export const python: KnownProgram = {
  name: 'python',
  basenames: [/^python\d\.\d{1,2}[dmt]{0,2}$/, /^libpython\d\.\d{1,2}[dmtu]{0,3}\.so(?:\.[\d.]+)?$/],
  version(file) {
    const series = /python(\d\.\d{1,2})/.exec(file.basename)?.[1];
    return series === undefined ? undefined : alone(file, `${series}.`);
  },
};

/** Linkers lay a text over the end of another that ends alike (`/opt/python-3.11.7`), so one after NUL is only better. */
function alone(file: ProgramFile, prefix: string): string | undefined {
  const version = new RegExp(`(?:^|[^\\d.])(${prefix.replaceAll('.', '\\.')}\\d{1,2}(?:(?:a|b|rc)\\d{1,2})?\\+?)\\0`);
  let tail: string | undefined;
  for (const found of file.matches(prefix, new RegExp(`${version.source}`), { before: 1, after: 8 })) tail ??= found;
  return file.find(`\0${prefix}`, version, { after: 8 }) ?? tail;
}
