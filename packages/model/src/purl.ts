import { PackageURL } from 'packageurl-js';
import type { PackageType } from './package.ts';

export interface PurlParts {
  type: PackageType | (string & {});
  namespace?: string | undefined;
  name: string;
  version?: string | undefined;
  qualifiers?: Record<string, string> | undefined;
  subpath?: string | undefined;
}

/**
 * Writes a package URL in canonical form. The library leaves `+` in versions as it is; the purl
 * specification lists it among the characters to be percent-encoded, and other tools encode it.
 */
export function formatPurl(parts: PurlParts): string {
  return new PackageURL(
    parts.type,
    parts.namespace ?? undefined,
    parts.name,
    parts.version ?? undefined,
    parts.qualifiers ?? undefined,
    parts.subpath ?? undefined,
  )
    .toString()
    .replaceAll('+', '%2B');
}

/** Reads a package URL; undefined when it is not one. */
export function parsePurl(text: string): PurlParts | undefined {
  try {
    const p = PackageURL.fromString(text);
    if (!p.type || !p.name) return undefined;
    return {
      type: p.type,
      namespace: p.namespace ?? undefined,
      name: p.name,
      version: p.version ?? undefined,
      qualifiers: p.qualifiers ? { ...p.qualifiers } as Record<string, string> : undefined,
      subpath: p.subpath ?? undefined,
    };
  } catch {
    return undefined;
  }
}
