import { inflateSync } from 'node:zlib';
import { formatPurl, type CatalogedPackage } from '@plimsoll/model';
import { readElf } from '../formats/elf.ts';
import type { CatalogContext, Cataloger, FileCatalogue, OfferedFile } from './cataloger.ts';

/** The section that `cargo auditable` adds: zlib-compressed JSON. */
const SECTION = '.dep-v0';
/** Programs with a thousand crates have some 15 KiB compressed, 100 KiB inflated. */
const MAX_COMPRESSED = 4 * 1024 * 1024;
const MAX_INFLATED = 4 * 1024 * 1024;
const MAX_CRATES = 20_000;

/**
 * The crates linked into a Rust program that was built with `cargo auditable`.
 * @see https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md
 */
export const rustAuditable: Cataloger = {
  name: 'rust-auditable',
  selects: { elf: true },
  catalogue(file: OfferedFile, context: CatalogContext): FileCatalogue | undefined {
    const elf = readElf(file.content);
    if (!elf?.section(SECTION)) return undefined;
    const warn = (what: string) => {
      context.warn('rust-auditable-corrupt', `the crate list in section ${SECTION} ${what}; the program's crates are missing from the result`);
      return undefined;
    };
    const compressed = elf.sectionBytes(SECTION, MAX_COMPRESSED);
    if (!compressed) return warn('is cut off or larger than 4 MiB');
    let listed: unknown;
    try {
      const json = inflateSync(compressed, { maxOutputLength: MAX_INFLATED });
      listed = (JSON.parse(json.toString('utf8')) as { packages?: unknown } | null)?.packages;
    } catch {
      return warn('is not zlib-compressed JSON of at most 4 MiB');
    }
    if (!Array.isArray(listed)) return warn('has no list of packages');
    const packages = cratesOf(listed);
    return packages.length > 0 ? { packages } : undefined;
  },
};

/** Crates that are part of the program. Build scripts' and procedural macros' (`kind: build`) ran only at build time. */
function cratesOf(listed: readonly unknown[]): CatalogedPackage[] {
  const packages = new Map<string, CatalogedPackage>();
  for (const entry of listed.slice(0, MAX_CRATES)) {
    if (typeof entry !== 'object' || entry === null) continue;
    const { name, version, kind = 'runtime' } = entry as Record<string, unknown>;
    if (kind !== 'runtime' || typeof name !== 'string' || typeof version !== 'string') continue;
    if (!/^[\w-]{1,255}$/.test(name) || !/^\d[\w.+-]{0,255}$/.test(version)) continue;
    const purl = formatPurl({ type: 'cargo', name, version });
    packages.set(purl, { name, version, type: 'cargo', purl });
  }
  return [...packages.values()];
}
