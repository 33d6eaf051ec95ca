import { InputError } from '@plimsoll/model';
import { spawn } from 'node:child_process';
import { chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
