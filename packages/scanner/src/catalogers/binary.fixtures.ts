import type { CatalogedPackage } from '@plimsoll/model';
import type { RandomAccess } from '../formats/random-access.ts';
import { MemoryContent } from '../formats/random-access.ts';
import type { Cataloger } from './cataloger.ts';

/** Offers an ELF file, or other content, to a cataloguer whose selector was met. */
export function inspect(cataloger: Cataloger, content: Buffer | RandomAccess, path = 'usr/local/bin/app'): { packages: CatalogedPackage[]; warnings: string[] } {
  const warnings: string[] = [];
  const file = { path, mode: 0o755, content: Buffer.isBuffer(content) ? new MemoryContent(content) : content };
  const found = cataloger.catalogue(file, { warn: (code) => warnings.push(code) });
  return { packages: found?.packages ?? [], warnings };
}
