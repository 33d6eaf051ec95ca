import { InputError } from '@plimsoll/model';
import { existsSync, statSync } from 'node:fs';

/** Splits `FILE:TAG`; a file of that very name comes first. */
export function splitTag(reference: string): { path: string; tag: string | undefined } {
  if (existsSync(reference)) return { path: reference, tag: undefined };
  // The longest prefix that exists: tags hold colons themselves (`shop:1.2`).
  for (let colon = reference.indexOf(':', 1); colon > 0; colon = reference.indexOf(':', colon + 1)) {
    const path = reference.slice(0, colon);
    if (existsSync(path)) return { path, tag: reference.slice(colon + 1) };
  }
  return { path: reference, tag: undefined };
}

export function requireFile(path: string): void {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info) throw new InputError('file-missing', `there is no file ${path}`);
  if (!info.isFile()) throw new InputError('file-unusable', `${path} is no file`);
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
