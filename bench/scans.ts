import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchImage } from './images.ts';
import { measure, showCommand, summarise, type Cost, type Summary } from './measure.ts';
import { countPackages, showCounts } from './sbom-count.ts';
import type { Form, Tool } from './tools.ts';

/** One row of a table. */
export interface ScanResult {
  tool: string;
  version: string;
  command: string;
  note: string;
  packages: string;
  cold: Summary;
  /** With the cache that a run before left; only for tools that keep one. */
  warm?: Summary;
  /** Every cold run, for the raw results. */
  runs: Cost[];
}

export interface ScanTable {
  image: string;
  about: string;
  form: Form;
  megabytes: number;
  layers: number;
  rows: ScanResult[];
}

/**
 * Scans one image with every tool in turn, A B C A B C …, so that a machine that slows down slows all
 * of them. One uncounted round comes first: it brings the image into the page cache for all alike.
 * Every cold run starts with an emptied tool cache; every warm run follows a cold one.
 */
export async function scanTable(image: BenchImage, form: Form, tools: Tool[], runs: number, work: string): Promise<ScanTable> {
  const cold = new Map<Tool, Cost[]>(tools.map((tool) => [tool, []]));
  const warm = new Map<Tool, Cost[]>(tools.map((tool) => [tool, []]));
  const failed = new Map<Tool, string>();
  const counts = new Map<Tool, string>();
  mkdirSync(join(work, 'sboms'), { recursive: true });
  const paths = (tool: Tool) => ({
    cache: join(work, 'caches', fileName(tool.name)),
    output: join(work, 'sboms', `${image.name}-${form}-${fileName(tool.name)}.json`),
  });
  for (let round = 0; round <= runs; round++) {
    for (const tool of tools) {
      if (failed.has(tool)) continue;
      const { cache, output } = paths(tool);
      tool.prepare(cache);
      rmSync(output, { force: true });
      const command = tool.scan(image, form, cache, output);
      try {
        const first = await measure(command);
        const second = tool.caches ? await measure(command) : undefined;
        if (round === 0) {
          counts.set(tool, showCounts(countPackages(output)));
          continue;
        }
        cold.get(tool)!.push(first);
        if (second) warm.get(tool)!.push(second);
      } catch (error) {
        failed.set(tool, error instanceof Error ? error.message : String(error));
        console.error(`${image.name}, ${form}, ${tool.name}: ${failed.get(tool)!}`);
      }
    }
  }
  const rows = tools.flatMap((tool): ScanResult[] => {
    const costs = cold.get(tool)!;
    if (costs.length === 0) return [];
    const { cache, output } = paths(tool);
    const warmCosts = warm.get(tool)!;
    return [
      {
        tool: tool.name,
        version: tool.version,
        command: showCommand(tool.scan(image, form, cache, output)),
        note: tool.note ?? '',
        packages: counts.get(tool) ?? '',
        cold: summarise(costs),
        ...(warmCosts.length > 0 && { warm: summarise(warmCosts) }),
        runs: costs,
      },
    ];
  });
  return { image: image.name, about: image.about, form, megabytes: image.bytes / 1e6, layers: image.layers, rows };
}

function fileName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
