import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Sbom } from '@plimsoll/model';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanInProcess } from './scan-process.ts';
import type { ScanJob } from './scan.ts';

describe('a scan in a process of its own', () => {
  let dir: string;
  let command: readonly [string, string];
  const job = (reference: string): ScanJob => ({ reference, env: {}, cache: null, exclude: ['left-out'], secrets: false });
  const never = new AbortController().signal;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'plimsoll-scan-'));
    const script = join(dir, 'scan.mjs');
    await build({
      stdin: { contents: `import { serveScan } from './scan-process.ts'; if (process.env.PLIMSOLL_TOKEN) throw new Error('it has the token'); await serveScan();`, resolveDir: import.meta.dirname, loader: 'ts' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile: script,
      logLevel: 'error',
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    });
    command = [process.execPath, script];
    for (const folder of ['root/etc', 'root/lib/apk/db', 'root/left-out/node_modules/x']) mkdirSync(join(dir, folder), { recursive: true });
    writeFileSync(join(dir, 'root/lib/apk/db/installed'), 'P:musl\nV:1.2.5-r0\nA:x86_64\n\n');
    writeFileSync(join(dir, 'root/left-out/node_modules/x/package.json'), '{"name":"x","version":"1.0.0"}');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('gives the packed SBOM, and does not know the token', async () => {
    const packed = await scanInProcess(command, job(`dir:${join(dir, 'root')}`), { ...process.env, PLIMSOLL_TOKEN: 't' }, never);
    const sbom = JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString('utf8')) as Sbom;
    expect(sbom.packages.map(({ name }) => name)).toEqual(['musl']);
  });

  it('says why there is none', async () => {
    await expect(scanInProcess(command, job('dir:/no/such/folder'), process.env, never)).rejects.toMatchObject({ name: 'InputError', code: 'file-missing' });
    await expect(scanInProcess(['/no/such/program'], job('dir:/'), process.env, never)).rejects.toThrow(/ENOENT/);
    await expect(scanInProcess([process.execPath, '-e', 'process.stdout.write("no JSON")'], job('dir:/'), process.env, never)).rejects.toMatchObject({ code: 'scan-crashed' });
  });

  it('is ended when it is given up', async () => {
    const stop = new AbortController();
    const scan = scanInProcess([process.execPath, '-e', 'setInterval(() => {}, 1000)'], job('dir:/'), process.env, stop.signal);
    setTimeout(() => stop.abort(new Error('given up')), 100);
    await expect(scan).rejects.toThrow('given up');
  });
});
