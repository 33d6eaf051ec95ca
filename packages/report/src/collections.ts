/** Groups in order of first appearance. */
export function groupBy<T, K>(values: Iterable<T>, key: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const k = key(value);
    const group = groups.get(k);
    if (group) group.push(value);
    else groups.set(k, [value]);
  }
  return groups;
}

export function unique<T>(values: Iterable<T>): T[] {
  return [...new Set(values)];
}

/** The first value of each key. */
export function uniqueBy<T, K>(values: Iterable<T>, key: (value: T) => K): T[] {
  return [...groupBy(values, key).values()].map((group) => group[0]!);
}
