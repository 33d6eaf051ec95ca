import { PACKAGE_TYPES, parsePurl, type OsRelease, type Package, type PackageType, type Sbom, type SourcePackage, type Warning } from '@plimsoll/model';
import { excerpt, MAX_NAME_LENGTH, MAX_VERSION_LENGTH } from '../../catalogers/names.ts';
import { isPrintable, type ImageFacts } from './facts.ts';
import { distroOf, osFromWords, type DistroWords } from './os.ts';
import { packageName, packageVersion, sourceOf } from './purl-reading.ts';

/** More packages than any image has; the bound keeps memory bounded. */
const MAX_PACKAGES = 1_000_000;
const MAX_WARNINGS_OF_A_KIND = 20;

/** A package as an SBOM lists it. All of it is as the document says, nothing is checked yet. */
export interface ListedPackage {
  name: string | undefined;
  version: string | undefined;
  purl: string | undefined;
  cataloger?: string | undefined;
  arch?: string | undefined;
  source?: SourcePackage | undefined;
  licenses?: string[];
  modularity?: string | undefined;
  vendor?: string | undefined;
  paths?: string[];
  ownedBy?: string | undefined;
  layer?: number | undefined;
  /** The layer by its diff ID, as other tools tell it. */
  layerDiffId?: string | undefined;
}

/** Collects what a document lists and makes the `Sbom` of it. */
export class SbomBuilder {
  readonly #packages: { listed: ListedPackage; type: PackageType; pkg: Package }[] = [];
  readonly #seen = new Set<string>();
  readonly #warnings: Warning[] = [];
  readonly #unknownTypes = new Map<string, number>();
  readonly #distros = new Map<string, { words: DistroWords; packages: number }>();
  #withoutPurl = 0;
  #unfit = 0;
  #dropped = 0;
  #os: OsRelease | undefined;

  add(listed: ListedPackage): void {
    if (this.#packages.length >= MAX_PACKAGES) {
      this.#dropped++;
      return;
    }
    const purl = listed.purl === undefined || listed.purl.length > 8192 ? undefined : parsePurl(listed.purl);
    if (!purl) {
      this.#withoutPurl++;
      return;
    }
    const type = PACKAGE_TYPES.find((known) => known === purl.type);
    if (type === undefined) {
      const name = excerpt(purl.type, 20);
      this.#unknownTypes.set(name, (this.#unknownTypes.get(name) ?? 0) + 1);
      return;
    }
    const name = packageName(type, purl, listed.name);
    const version = packageVersion(type, purl, listed.version);
    if (!isPrintable(name, MAX_NAME_LENGTH) || !isPrintable(version, MAX_VERSION_LENGTH)) {
      this.#unfit++;
      return;
    }
    const paths = (listed.paths ?? []).map((path) => path.replace(/^\/+/, ''));
    const key = `${listed.purl}\0${paths[0] ?? ''}\0${listed.layer ?? listed.layerDiffId ?? ''}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);

    const distro = distroOf(type, purl);
    if (distro) {
      const distroKey = `${distro.id} ${distro.versionId ?? ''}`;
      const count = this.#distros.get(distroKey);
      if (count) count.packages++;
      else this.#distros.set(distroKey, { words: distro, packages: 1 });
    }
    const arch = listed.arch ?? purl.qualifiers?.['arch'];
    const modularity = listed.modularity ?? (type === 'rpm' ? purl.qualifiers?.['rpmmod'] : undefined);
    const source = listed.source ?? sourceOf(type, purl, version);
    const pkg: Package = {
      name,
      version,
      type,
      purl: listed.purl!,
      ...(arch === undefined ? {} : { arch }),
      ...(source ? { source } : {}),
      ...(listed.licenses?.length ? { licenses: listed.licenses } : {}),
      ...(modularity === undefined ? {} : { modularity }),
      ...(listed.vendor === undefined ? {} : { vendor: listed.vendor }),
      cataloger: listed.cataloger ?? 'sbom',
      paths,
      layer: 0,
      ...(listed.ownedBy === undefined ? {} : { ownedBy: listed.ownedBy }),
    };
    this.#packages.push({ listed, type, pkg });
  }

  /** The operating system as the document names it; the first one counts. */
  setOs(words: DistroWords): void {
    this.#os ??= osFromWords(words);
  }

  /** Something that the document itself says was not looked at. */
  warn(code: string, message: string): void {
    const same = this.#warnings.filter((warning) => warning.code === code).length;
    if (same < MAX_WARNINGS_OF_A_KIND) this.#warnings.push({ code, message, incomplete: true });
  }

  /** @param facts what the document says of the image */
  build(reference: string, facts: ImageFacts): Sbom {
    const { warnings = [], layers: known = [], tags = [], repoDigests = [], ...rest } = facts;
    const layers = known.length > 0 || this.#packages.length === 0 ? known : [{ index: 0 }];
    const byDiffId = new Map(layers.flatMap((layer) => (layer.diffId === undefined ? [] : [[layer.diffId, layer.index] as const])));
    for (const { listed, pkg } of this.#packages) {
      const index = listed.layer ?? byDiffId.get(listed.layerDiffId ?? '') ?? 0;
      pkg.layer = index < layers.length ? index : 0;
    }
    const os = this.#os ?? this.#commonestDistro();
    this.#warnAboutLeftOut(reference);
    return {
      image: { reference, kind: 'sbom', ...rest, tags, repoDigests, layers, history: [] },
      ...(os ? { os } : {}),
      packages: this.#packages.map(({ pkg }) => pkg),
      secrets: [],
      posture: [],
      warnings: [...warnings, ...this.#warnings],
    };
  }

  #commonestDistro(): OsRelease | undefined {
    const [first] = [...this.#distros.values()].sort((a, b) => b.packages - a.packages);
    return first && osFromWords(first.words);
  }

  #warnAboutLeftOut(reference: string): void {
    const say = (code: string, what: string): void => this.warn(code, `${reference}: ${what}`);
    if (this.#withoutPurl > 0) {
      say('sbom-no-purl', `components left out because they have no package URL that can be read: ${this.#withoutPurl}`);
    }
    if (this.#unfit > 0) {
      say(
        'sbom-package-unfit',
        `packages left out because they have no version, or a name or version that is too long or has control characters: ${this.#unfit}`,
      );
    }
    if (this.#dropped > 0) say('sbom-too-many', `only the first ${MAX_PACKAGES} packages are read; ${this.#dropped} are left out`);
    if (this.#unknownTypes.size > 0) {
      const types = [...this.#unknownTypes].slice(0, 10).map(([type, count]) => `${type} (${count})`);
      say('sbom-type-unknown', `packages left out because their types are not known: ${types.join(', ')}`);
    }
  }
}
