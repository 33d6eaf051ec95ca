import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { TARGETS } from './targets.ts';

/** Seconds a target: `FUZZ_SECONDS`, or 5 in the full suites, else 1. */
const seconds = Number(process.env['FUZZ_SECONDS'] ?? (process.env['PLIMSOLL_SUITES'] === 'all' ? 5 : 1));
/** `FUZZ_SEED` repeats a run; without it every run tries other inputs. */
const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

describe(`every parser survives its corpus and mutated inputs (FUZZ_SEED=${seed})`, () => {
  it.each(TARGETS.map((target) => [target.name, target] as const))('%s', async (_name, target) => {
    const { runs } = await fuzz(target, { milliseconds: seconds * 1000, seed });
    expect(runs).toBeGreaterThan(target.seeds().length);
  }, 120_000 + seconds * 2000);
});

describe('the fuzzer itself', () => {
  it('keeps the input that fails and says by which seed it came', async () => {
    const corpus = mkdtempSync(join(tmpdir(), 'plimsoll-fuzz-'));
    try {
      const fragile = {
        name: 'fragile',
        seeds: () => [Buffer.from('harmless')],
        run(input: Buffer) {
          if (input.includes('__proto__')) throw new TypeError('fell over');
        },
      };
      await expect(fuzz(fragile, { milliseconds: 20_000, seed: 7, corpus })).rejects.toThrow(/fragile: threw TypeError: fell over[^]*seed 7/);
      const [name] = readdirSync(join(corpus, 'fragile'));
      expect(readFileSync(join(corpus, 'fragile', name!)).includes('__proto__')).toBe(true);
      // From now on the corpus alone finds it.
      await expect(fuzz(fragile, { milliseconds: 0, seed: 1, corpus })).rejects.toThrow('fell over');
    } finally {
      rmSync(corpus, { recursive: true, force: true });
    }
  });

  it('gives the same inputs for the same seed', async () => {
    const record = async () => {
      const seen: string[] = [];
      const target = { name: 'none', seeds: () => [Buffer.from('{"a": [1, 2]}')], run: (input: Buffer) => void (seen.length < 50 && seen.push(input.toString('hex').slice(0, 200))) };
      await fuzz(target, { milliseconds: 200, seed: 42, corpus: tmpdir() });
      return seen.slice(0, 10);
    };
    expect(await record()).toEqual(await record());
  });
});
