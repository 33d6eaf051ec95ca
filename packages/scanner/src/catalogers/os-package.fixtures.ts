import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { CatalogedPackage } from '@plimsoll/model';
import { MemoryContent } from '../formats/random-access.ts';
import type { Cataloger, OwnedFiles } from './cataloger.ts';

/** A gzipped file of the folder `fixtures`, unpacked. */
export function fixture(name: string): Buffer {
  return gunzipSync(readFileSync(new URL(`fixtures/${name}.gz`, import.meta.url)));
}

export interface ReadDatabase {
  packages: CatalogedPackage[];
  owns: OwnedFiles[];
  /** `code: message` */
  warnings: string[];
}

/** Reads one file of a package database. */
export function readDatabase(cataloger: Cataloger, path: string, content: Buffer | string): ReadDatabase {
  const warnings: string[] = [];
  const file = { path, mode: 0o644, content: new MemoryContent(Buffer.from(content)) };
  const result = cataloger.catalogue(file, { warn: (code, message) => warnings.push(`${code}: ${message}`) });
  return { packages: result?.packages ?? [], owns: result?.owns ?? [], warnings };
}
