import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { benchImages, type BenchImage } from './images.ts';
import { measureFloor, measureLimits, type Floor } from './limits.ts';
import { measureFigures } from './figures.ts';
import { renderResults, type Results } from './results.ts';
import { scanTable } from './scans.ts';
import { readSettings } from './settings.ts';
import { findTools, type Form } from './tools.ts';
import { REPOSITORY } from '../e2e/support/needs.ts';

const settings = readSettings();
const started = new Date();
const images = await benchImages(settings.work, settings.only);
for (const image of images) {
  console.log(`${image.name}: ${image.archive} (${(image.bytes / 1e6).toFixed(0)} MB in ${String(image.layers)} layers)`);
}
if (!settings.imagesOnly) await runBench();

async function runBench(): Promise<void> {
  const loadBefore = loadavg()[0] ?? 0;
  const tools = findTools(settings.peers, settings.peersOnly);
  console.log(`measuring ${tools.map((tool) => tool.name).join(', ')}; peers from ${settings.peers}`);
  const largest = images.reduce((most, image) => (image.bytes > most.bytes ? image : most));
  const limits = await measureLimits(largest, settings.runs);
  const floors = new Map<string, Floor>();
  const tables: Results['tables'] = [];
  for (const image of images) {
    floors.set(image.name, await measureFloor(image, Math.min(settings.runs, 3)));
    for (const form of formsOf(image)) {
      console.log(`${image.name}, ${form} …`);
      tables.push(await scanTable(image, form, tools, settings.runs, settings.work));
    }
  }
  const figures = settings.peersOnly ? [] : await measureFigures(largest, settings.work, settings.runs);
  const results: Results = {
    started,
    loadBefore,
    tables,
    limits,
    floors,
    figures,
    shorten: [
      [settings.work, 'WORK'],
      [settings.peers, 'PEERS'],
      [`${REPOSITORY}/`, ''],
      [process.execPath, 'node'],
    ],
  };
  writeFileSync(settings.output, renderResults(results) + writtenByHand(settings.output));
  writeFileSync(join(settings.work, 'results.json'), JSON.stringify({ ...results, floors: [...floors] }, null, 2));
  console.log(`written: ${settings.output}`);
}

/** What other benches measured stands below this heading, and stays. */
function writtenByHand(file: string): string {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const at = text.indexOf('\n## Server, console and fleet\n');
  return at < 0 ? '' : text.slice(at);
}

/** Gzipped layers matter where there is much to decompress. */
function formsOf(image: BenchImage): Form[] {
  return image.bytes > 50e6 ? ['archive', 'layout'] : ['archive'];
}
