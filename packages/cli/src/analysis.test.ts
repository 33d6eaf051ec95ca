import { InputError } from '@plimsoll/model';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cacheFolder } from './analysis.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('cacheFolder', () => {
  it('is the named one before the environment’s', () => {
    const named = join(folder, 'named');
    expect(cacheFolder({ 'cache-dir': named }, { PLIMSOLL_CACHE_DIR: '/elsewhere' })).toBe(named);
    expect(cacheFolder({}, { PLIMSOLL_CACHE_DIR: '/elsewhere' })).toBe('/elsewhere');
    expect(cacheFolder({}, { XDG_CACHE_HOME: '/nonexistent' })).toBe('/nonexistent/plimsoll');
  });

  it('is an error only where --cache-dir names it and it cannot be made', () => {
    writeFileSync(join(folder, 'file'), '');
    const impossible = join(folder, 'file', 'below');
    expect(() => cacheFolder({ 'cache-dir': impossible }, {})).toThrow(InputError);
    expect(() => cacheFolder({ 'cache-dir': impossible }, {})).toThrow(/--cache-dir cannot be made/);
    expect(cacheFolder({}, { PLIMSOLL_CACHE_DIR: impossible })).toBe(impossible);
  });
});
