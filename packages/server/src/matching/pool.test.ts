import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { openDatabase } from '@plimsoll/advisories';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeSbom } from './judge.ts';
import { makeDatabase, npm, sbomOf } from './matching.fixtures.ts';
import { Pool } from './pool.ts';

let folder: string;
let file: string;
let pool: Pool;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-pool-'));
  file = await makeDatabase(folder, 'advisories', [{ id: 'GHSA-aaaa-aaaa-aaaa', name: 'lodash', fixed: '4.17.21' }], '2026-01-01T00:00:00Z');
  const outfile = join(folder, 'match-worker.mjs');
  await build({ entryPoints: [fileURLToPath(new URL('./match-worker.ts', import.meta.url))], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' });
  pool = new Pool(pathToFileURL(outfile));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('Pool', () => {
  it('judges as this thread would, many at once', async () => {
    const now = new Date();
    const sboms = Array.from({ length: 20 }, (_, i) => sbomOf([npm('lodash', `4.17.${i + 10}`)]));
    const judged = await Promise.all(sboms.map((sbom) => pool.run({ document: gzipSync(JSON.stringify(sbom)), file, now })));
    const database = openDatabase(file);
    expect(judged).toEqual(sboms.map((sbom) => judgeSbom(sbom, database, now)));
    database.close();
    expect(judged.filter(({ findings }) => findings.length > 0)).toHaveLength(11);
  });

  it('says what is wrong with a document, and goes on', async () => {
    await expect(pool.run({ document: Buffer.from('broken'), file, now: new Date() })).rejects.toThrow();
    await expect(pool.run({ document: gzipSync('{}'), file: join(folder, 'none.db'), now: new Date() })).rejects.toThrow('none.db');
    expect((await pool.run({ document: gzipSync(JSON.stringify(sbomOf([npm('lodash', '4.0.0')]))), file, now: new Date() })).findings).toHaveLength(1);
  });
});
