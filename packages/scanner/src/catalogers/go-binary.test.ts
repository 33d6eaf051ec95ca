import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CountingContent, makeElf, putter, type ElfInput } from '../formats/elf.fixtures.ts';
import { MemoryContent } from '../formats/random-access.ts';
import { inspect } from './binary.fixtures.ts';
import { goBinary } from './go-binary.ts';
import { isModulePath, isModuleVersion, semverOfGo } from './go-module.ts';

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');

function modinfo(lines: readonly string[]): Buffer {
  const frame = Buffer.alloc(16, 0x5a);
  return Buffer.concat([frame, Buffer.from(lines.map((l) => `${l}\n`).join('')), frame]);
}

function varint(n: number): Buffer {
  const out: number[] = [];
  for (; n >= 0x80; n = Math.floor(n / 128)) out.push((n % 128) | 0x80);
  return Buffer.from([...out, n]);
}

/** The block as Go 1.18 and later write it. */
function inlineBlock(goVersion: string, lines: readonly string[]): Buffer {
  const header = Buffer.alloc(32);
  header.set(MAGIC);
  header[14] = 8;
  header[15] = 2;
  const version = Buffer.from(goVersion);
  const mod = modinfo(lines);
  return Buffer.concat([header, varint(version.length), version, varint(mod.length), mod]);
}

/** The block as Go 1.13 to 1.17 write it: pointers to string headers, which point to the strings. */
function pointerBlock(goVersion: string, lines: readonly string[], bits: 32 | 64, bigEndian: boolean): (at: number) => Buffer {
  return (at) => {
    const size = bits / 8;
    const put = putter(bits === 64, bigEndian);
    const version = Buffer.from(goVersion);
    const mod = modinfo(lines);
    const block = Buffer.alloc(32 + 4 * size);
    block.set(MAGIC);
    block[14] = size;
    block[15] = bigEndian ? 1 : 0;
    put.address(block, 16, at + 32);
    put.address(block, 16 + size, at + 32 + 2 * size);
    put.address(block, 32, at + block.length);
    put.address(block, 32 + size, version.length);
    put.address(block, 32 + 2 * size, at + block.length + version.length);
    put.address(block, 32 + 3 * size, mod.length);
    return Buffer.concat([block, version, mod]);
  };
}

function goProgram(lines: readonly string[], goVersion = 'go1.22.3', extra: Partial<ElfInput> = {}): Buffer {
  return makeElf({ sections: [{ name: '.go.buildinfo', data: inlineBlock(goVersion, lines), flags: 3 }], ...extra });
}

const purls = (bytes: Buffer) => inspect(goBinary, bytes).packages.map((p) => p.purl);
const versions = (bytes: Buffer) => inspect(goBinary, bytes).packages.map((p) => `${p.name} ${p.version}`);

const LINES = [
  'path\texample.com/shop/cmd/shop',
  'mod\texample.com/shop\tv1.4.0\th1:abc=',
  'dep\tgithub.com/foo/bar\tv1.2.3\th1:abc=',
  'dep\tgopkg.in/yaml.v2\tv2.2.8\th1:abc=',
  'build\t-compiler=gc',
];
const PACKAGES = ['example.com/shop v1.4.0', 'github.com/foo/bar v1.2.3', 'gopkg.in/yaml.v2 v2.2.8', 'stdlib v1.22.3'];

describe('Go build information', () => {
  it('lists main module, dependencies and standard library', () => {
    const { packages, warnings } = inspect(goBinary, goProgram(LINES));
    expect(packages.map((p) => `${p.name} ${p.version}`)).toEqual(PACKAGES);
    expect(packages.map((p) => p.purl)).toEqual([
      'pkg:golang/example.com/shop@v1.4.0',
      'pkg:golang/github.com/foo/bar@v1.2.3',
      'pkg:golang/gopkg.in/yaml.v2@v2.2.8',
      'pkg:golang/stdlib@v1.22.3',
    ]);
    expect(new Set(packages.map((p) => p.type))).toEqual(new Set(['golang']));
    expect(warnings).toEqual([]);
  });

  it.each([[32, false], [32, true], [64, false], [64, true]] as const)('reads the pointer format of Go before 1.18: %i bit, big endian %s', (bits, bigEndian) => {
    const data = pointerBlock('go1.16.15', LINES, bits, bigEndian);
    expect(versions(makeElf({ bits, bigEndian, sections: [{ name: '.go.buildinfo', data }] }))).toEqual([...PACKAGES.slice(0, 3), 'stdlib v1.16.15']);
  });

  it.each([[32, true], [64, false]] as const)('finds the block in the data segment of a program stripped of sections: %i bit', (bits, bigEndian) => {
    const data = pointerBlock('go1.17', LINES, bits, bigEndian);
    const sections = [{ name: '.data', data: Buffer.alloc(4096) }, { name: '.go.buildinfo', data }];
    expect(versions(makeElf({ bits, bigEndian, stripped: true, sections }))).toContain('stdlib v1.17.0');
    expect(versions(makeElf({ bits, bigEndian, stripped: true, segmentFlags: 5, sections }))).toEqual([]);
  });

  it('takes no block at an odd place of a stripped program: it is a text about Go, not a Go program', () => {
    const data = Buffer.concat([Buffer.from('x'), inlineBlock('go1.22.3', LINES)]);
    expect(versions(makeElf({ stripped: true, sections: [{ name: '.data', data }] }))).toEqual([]);
  });

  it('has the standard library alone for programs built without modules', () => {
    expect(versions(goProgram([]))).toEqual(['stdlib v1.22.3']);
  });

  it('lists what was compiled instead of a replaced module', () => {
    const program = goProgram([
      'mod\texample.com/shop\tv1.0.0\t',
      'dep\tgithub.com/foo/bar\tv1.2.3',
      '=>\tgithub.com/fork/bar\tv1.2.4\th1:abc=',
      'dep\tk8s.io/api\tv0.0.0',
      '=>\t./staging/src/k8s.io/api\t(devel)\t',
    ]);
    expect(versions(program)).toEqual(['example.com/shop v1.0.0', 'github.com/fork/bar v1.2.4', 'k8s.io/api (devel)', 'stdlib v1.22.3']);
    expect(purls(program)).toContain('pkg:golang/k8s.io/api');
  });

  it('reads on past lines that break the format', () => {
    const long = 'x'.repeat(1 << 20);
    const program = goProgram(['dep', 'dep\t\t', '=>\t', `dep\t${long}\tv1.0.0`, 'dep\ta b\tv1', 'dep\tok.example/m\t../../etc', 'build\t=', 'dep\tok.example/n\tv0.1.0\th1:=']);
    expect(versions(program)).toEqual(['ok.example/n v0.1.0', 'stdlib v1.22.3']);
  });
});

describe('version of the main module', () => {
  const revision = 'vcs.revision=0a1b2c3d4e5f60718293a4b5c6d7e8f901234567';
  const main = (version: string, ...settings: string[]) => {
    const [first] = inspect(goBinary, goProgram(['path\tgithub.com/acme/tool', `mod\tgithub.com/acme/tool\t${version}\t`, ...settings.map((s) => `build\t${s}`)])).packages;
    return [first?.version, first?.purl];
  };

  it('is the one that Go noted', () => {
    expect(main('v1.2.3+dirty', '-ldflags="-X main.version=v9.9.9"')).toEqual(['v1.2.3+dirty', 'pkg:golang/github.com/acme/tool@v1.2.3%2Bdirty']);
    expect(main('v1.2.4-0.20240102030405-0a1b2c3d4e5f')[0]).toBe('v1.2.4-0.20240102030405-0a1b2c3d4e5f');
  });

  it('is the one handed to the linker where Go knew none', () => {
    expect(main('(devel)', '-ldflags="-s -w -X main.version=1.2.3"')).toEqual(['v1.2.3', 'pkg:golang/github.com/acme/tool@v1.2.3']);
    expect(main('v0.0.0-20240102030405-0a1b2c3d4e5f', '-ldflags="-X main.version=1.2.3"')[0]).toBe('v1.2.3');
  });

  it('stays unknown where only the commit is known; the package URL names the commit', () => {
    expect(main('(devel)', revision)).toEqual(['(devel)', 'pkg:golang/github.com/acme/tool@0a1b2c3d4e5f60718293a4b5c6d7e8f901234567']);
    expect(main('v0.0.0-20240102030405-0a1b2c3d4e5f+dirty')).toEqual(['(devel)', 'pkg:golang/github.com/acme/tool@0a1b2c3d4e5f']);
    expect(main('(devel)')).toEqual(['(devel)', 'pkg:golang/github.com/acme/tool']);
  });

  it('belongs to the repository when the program was built outside of module mode', () => {
    const docker = goProgram(['path\tgithub.com/docker/cli/cmd/docker', 'build\t-ldflags=" -X \\"github.com/docker/cli/cli/version.Version=28.2.2\\" -extldflags -static"']);
    expect(versions(docker)).toEqual(['github.com/docker/cli v28.2.2', 'stdlib v1.22.3']);
    expect(versions(goProgram(['path\tcmd/go']))).toEqual(['stdlib v1.22.3']);
  });
});

describe('semverOfGo', () => {
  it.each([
    ['go1.22.3', 'v1.22.3'],
    ['go1.21', 'v1.21.0'],
    ['go1.22rc1', 'v1.22.0-rc.1'],
    ['go1.17beta1', 'v1.17.0-beta.1'],
    ['go1.18.4b7', 'v1.18.4'],
    ['go1.21.0 X:boringcrypto', 'v1.21.0'],
    ['go1.19.4 (Red Hat 1.19.4-1.el9)', 'v1.19.4'],
    ['devel go1.23-0a1b2c3 Tue Mar 5', undefined],
    ['go01.22', undefined],
    ['go1.022', undefined],
    ['', undefined],
  ])('%s is %s', (go, semver) => expect(semverOfGo(go)).toBe(semver));
});

it.each(['', '/', 'a//b', '../etc', 'a/./b', 'a b', 'a\nb', 'x'.repeat(1025)])('%j is no module path', (path) => {
  expect(isModulePath(path)).toBe(false);
});

it.each(['', 'v', '1.2.3', 'v1.2', 'v01.2.3', 'v1.2.3-', 'v1.2.3-01', 'v1.2.3 ', `v1.2.3-${'x'.repeat(256)}`])('%j is no module version', (version) => {
  expect(isModuleVersion(version)).toBe(false);
});

describe('hostile Go programs', () => {
  it.each([
    ['no header', Buffer.from('short')],
    ['no magic', Buffer.alloc(64)],
    ['endless varint', Buffer.concat([inlineBlock('x', []).subarray(0, 32), Buffer.alloc(16, 0xff)])],
    ['a length past the end', Buffer.concat([inlineBlock('x', []).subarray(0, 32), varint(4_000_000)])],
    ['a length of 2^60', Buffer.concat([inlineBlock('x', []).subarray(0, 32), varint(2 ** 60)])],
    ['a pointer to nowhere', (() => { const b = inlineBlock('x', []); b[15] = 0; return b; })()],
    ['the other byte order', (() => { const b = inlineBlock('x', []); b[15] = 1; return b; })()],
  ])('are reported as unreadable: %s', (_, data) => {
    const { packages, warnings } = inspect(goBinary, makeElf({ sections: [{ name: '.go.buildinfo', data }] }));
    expect(packages).toEqual([]);
    expect(warnings).toEqual(['go-buildinfo-corrupt']);
  });

  it('never throw: cut off anywhere', () => {
    const whole = makeElf({ sections: [{ name: '.go.buildinfo', data: pointerBlock('go1.16', LINES, 64, false) }] });
    for (let n = 0; n < whole.length; n++) inspect(goBinary, whole.subarray(0, n));
  });

  it('never throw: overwritten', () => {
    const seeds = [goProgram(LINES), makeElf({ bits: 32, bigEndian: true, sections: [{ name: '.go.buildinfo', data: pointerBlock('go1.16', LINES, 32, true) }] })];
    fc.assert(fc.property(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { maxLength: 8 }), (seed, edits) => {
      const bytes = Buffer.from(seed);
      for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
      for (const p of inspect(goBinary, bytes).packages) expect(p.name.length + p.version.length).toBeLessThan(bytes.length);
    }), { numRuns: 500 });
  });
});

it('a program of another language costs header, section table and names only', () => {
  const content = new CountingContent(makeElf({ sections: [{ name: '.rodata', data: Buffer.concat([Buffer.alloc(1 << 20), inlineBlock('go1.2', [])]) }] }));
  expect(inspect(goBinary, content)).toEqual({ packages: [], warnings: [] });
  expect(content.reads).toBe(3);
});

const go = ['/usr/local/go/bin/go', '/usr/lib/go/bin/go', '/usr/bin/go'].find((p) => existsSync(p));

describe.skipIf(!go)('a program built by the Go at hand (skipped: needs go)', () => {
  let dir: string;
  beforeAll(() => { dir = mkdtempSync(join(tmpdir(), 'plimsoll-go-')); });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('tells what its go.mod says', () => {
    const file = (path: string, text: string) => {
      mkdirSync(join(dir, path, '..'), { recursive: true });
      writeFileSync(join(dir, path), text);
    };
    file('go.mod', 'module example.com/shop\n\ngo 1.18\n\nrequire example.com/till v1.5.0\n\nreplace example.com/till v1.5.0 => ./till\n');
    file('main.go', 'package main\n\nimport "example.com/till"\n\nvar version string\n\nfunc main() { println(version, till.Open()) }\n');
    file('till/go.mod', 'module example.com/till\n\ngo 1.18\n');
    file('till/till.go', 'package till\n\nfunc Open() string { return "open" }\n');
    const env = { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local', GOCACHE: join(dir, 'cache'), GOPATH: join(dir, 'path'), GO111MODULE: 'on', CGO_ENABLED: '0' };
    const build = (...args: string[]) => execFileSync(go!, ['build', '-o', 'app', ...args, '.'], { cwd: dir, env, stdio: 'pipe' });
    const goVersion = semverOfGo(execFileSync(go!, ['env', 'GOVERSION'], { env, encoding: 'utf8' }).trim());
    const read = () => inspect(goBinary, new MemoryContent(readFileSync(join(dir, 'app')))).packages.map((p) => `${p.name} ${p.version}`);

    build('-ldflags=-s -w -X main.version=v2.3.4');
    expect(read()).toEqual(['example.com/shop v2.3.4', 'example.com/till (devel)', `stdlib ${goVersion}`]);
    build('-ldflags=-s -w');
    expect(read()[0]).toBe('example.com/shop (devel)');
  }, 240_000);
});
