/** Ecosystems whose registries take names in any case. */
const CASELESS = new Set(['NuGet', 'Packagist', 'GitHub Actions']);

/**
 * The name under which an ecosystem's package is stored and looked up, so that every spelling the
 * ecosystem's own tool takes finds it.
 */
export function normalizeName(ecosystem: string, name: string): string {
  // PEP 503: runs of -, _ and . are one -.
  if (ecosystem === 'PyPI') return name.toLowerCase().replace(/[-_.]+/g, '-');
  if (CASELESS.has(ecosystem)) return name.toLowerCase();
  return name;
}

/** Row key of a package. NUL cannot be in either part that anybody looks up. */
export function packageKey(ecosystem: string, name: string): Buffer {
  return Buffer.from(`${ecosystem}\0${normalizeName(ecosystem, name)}`);
}

/** Row key of an id: people type them in any case. */
export function idKey(id: string): Buffer {
  return Buffer.from(id.toUpperCase());
}
