import { createHash } from 'node:crypto';
import type { Finding, Image, Package, ScanReport } from '@plimsoll/model';

/** Name to show for the image: a tag where the source has one, since the reference may be a file. */
export function imageName(image: Image): string {
  const isReference = image.kind === 'registry' || image.kind === 'docker';
  if (isReference) return image.reference;
  return image.tags[0] ?? lastComponent(image.reference);
}

function lastComponent(path: string): string {
  return path.replace(/\/+$/, '').split('/').pop() || path;
}

/**
 * A UUID that is the same for the same report: version 8 of RFC 9562 (custom content), made of a
 * SHA-256 over what sets one report apart from another.
 */
export function reportUuid(report: ScanReport): string {
  const hash = createHash('sha256');
  const add = (...parts: (string | undefined)[]): void => {
    hash.update(JSON.stringify(parts));
  };
  add(report.tool.version, report.scannedAt, report.image.reference, report.image.id, report.image.digest);
  add(report.database?.built);
  for (const p of report.packages) add(p.purl, String(p.layer), ...p.paths);
  for (const f of report.findings) add(f.id, f.package.purl, String(f.severity), f.fixedVersion);
  const bytes = hash.digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * Names each package within one document. The same purl may be installed at several places, so the
 * purl alone does not do; findings point at their package by purl and first path.
 */
export class PackageRefs {
  readonly #byPackage = new Map<Package, string>();
  readonly #byPlace = new Map<string, string>();
  readonly #byPurl = new Map<string, string>();

  /** `nameFor` makes a name from the purl and how many packages with this purl came before. */
  constructor(packages: readonly Package[], nameFor: (purl: string, earlier: number) => string) {
    const seen = new Map<string, number>();
    for (const p of packages) {
      const earlier = seen.get(p.purl) ?? 0;
      seen.set(p.purl, earlier + 1);
      const ref = nameFor(p.purl, earlier);
      this.#byPackage.set(p, ref);
      const place = placeKey(p.purl, p.paths[0]);
      if (!this.#byPlace.has(place)) this.#byPlace.set(place, ref);
      if (!this.#byPurl.has(p.purl)) this.#byPurl.set(p.purl, ref);
    }
  }

  of(p: Package): string {
    return this.#byPackage.get(p)!;
  }

  /** The package a finding is about; undefined when the report has no such package. */
  ofFinding(finding: Finding): string | undefined {
    const { purl, paths } = finding.package;
    return this.#byPlace.get(placeKey(purl, paths[0])) ?? this.#byPurl.get(purl);
  }

  *all(): Iterable<string> {
    yield* this.#byPackage.values();
  }
}

function placeKey(purl: string, path: string | undefined): string {
  return `${purl}\n${path ?? ''}`;
}

/** A date as RFC 3339 wants it, from the dates that feeds write; undefined for what is none. */
export function rfc3339(date: string | undefined): string | undefined {
  if (date === undefined) return undefined;
  const time = Date.parse(date);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** The address in canonical form; undefined unless it is one of the web. */
export function webAddress(url: string | undefined): string | undefined {
  if (url === undefined || !/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  return new URL(url).href;
}
