import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FolderLayerCache, openLayerCache } from './cache.ts';
import type { LayerCatalogue } from './layer-catalogue.ts';
import { pathHash, PathSet } from './path.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-cache-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const diffId = `sha256:${'a'.repeat(64)}`;
const catalogue: LayerCatalogue = {
  diffId, size: 1024, entries: 1, files: [], osFiles: [], secrets: [], facts: [], warnings: [], opaque: [],
  replaced: new PathSet(new Float64Array([pathHash('etc/passwd')])),
};

/** A cache with one layer, and the path of its file. */
function filled(name: string): { cache: FolderLayerCache; path: string } {
  const cache = new FolderLayerCache(join(folder, name), 'test');
  cache.put(diffId, catalogue);
  return { cache, path: join(folder, name, 'layers', readdirSync(join(folder, name, 'layers'))[0]!) };
}
const left = (path: string) => readdirSync(join(path, '..'));

describe('FolderLayerCache', () => {
  it('gives back what it was given, and nothing to another build', () => {
    const { cache } = filled('whole');
    expect(cache.has(diffId)).toBe(true);
    expect(cache.get(diffId)).toMatchObject({ diffId, size: 1024 });
    expect(cache.get(diffId)!.replaced.has('etc/passwd')).toBe(true);
    expect(new FolderLayerCache(join(folder, 'whole'), 'other').has(diffId)).toBe(false);
  });

  it.each([0, 10, 40])('does not have a file cut to %i bytes, and removes it', (length) => {
    const { cache, path } = filled(`cut-${length}`);
    truncateSync(path, length);
    expect(cache.has(diffId)).toBe(false);
    expect(left(path)).toEqual([]);
  });

  it('removes a file that only reading shows to be damaged', () => {
    const { cache, path } = filled('overwritten');
    writeFileSync(path, readFileSync(path).fill(0x20, 16));
    expect(cache.get(diffId)).toBeUndefined();
    expect(left(path)).toEqual([]);
  });
});

describe('openLayerCache', () => {
  it('keeps layers in the folder', () => {
    openLayerCache(join(folder, 'opened'), 'test').put(diffId, catalogue);
    expect(openLayerCache(join(folder, 'opened'), 'test').has(diffId)).toBe(true);
  });

  it('keeps layers for this process where the folder cannot be made', () => {
    writeFileSync(join(folder, 'file'), '');
    const cache = openLayerCache(join(folder, 'file', 'below'), 'test');
    cache.put(diffId, catalogue);
    expect(cache.get(diffId)).toBe(catalogue);
  });
});
