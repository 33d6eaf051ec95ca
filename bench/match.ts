import { assess, openDatabase } from '@plimsoll/advisories';
import type { Package, Sbom, ScanReport } from '@plimsoll/model';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchImage } from './images.ts';
import { measure, median } from './measure.ts';
import { PLIMSOLL, PLIMSOLL_ENV } from './tools.ts';

export interface Matching {
  packages: number;
  findings: number;
  /** Seconds of the first matching after the database was opened, opening included, with cold code. */
  first: number;
  /** Seconds when the same is asked again of the same open database, median. */
  again: number;
}

const PACKAGES = 1000;

/** Times the whole judgement (matching, grouping, upgrades) of 1,000 real packages of an image, in this process. */
export async function measureMatching(image: BenchImage, database: string, work: string): Promise<Matching> {
  const output = join(work, 'match-input.json');
  const args = [PLIMSOLL, 'scan', `docker-archive:${image.archive}`, '--format', 'json', '--output', output, '--offline', '--no-cache'];
  await measure({ program: process.execPath, args, env: PLIMSOLL_ENV });
  const report = JSON.parse(readFileSync(output, 'utf8')) as ScanReport;
  const sbom: Sbom = { image: report.image, ...(report.os && { os: report.os }), packages: thousand(report.packages), secrets: [], posture: [], warnings: [] };
  const start = process.hrtime.bigint();
  const opened = openDatabase(database);
  const { findings } = assess(sbom, opened, { version: '0' });
  const first = secondsSince(start);
  const again: number[] = [];
  for (let run = 0; run < 20; run++) {
    const from = process.hrtime.bigint();
    assess(sbom, opened, { version: '0' });
    again.push(secondsSince(from));
  }
  opened.close();
  return { packages: sbom.packages.length, findings: findings.length, first, again: median(again) };
}

/** The first thousand; an image that has fewer gives its packages again, as if they were installed twice. */
function thousand(packages: Package[]): Package[] {
  if (packages.length === 0) throw new Error('the image has no packages to match');
  return Array.from({ length: PACKAGES }, (_, index) => packages[index % packages.length]!);
}

function secondsSince(start: bigint): number {
  return Number(process.hrtime.bigint() - start) / 1e9;
}
