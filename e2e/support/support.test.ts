import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compress, zstdStored } from './compress.ts';
import { aptSources } from './debian.ts';
import { withDockerEngine } from './engine.ts';
import { digestOf, writeDockerArchive, writeOciLayout } from './images.ts';
import { haveAll, titled } from './needs.ts';
import { REGISTRY_PASSWORD, REGISTRY_USER, startRegistry } from './registry.ts';
import { dir, file, hardlink, opaque, symlink, tar, whiteout } from './tar.ts';

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'plimsoll-support-'));
});
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

describe.skipIf(!haveAll('tar'))(titled('the tar writer, read by tar', 'tar'), () => {
  const unpack = (bytes: Buffer): string => {
    const folder = mkdtempSync(join(work, 'unpack-'));
    execFileSync('tar', ['-xf', '-', '-C', folder], { input: bytes });
    return folder;
  };

  it('writes files, folders and links', () => {
    const out = unpack(tar([dir('a'), file('a/b', 'text', 0o640), symlink('a/c', 'b'), hardlink('a/d', 'a/b')]));
    expect(readFileSync(join(out, 'a/c'), 'utf8')).toBe('text');
    expect(statSync(join(out, 'a/d')).ino).toBe(statSync(join(out, 'a/b')).ino);
    expect(statSync(join(out, 'a/b')).mode & 0o777).toBe(0o640);
  });

  it.each(['pax', 'gnu', 'prefix'] as const)('writes long names the %s way', (longNames) => {
    const long = `${'folder/'.repeat(14)}${'n'.repeat(60)}`;
    const out = unpack(tar([{ path: long, content: 'x', longNames }]));
    expect(readFileSync(join(out, long), 'utf8')).toBe('x');
  });

  it.each(['gnu', 'pax-1.0'] as const)('writes sparse files of 10 GB the %s way', (format) => {
    const size = 10 * 1024 ** 3;
    const bytes = tar([{ path: 'big', sparse: { size, chunks: [{ offset: 512, data: Buffer.alloc(512, 'a') }], format } }, file('after', 'z')]);
    expect(bytes.length).toBeLessThan(8192);
    const out = unpack(bytes);
    expect(statSync(join(out, 'big')).size).toBe(size);
    expect(readFileSync(join(out, 'after'), 'utf8')).toBe('z');
  });

  it('counts a pax record whose length gains a digit', () => {
    // ` path=` and the newline are 7 bytes: 91 of name and 2 digits of length make exactly 100.
    const names = [89, 90, 91, 92].map((n) => 'p'.repeat(n));
    const bytes = tar(names.map((name, index) => ({ path: String(index), pax: { path: name } })));
    const listed = execFileSync('tar', ['-tf', '-'], { input: bytes }).toString().trim().split('\n');
    expect(listed).toEqual(names);
  });
});

describe.skipIf(!haveAll('zstd'))(titled('zstd layers, read by zstd', 'zstd'), () => {
  it.each([0, 1, 128 * 1024, 300_000])('restores %i bytes from either form', (length) => {
    const bytes = Buffer.alloc(length, 'abc');
    for (const packed of [compress(bytes, 'zstd'), zstdStored(bytes)]) {
      expect(execFileSync('zstd', ['-dc'], { input: packed }).equals(bytes)).toBe(true);
    }
  });
});

describe('apt sources', () => {
  it('reads both forms and leaves out comments and disabled ones', () => {
    const etc = join(work, 'apt');
    mkdirSync(join(etc, 'sources.list.d'), { recursive: true });
    writeFileSync(join(etc, 'sources.list'), '# deb http://no.example/ x main\ndeb [arch=amd64] http://a.example/debian bookworm main contrib\n');
    writeFileSync(
      join(etc, 'sources.list.d/b.sources'),
      'Types: deb deb-src\nURIs: http://b.example/\nSuites: trixie trixie-updates\nComponents: main\n\nEnabled: no\nTypes: deb\nURIs: http://c.example/\nSuites: x\n',
    );
    expect(aptSources(etc)).toEqual([
      { uri: 'http://a.example/debian', suites: ['bookworm'], components: ['main', 'contrib'] },
      { uri: 'http://b.example/', suites: ['trixie', 'trixie-updates'], components: ['main'] },
    ]);
  });
});

describe('the OCI layout writer', () => {
  it('names every blob by its digest', () => {
    const folder = join(work, 'layout');
    const [image] = writeOciLayout(folder, { layers: [{ entries: [file('a', 'b')], compression: 'gzip' }] });
    for (const digest of [image!.manifestDigest, image!.id, image!.layers[0]!.digest]) {
      const blob = readFileSync(join(folder, 'blobs/sha256', digest.slice('sha256:'.length)));
      expect(digestOf(blob)).toBe(digest);
    }
    expect(existsSync(join(folder, 'index.json'))).toBe(true);
  });
});

describe.skipIf(!haveAll('docker'))(titled('a real engine', 'docker'), () => {
  it('loads what the docker-archive writer makes and applies whiteouts', async () => {
    const archive = join(work, 'image.tar');
    const image = writeDockerArchive(archive, {
      tag: 'plimsoll-test/support:1',
      layers: [
        { entries: [dir('etc'), file('etc/keep', 'k'), file('etc/gone', 'g'), dir('old'), file('old/x', 'x')] },
        { entries: [dir('etc'), whiteout('etc/gone'), dir('old'), opaque('old'), file('old/y', 'y')] },
      ],
    });
    await withDockerEngine(async (engine) => {
      await engine.docker(['load', '-i', archive]);
      const { stdout } = await engine.docker(['image', 'inspect', '--format', '{{.Id}}', image.tag]);
      expect(stdout.trim()).toBe(image.id);
      const exported = join(work, 'exported.tar');
      const container = (await engine.docker(['create', image.tag, '/none'])).stdout.trim();
      await engine.docker(['export', '-o', exported, container]);
      await engine.docker(['rm', container]);
      await engine.docker(['rmi', image.tag]);
      const names = execFileSync('tar', ['-tf', exported]).toString().split('\n');
      expect(names).toContain('etc/keep');
      expect(names).toContain('old/y');
      expect(names).not.toContain('etc/gone');
      expect(names).not.toContain('old/x');
    });
  }, 120_000);
});

describe.skipIf(!haveAll('docker-registry', 'openssl'))(titled('a real registry', 'docker-registry', 'openssl'), () => {
  it('asks for the account when told to', async () => {
    const registry = await startRegistry({ auth: 'basic' });
    try {
      expect((await fetch(`${registry.url}/v2/`)).status).toBe(401);
      const authorization = `Basic ${Buffer.from(`${REGISTRY_USER}:${REGISTRY_PASSWORD}`).toString('base64')}`;
      expect((await fetch(`${registry.url}/v2/`, { headers: { authorization } })).status).toBe(200);
    } finally {
      await registry.stop();
    }
  });

  it('sends people to its token server and takes the token', async () => {
    const registry = await startRegistry({ auth: 'bearer' });
    try {
      const refused = await fetch(`${registry.url}/v2/a/b/tags/list`);
      expect(refused.status).toBe(401);
      const challenge = refused.headers.get('www-authenticate') ?? '';
      const part = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
      const url = `${part('realm')}?service=${part('service')}&scope=${part('scope')}`;
      const { token } = (await (await fetch(url)).json()) as { token: string };
      const headers = { authorization: `Bearer ${token}` };
      // 404: let in, but there is no such repository.
      expect((await fetch(`${registry.url}/v2/a/b/tags/list`, { headers })).status).toBe(404);
    } finally {
      await registry.stop();
    }
  });
});
