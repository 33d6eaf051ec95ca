/**
 * Works on items, a few at a time, and gives the results in the items' order. After a failure nothing
 * more is begun; when all that was begun has ended, the failure of the earliest item is thrown.
 */
export async function inParallel<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>();
  const failures = new Map<number, unknown>();
  let next = 0;
  const worker = async () => {
    while (next < items.length && failures.size === 0) {
      const index = next++;
      try {
        results.set(index, await work(items[index]!));
      } catch (error) {
        failures.set(index, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
  return items.map((_, index) => results.get(index)!);
}

/** Layers at once: decompression has threads of its own, and registries are waited for. As many as Docker fetches. */
export const LAYERS_AT_ONCE = 3;
