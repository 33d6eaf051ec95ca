import { readFileSync } from 'node:fs';

/** How many packages a CycloneDX file names, by purl type. */
export function countPackages(path: string): Map<string, number> {
  const document = JSON.parse(readFileSync(path, 'utf8')) as { components?: { purl?: string }[] };
  const counts = new Map<string, number>();
  for (const { purl } of document.components ?? []) {
    const type = purl === undefined ? undefined : /^pkg:([a-z]+)\//.exec(purl)?.[1];
    if (type !== undefined) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return new Map([...counts].sort((a, b) => b[1] - a[1]));
}

/** `578 (deb 480, npm 98)` */
export function showCounts(counts: Map<string, number>): string {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const parts = [...counts].map(([type, count]) => `${type} ${String(count)}`);
  return counts.size === 0 ? '0' : `${String(total)} (${parts.join(', ')})`;
}
