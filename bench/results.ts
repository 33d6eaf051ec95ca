/** Writes RESULTS.md from what was measured. */
import { cpus, loadavg, release, totalmem } from 'node:os';
import type { Floor, Limits } from './limits.ts';
import type { ScanTable } from './scans.ts';

export interface Results {
  started: Date;
  loadBefore: number;
  tables: ScanTable[];
  limits: Limits;
  floors: Map<string, Floor>;
  /** Rows of the table of single figures. */
  figures: Figure[];
  /** Roots to leave out of the commands shown, with what stands for them. */
  shorten: [path: string, name: string][];
}

export interface Figure {
  what: string;
  value: string;
  target: string;
}

export function renderResults(results: Results): string {
  const out = [
    '# Bench results',
    '',
    'Written by `npm run bench`; [README.md](README.md) says how the figures are taken and how to take them again.',
    '',
    ...machine(results),
    '',
  ];
  if (results.figures.length > 0) {
    out.push('## Single figures', '', '| what | measured | target |', '|---|---:|---:|');
    for (const { what, value, target } of results.figures) out.push(`| ${what} | ${value} | ${target} |`);
    out.push('');
  }
  out.push('## Scans', '');
  for (const table of results.tables) out.push(...scanRows(table, results.floors.get(table.image)), '');
  out.push(...limitLines(results.limits), '', '## Commands', '', ...commands(results));
  return out.join('\n') + '\n';
}

function machine({ started, loadBefore }: Results): string[] {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return [
    `- Taken ${started.toISOString().slice(0, 16).replace('T', ' ')} UTC in one run.`,
    `- Machine: ${String(cpus().length)} × ${model}, ${gigabytes(totalmem())} GB of memory, Linux ${release()}, Node ${process.version}.`,
    `- Load average (1 minute) before: ${loadBefore.toFixed(2)}, after: ${(loadavg()[0] ?? 0).toFixed(2)}. The bench itself makes about 1; more is other work on the machine.`,
  ];
}

function scanRows(table: ScanTable, floor: Floor | undefined): string[] {
  const given = table.form === 'archive' ? 'docker-archive, plain layers' : 'OCI layout, gzipped layers';
  const out = [
    `### ${table.image}: ${given}`,
    '',
    `${capital(table.about)}; ${table.megabytes.toFixed(1)} MB in ${String(table.layers)} ${table.layers === 1 ? 'layer' : 'layers'}.`,
    '',
    '| scanner | wall s (min–max) | CPU s | peak MB | warm wall s | packages |',
    '|---|---:|---:|---:|---:|---|',
  ];
  for (const { tool, version, cold, warm, packages } of table.rows) {
    const range = `${seconds(cold.wall)} (${seconds(cold.wallRange[0])}–${seconds(cold.wallRange[1])})`;
    out.push(`| ${tool} ${version} | ${range} | ${seconds(cold.cpu)} | ${cold.memory.toFixed(0)} | ${warm ? seconds(warm.wall) : '–'} | ${packages} |`);
  }
  const ours = table.rows.find((row) => row.tool === 'Plimsoll');
  if (ours) {
    out.push('');
    for (const peer of table.rows) {
      if (peer === ours) continue;
      out.push(`- Against ${peer.tool}: ${times(ours.cold.wall, peer.cold.wall)} the wall time, ${times(ours.cold.cpu, peer.cold.cpu)} the CPU time, ${times(ours.cold.memory, peer.cold.memory)} the memory.`);
    }
  }
  if (floor) {
    const least = floor[table.form];
    const work = table.form === 'archive' ? 'reading the archive and hashing it' : 'reading, hashing, decompressing and hashing the layers';
    const distance = ours ? `; Plimsoll's CPU time is ${(ours.cold.cpu / least).toFixed(1)} times that` : '';
    out.push(`- The limit, ${work} with Node on one core: ${seconds(least)} s of CPU${distance}.`);
  }
  return out;
}

function limitLines({ read, sha256, gunzip }: Limits): string[] {
  return [
    '## What one core of this machine can do',
    '',
    'On 128 MB of the Debian image (or the largest one measured), with what Node brings:',
    '',
    '| work | MB/s |',
    '|---|---:|',
    `| read a file that is in the page cache | ${read.toFixed(0)} |`,
    `| SHA-256 | ${sha256.toFixed(0)} |`,
    `| gunzip, counted in what comes out | ${gunzip.toFixed(0)} |`,
  ];
}

function commands({ tables, shorten }: Results): string[] {
  const short = (text: string) => shorten.reduce((left, [path, name]) => left.replaceAll(path, name), text);
  const out: string[] = [];
  const first = tables[0];
  for (const row of first?.rows ?? []) {
    out.push(`- ${row.tool}${row.note ? ` (${row.note})` : ''}:`, '', '  ```', `  ${short(row.command)}`, '  ```', '');
  }
  return out;
}

function seconds(value: number): string {
  return value < 1 ? value.toFixed(3) : value.toFixed(2);
}

function times(ours: number, theirs: number): string {
  return `${(ours / theirs).toFixed(2)} ×`;
}

function gigabytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(0);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
