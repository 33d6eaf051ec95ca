import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { REPOSITORY } from '../e2e/support/needs.ts';

/** Where the bench finds and puts things. Nothing that is fetched or built lies in the checkout. */
export interface Settings {
  /** Folder with the peers' programs: any of `trivy`, `trivy-reduced`, `syft`, `grype`. */
  peers: string;
  /** Folder for images, caches and raw results. */
  work: string;
  /** Runs counted per command, after one that is not. */
  runs: number;
  /** Only these images and commands, by name; empty for all. */
  only: string[];
  /** Leave out Plimsoll itself: for looking at the peers alone. */
  peersOnly: boolean;
  /** Make the images and stop. */
  imagesOnly: boolean;
  /** File for the tables. */
  output: string;
}

/** Reads the command line and the environment (PLIMSOLL_BENCH_PEERS, PLIMSOLL_BENCH_WORK). */
export function readSettings(argv = process.argv.slice(2)): Settings {
  const { values } = parseArgs({
    args: argv,
    options: {
      peers: { type: 'string' },
      work: { type: 'string' },
      runs: { type: 'string', default: '5' },
      only: { type: 'string', multiple: true, default: [] },
      'peers-only': { type: 'boolean', default: false },
      'images-only': { type: 'boolean', default: false },
      output: { type: 'string' },
    },
  });
  const home = join(tmpdir(), 'plimsoll-bench');
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: a whole number from 1 up is meant.`);
  const work = resolve(values.work ?? process.env['PLIMSOLL_BENCH_WORK'] ?? join(home, 'work'));
  mkdirSync(work, { recursive: true });
  return {
    peers: resolve(values.peers ?? process.env['PLIMSOLL_BENCH_PEERS'] ?? join(home, 'peers')),
    work,
    runs,
    only: values.only,
    peersOnly: values['peers-only'],
    imagesOnly: values['images-only'],
    output: resolve(values.output ?? join(REPOSITORY, 'bench/RESULTS.md')),
  };
}
