import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeElf } from '../formats/elf.fixtures.ts';
import { inspect } from './binary.fixtures.ts';
import { rustAuditable } from './rust-auditable.ts';

/** As `cargo auditable` writes it: `kind` only where it is not `runtime`, `root` on the program's own crate. */
const LIST = {
  packages: [
    { name: 'adler', version: '0.2.3', source: 'registry' },
    { name: 'autocfg', version: '1.0.1', source: 'crates.io', kind: 'build' },
    { name: 'tokio-util', version: '0.7.10+build.5', source: 'crates.io', dependencies: [0], kind: 'runtime' },
    { name: 'app', version: '0.1.0', source: 'local', dependencies: [0, 2], root: true },
  ],
};
const compressed = (value: unknown) => deflateSync(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
const program = (data: Buffer) => makeElf({ sections: [{ name: '.dep-v0', data }] });

describe('rustAuditable', () => {
  it('lists the crates of the program, and not those that only built it', () => {
    const { packages, warnings } = inspect(rustAuditable, program(compressed(LIST)));
    expect(packages).toEqual([
      { name: 'adler', version: '0.2.3', type: 'cargo', purl: 'pkg:cargo/adler@0.2.3' },
      { name: 'tokio-util', version: '0.7.10+build.5', type: 'cargo', purl: 'pkg:cargo/tokio-util@0.7.10%2Bbuild.5' },
      { name: 'app', version: '0.1.0', type: 'cargo', purl: 'pkg:cargo/app@0.1.0' },
    ]);
    expect(warnings).toEqual([]);
  });

  it('has nothing to say of other programs', () => {
    expect(inspect(rustAuditable, makeElf({ sections: [] }))).toEqual({ packages: [], warnings: [] });
  });

  it('leaves out entries that are no crates and keeps the others', () => {
    const odd = [null, 7, [], {}, { name: 1, version: '1.0.0' }, { name: '../x', version: '1.0.0' }, { name: 'x'.repeat(1 << 20), version: '1.0.0' },
      { name: 'x', version: '' }, { name: '__proto__', version: '1.0.0' }, { name: 'ok', version: '1.0.0' }, { name: 'ok', version: '1.0.0' }];
    const { packages } = inspect(rustAuditable, program(compressed({ packages: odd })));
    expect(packages.map((p) => p.name)).toEqual(['__proto__', 'ok']);
  });

  it.each([
    ['not zlib', Buffer.from('{"packages":[]}')],
    ['cut off', compressed(LIST).subarray(0, 20)],
    ['not JSON', compressed('nope')],
    ['null', compressed('null')],
    ['without list', compressed({ packages: 'x' })],
    ['a bomb', deflateSync(Buffer.alloc(64 << 20))],
    ['deeply nested', compressed('['.repeat(1 << 20))],
  ])('warns of a list that is %s', (_, data) => {
    expect(inspect(rustAuditable, program(data))).toEqual({ packages: [], warnings: ['rust-auditable-corrupt'] });
  });

  it('never throws: overwritten', () => {
    const seed = program(compressed(LIST));
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { maxLength: 6 }), (edits) => {
      const bytes = Buffer.from(seed);
      for (const [at, value] of edits) bytes[at] = value;
      expect(inspect(rustAuditable, bytes).packages.length).toBeLessThanOrEqual(4);
    }), { numRuns: 300 });
  });
});

function has(tool: string): boolean {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!has('cc') || !has('objcopy'))('a compiled program (skipped: needs cc and objcopy)', () => {
  it('gives the list that objcopy added', () => {
    const dir = mkdtempSync(join(tmpdir(), 'plimsoll-rust-'));
    try {
      writeFileSync(join(dir, 'app.c'), 'int main(void) { return 0; }\n');
      writeFileSync(join(dir, 'list'), compressed(LIST));
      execFileSync('cc', ['-o', 'app', 'app.c'], { cwd: dir });
      execFileSync('objcopy', ['--add-section', '.dep-v0=list', 'app'], { cwd: dir });
      expect(inspect(rustAuditable, readFileSync(join(dir, 'app'))).packages.map((p) => p.name)).toEqual(['adler', 'tokio-util', 'app']);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
