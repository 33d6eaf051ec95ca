/** Preparing a checkout: a small one of its own, with a build that counts how often it ran. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../e2e/support/run.ts';

let root: string;
const at = (name: string) => join(root, name);
const write = (name: string, text: string) => {
  mkdirSync(join(at(name), '..'), { recursive: true });
  writeFileSync(at(name), text);
};

const COUNTING_BUILD = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
export async function build() {
  appendFileSync('builds', 'built\\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  mkdirSync('dist/cli', { recursive: true });
  mkdirSync('dist/console', { recursive: true });
  writeFileSync('dist/console/index.html', '');
  writeFileSync('dist/cli/main.js', 'export async function main() { console.log("ran"); return 0; }');
}`;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-prepare-'));
  for (const name of ['prepare.mjs', 'lock.mjs']) cpSync(fileURLToPath(new URL(name, import.meta.url)), join(root, 'scripts', name));
  cpSync(fileURLToPath(new URL('../bin/plimsoll.mjs', import.meta.url)), at('bin/plimsoll.mjs'));
  write('scripts/build.mjs', COUNTING_BUILD);
  write('package.json', '{ "type": "module" }');
  write('package-lock.json', '{}');
  write('packages/some/src/a.ts', 'a');
  write('packages/some/src/b.ts', 'b');
  write('node_modules/.package-lock.json', '{}');
});
afterEach(() => rmSync(root, { recursive: true }));

const prepare = () => run(process.execPath, [at('scripts/prepare.mjs')], { cwd: root });
const start = () => run(process.execPath, [at('bin/plimsoll.mjs')], { cwd: root });
const builds = () => (existsSync(at('builds')) ? readFileSync(at('builds'), 'utf8').split('\n').length - 1 : 0);
const quiet = { code: 0, stdout: '', stderr: '' };
const later = (name: string) => {
  const time = Date.now() / 1000 + 60;
  utimesSync(at(name), time, time);
};

describe('prepare', () => {
  it('builds once, and again when a source changed, came or went', async () => {
    for (const _ of [1, 2]) expect(await prepare()).toEqual(quiet);
    expect(builds()).toBe(1);
    rmSync(at('packages/some/src/b.ts'));
    for (const _ of [1, 2]) expect(await prepare()).toEqual(quiet);
    expect(builds()).toBe(2);
    // Of an archive, say: its time is old.
    write('packages/some/src/c.ts', 'c');
    utimesSync(at('packages/some/src/c.ts'), 1, 1);
    await prepare();
    expect(builds()).toBe(3);
    later('packages/some/src/a.ts');
    await prepare();
    expect(builds()).toBe(4);
  });

  it('builds again what changed while it was built', async () => {
    write('scripts/build.mjs', COUNTING_BUILD.replace("'built\\n');", "'built\\n'); writeFileSync('packages/some/src/a.ts', 'changed');"));
    await prepare();
    await prepare();
    expect(builds()).toBe(2);
  });

  it('builds once when several start at once', async () => {
    expect(await Promise.all([start(), start(), start()])).toEqual(Array(3).fill({ code: 0, stdout: 'ran\n', stderr: '' }));
    expect([builds(), readdirSync(at('.cache'))]).toEqual([1, []]);
  });

  it('takes over the lock of a process that is gone, or has had it for too long', async () => {
    const gone = await run(process.execPath, ['-p', 'process.pid']);
    for (const name of [`${gone.stdout.trim()}-${String(Date.now())}`, `${String(process.pid)}-${String(Date.now() - 16 * 60_000)}`]) {
      write(`.cache/prepare.lock/${name}`, '');
      rmSync(at('dist'), { recursive: true, force: true });
      expect(await Promise.all([start(), start()])).toEqual(Array(2).fill({ code: 0, stdout: 'ran\n', stderr: '' }));
      expect(readdirSync(at('.cache'))).toEqual([]);
    }
    expect(builds()).toBe(2);
  });

  it('says in one line that the checkout cannot be written; a stale build is used as it is', async () => {
    write('.cache', 'no folder');
    expect(await start()).toMatchObject({ code: 3, stdout: '', stderr: expect.stringMatching(/^plimsoll: [^\n]+\.cache[^\n]*\n$/) as string });
    rmSync(at('.cache'));
    expect(await prepare()).toEqual(quiet);
    later('packages/some/src/a.ts');
    rmSync(at('.cache'), { recursive: true });
    write('.cache', 'no folder');
    const stale = await start();
    expect([stale.code, stale.stdout, stale.stderr]).toEqual([0, 'ran\n', expect.stringMatching(/^plimsoll: [^\n]+used as it is[^\n]+\n$/)]);
    // Who asks for a build is not served with an old one.
    expect((await prepare()).code).toBe(3);
  });

  it('says in one line that a build tool is missing', async () => {
    write('scripts/build.mjs', "export async function build() { await import('no-such-bundler'); }");
    const { code, stderr } = await start();
    expect([code, stderr]).toEqual([3, expect.stringMatching(/^plimsoll: [^\n]*no-such-bundler[^\n]*npm ci\n$/)]);
    expect(readdirSync(at('.cache'))).toEqual([]);
  });
});
