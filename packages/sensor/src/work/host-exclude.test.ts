import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Sbom } from '@plimsoll/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { foldersToLeaveOut } from './host-exclude.ts';
import { scanAndPack } from './scan.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-host-'));
  write('etc/os-release', 'ID=debian\nVERSION_ID="12"\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}
const wheel = (folder: string, name: string) => write(`${folder}/${name}-1.0.dist-info/METADATA`, `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`);

async function scan(more: { exclude?: string[]; walk?: { maxEntries: number; maxMs: number } } = {}): Promise<Sbom> {
  const exclude = more.exclude ?? (await foldersToLeaveOut(root, ['/srv/docker'], [join(root, 'opt/plimsoll')]));
  const packed = await scanAndPack({ reference: `dir:${root}`, env: {}, cache: null, exclude, secrets: false, ...(more.walk ? { walk: more.walk } : {}) }, new AbortController().signal);
  return JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString('utf8')) as Sbom;
}

describe("the list of a host's own packages", () => {
  it('has what is installed, and not what lies in caches, with engines and in folders left out', async () => {
    write('etc/passwd', 'root:x:0:0::/root:/bin/sh\nci:x:990:990::/var/lib/ci:/bin/sh\nnobody:x:65534:65534::/:/bin/false\nodd:x:1:1::/../etc:/bin/sh\n');
    const site = 'lib/python3/site-packages';
    for (const [folder, name] of [[`usr/${site}`, 'installed'], [`home/eve/venv/${site}`, 'in-home'], ['var/lib/ci/tools', 'of-service']] as const) wheel(folder, name);
    for (const [folder, name] of [['home/eve/.cache/pip', 'cached'], ['var/lib/ci/go/pkg/mod/x', 'module'], ['root/.npm/x', 'fetched'], ['tmp/x', 'temporary'], ['var/cache/x', 'var-cached'], ['srv/docker/overlay2/x', 'of-image'], ['opt/plimsoll/x', 'own']] as const) wheel(folder, name);
    const sbom = await scan();
    expect(sbom.packages.map(({ name }) => name).sort()).toEqual(['in-home', 'installed', 'of-service']);
    expect(sbom.warnings).toEqual([]);
  });

  it('says that it is incomplete when the walk was ended', async () => {
    for (let n = 0; n < 30; n++) wheel('usr/lib/python3/site-packages', `p${n}`);
    const sbom = await scan({ exclude: [], walk: { maxEntries: 20, maxMs: 60_000 } });
    expect(sbom.packages.length).toBeLessThan(30);
    expect(sbom.warnings).toMatchObject([{ code: 'walk-too-long', incomplete: true, message: expect.stringContaining('more than 20 files') as string }]);
  });
});
