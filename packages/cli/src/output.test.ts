import { InputError } from '@plimsoll/model';
import { spawn } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { haveAll, titled } from '../../../e2e/support/needs.ts';
import type { CommandContext } from './commands/command.ts';
import { openOutput } from './output.ts';

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const context = (stdout: CommandContext['stdout'], env: NodeJS.ProcessEnv = {}): CommandContext => ({ root: '/', env, stdout, stderr: { write: () => true } });
const nowhere = context({ write: () => true });

describe('openOutput', () => {
  it('lets a file appear under its name only when it is whole', () => {
    const output = openOutput(at('out.json'), nowhere);
    output.write('x'.repeat(200_000));
    expect(readdirSync(folder)).not.toContain('out.json');
    output.write('end');
    output.close();
    expect(readdirSync(folder)).toEqual(['out.json']);
    expect(readFileSync(at('out.json'), 'utf8')).toHaveLength(200_003);
  });

  it('replaces a file and keeps its mode; a link stays a link', () => {
    writeFileSync(at('real.json'), 'old');
    chmodSync(at('real.json'), 0o600);
    symlinkSync('real.json', at('link.json'));
    const output = openOutput(at('link.json'), nowhere);
    output.write('new');
    output.close();
    expect(lstatSync(at('link.json')).isSymbolicLink()).toBe(true);
    expect(readFileSync(at('real.json'), 'utf8')).toBe('new');
    expect(statSync(at('real.json')).mode & 0o777).toBe(0o600);
  });

  it.skipIf(!haveAll('mkfifo'))(titled('writes into a pipe and leaves it one', 'mkfifo'), async () => {
    const { execFileSync } = await import('node:child_process');
    execFileSync('mkfifo', [at('pipe')]);
    const reader = spawn('cat', [at('pipe')]);
    const read = new Promise<string>((resolve) => {
      let text = '';
      reader.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      reader.stdout.on('end', () => resolve(text));
    });
    const output = openOutput(at('pipe'), nowhere);
    output.write('through');
    output.close();
    expect(await read).toBe('through');
    expect(statSync(at('pipe')).isFIFO()).toBe(true);
  });

  it('leaves what was there when it is aborted, and does nothing when it is closed', () => {
    writeFileSync(at('out.json'), 'old');
    const output = openOutput(at('out.json'), nowhere);
    output.write('x'.repeat(200_000));
    output.abort();
    output.abort();
    expect(readdirSync(folder)).toEqual(['out.json']);
    expect(readFileSync(at('out.json'), 'utf8')).toBe('old');
    const closed = openOutput(at('out.json'), nowhere);
    closed.write('new');
    closed.close();
    closed.abort();
    expect(readFileSync(at('out.json'), 'utf8')).toBe('new');
  });

  it('leaves nothing, and says so, when the file cannot take its name', () => {
    const output = openOutput(at('out.json'), nowhere);
    output.write('text');
    mkdirSync(at('out.json/full'), { recursive: true });
    expect(() => output.close()).toThrow(InputError);
    expect(readdirSync(folder)).toEqual(['out.json']);
  });

  it('can be opened twice under one name', () => {
    const [first, second] = [openOutput(at('out.json'), nowhere), openOutput(at('out.json'), nowhere)];
    first.close();
    second.close();
    expect(readdirSync(folder)).toEqual(['out.json']);
  });

  it('listens for signals only while a file is open', () => {
    const listeners = () => ['SIGINT', 'SIGTERM', 'exit'].map((event) => process.listenerCount(event));
    const before = listeners();
    const [closed, aborted] = [openOutput(at('a'), nowhere), openOutput(at('b'), nowhere)];
    expect(listeners()).toEqual(before.map((count) => count + 2));
    closed.close();
    aborted.abort();
    expect(listeners()).toEqual(before);
  });

  it.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)('%s removes the unfinished file and ends the program', async (signal) => {
    const script = at('open.ts');
    writeFileSync(script, `
      import { openOutput } from ${JSON.stringify(fileURLToPath(new URL('output.ts', import.meta.url)))};
      openOutput(process.argv[2], { env: {}, stdout: process.stdout });
      console.log('open');
      setInterval(() => undefined, 1000);`);
    const { build } = await import('esbuild');
    await build({ entryPoints: [script], outfile: at('open.mjs'), bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
    mkdirSync(at('results'));
    const child = spawn(process.execPath, [at('open.mjs'), at('results/out.json')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.on('exit', (_, by) => resolve(by)));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(readdirSync(at('results'))).toHaveLength(1);
    child.kill(signal);
    expect(await ended).toBe(signal);
    expect(readdirSync(at('results'))).toEqual([]);
  });

  it('says that a file cannot be made', () => {
    expect(() => openOutput(at('no/such/folder/out'), nowhere)).toThrow(InputError);
    expect(() => openOutput(at('no/such/folder/out'), nowhere)).toThrow(/the output .* cannot be written/);
  });

  it('colours a terminal, unless NO_COLOR says otherwise', () => {
    const terminal = { write: () => true, isTTY: true, columns: 90 };
    expect(openOutput(undefined, context(terminal))).toMatchObject({ color: true, columns: 90 });
    expect(openOutput(undefined, context(terminal, { NO_COLOR: '1' })).color).toBe(false);
    expect(openOutput(undefined, nowhere).color).toBe(false);
  });
});
