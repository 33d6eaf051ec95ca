import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, SHARED } from '../e2e/support/needs.ts';
import type { BenchImage } from './images.ts';
import { measureMatching } from './match.ts';
import { measure, median, summarise, type Cost } from './measure.ts';
import type { Figure } from './results.ts';
import { PLIMSOLL, PLIMSOLL_ENV } from './tools.ts';

const SNAPSHOT = join(REPOSITORY, 'packages/advisories/data/snapshot.db');

/** What is measured once, not per image. */
export async function measureFigures(image: BenchImage, work: string, runs: number): Promise<Figure[]> {
  const database = join(work, 'shared.db');
  const version = await repeat(runs, [PLIMSOLL, '--version']);
  const figures: Figure[] = [{ what: '`plimsoll --version`, wall', value: `${milliseconds(median(version.map((cost) => cost.wall)))} ms`, target: '80 ms' }];
  if (existsSync(join(SHARED, 'feeds'))) {
    const build = summarise(await repeat(Math.min(runs, 3), [PLIMSOLL, 'db', 'build', '--from', join(SHARED, 'feeds'), '--out', database]));
    figures.push(
      { what: '`plimsoll db build` from the shared feeds, wall', value: `${build.wall.toFixed(1)} s`, target: '60 s' },
      { what: 'the same, CPU', value: `${build.cpu.toFixed(1)} s`, target: '–' },
      { what: 'the same, peak memory', value: `${build.memory.toFixed(0)} MB`, target: '–' },
      { what: 'size of that database', value: megabytes(database), target: '60 MB' },
    );
    const matching = await measureMatching(image, database, work);
    figures.push({
      what: `matching ${String(matching.packages)} packages in it, which gives ${String(matching.findings)} findings, first time in a process`,
      value: `${milliseconds(matching.first)} ms`,
      target: '50 ms',
    });
    figures.push({ what: 'the same again in that process', value: `${milliseconds(matching.again)} ms`, target: '50 ms' });
  }
  if (existsSync(SNAPSHOT)) figures.push({ what: 'size of the bundled snapshot', value: megabytes(SNAPSHOT), target: '15 MB' });
  return figures;
}

async function repeat(runs: number, args: string[]): Promise<Cost[]> {
  const costs: Cost[] = [];
  // The first is not counted: it brings the program into the page cache.
  for (let run = 0; run <= runs; run++) {
    const cost = await measure({ program: process.execPath, args, env: PLIMSOLL_ENV });
    if (run > 0) costs.push(cost);
  }
  return costs;
}

function milliseconds(seconds: number): string {
  return (seconds * 1000).toFixed(1);
}

function megabytes(path: string): string {
  return `${(statSync(path).size / 1e6).toFixed(1)} MB`;
}
