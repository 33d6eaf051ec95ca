import type { CatalogedPackage } from '@plimsoll/model';
import { MemoryContent } from '../formats/random-access.ts';
import type { Cataloger } from './cataloger.ts';

export interface Catalogued {
  packages: CatalogedPackage[];
  /** `code: message` */
  warnings: string[];
}

/** Offers one file to a cataloguer, as the scanner would: undefined when the cataloguer does not want it. */
export function offer(cataloger: Cataloger, path: string, content: Buffer | string): Catalogued | undefined {
  if (!wants(cataloger, path)) return undefined;
  const warnings: string[] = [];
  const file = { path, mode: 0o644, content: new MemoryContent(Buffer.from(content)) };
  const catalogue = cataloger.catalogue(file, { warn: (code, message) => warnings.push(`${code}: ${message}`) });
  return { packages: catalogue?.packages ?? [], warnings };
}

/** Whether the selector and the finer test take the path. */
export function wants(cataloger: Cataloger, path: string): boolean {
  const base = path.slice(path.lastIndexOf('/') + 1);
  const { basenames = [], extensions = [] } = cataloger.selects;
  const selected = basenames.includes(base) || extensions.some((extension) => base.toLowerCase().endsWith(extension));
  return selected && (cataloger.accepts?.(path) ?? true);
}
