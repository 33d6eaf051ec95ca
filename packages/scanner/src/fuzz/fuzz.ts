import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

/** CPU seconds that one input may take. */
const MAX_SECONDS = 5;
/** Growth of the process's memory, in bytes, that one input may cause. */
const MAX_GROWTH = 512 << 20;
/** Inputs that were changed once are changed again, so that changes add up; this many are kept. */
const POOL = 64;

export interface FuzzOptions {
  /** Wall time for mutated inputs, in milliseconds. The corpus is always replayed whole. */
  milliseconds: number;
  seed: number;
  /** Where inputs are kept that made a parser fail. Default: the folder `corpus` beside this file. */
  corpus?: string;
}

export interface FuzzResult {
  /** Inputs read, corpus and seeds included. */
  runs: number;
}

/**
 * Replays a target's corpus and seeds, then mutates them until the time is up. An input that fails is
 * written into the corpus under its hash.
 * @throws Error naming the target, the file and the seed, for the first input that fails
 */
export async function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzResult> {
  const folder = `${options.corpus ?? fileURLToPath(new URL('corpus', import.meta.url))}/${target.name}`;
  const kept = existsSync(folder) ? readdirSync(folder).sort() : [];
  const pool = [...target.seeds(), ...kept.map((name) => readFileSync(`${folder}/${name}`))];
  let runs = 0;
  const attempt = async (input: Buffer) => {
    runs++;
    const problem = await problemOf(target, input);
    if (problem === undefined) return;
    mkdirSync(folder, { recursive: true });
    const name = createHash('sha256').update(input).digest('hex').slice(0, 16);
    writeFileSync(`${folder}/${name}`, input);
    throw new Error(`${target.name}: ${problem}; seed ${options.seed}, run ${runs}, input kept as corpus/${target.name}/${name}`);
  };
  for (const input of pool) await attempt(input);
  const random = new Random(options.seed);
  const fixed = pool.length;
  const end = performance.now() + options.milliseconds;
  while (performance.now() < end) {
    const input = mutate(random.pick(pool), random, pool, target.tokens ?? []);
    await attempt(input);
    if (random.below(8) > 0 || input.length > 65536) continue;
    if (pool.length < fixed + POOL) pool.push(input);
    else pool[fixed + random.below(POOL)] = input;
  }
  return { runs };
}

async function problemOf(target: FuzzTarget, input: Buffer): Promise<string | undefined> {
  const memory = process.memoryUsage.rss();
  const cpu = process.cpuUsage();
  try {
    await target.run(input);
  } catch (error) {
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  const { user, system } = process.cpuUsage(cpu);
  if (user + system > MAX_SECONDS * 1e6) return `took ${((user + system) / 1e6).toFixed(1)} s of CPU time`;
  const growth = process.memoryUsage.rss() - memory;
  if (growth > MAX_GROWTH) return `made the process grow by ${growth >> 20} MiB`;
  return undefined;
}
