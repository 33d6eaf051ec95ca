import {
  OS_PACKAGE_TYPES,
  type CatalogedPackage,
  type OsRelease,
  type Package,
  type Secret,
  type Warning,
} from '@plimsoll/model';
import { osPurl } from '../catalogers/os-purl.ts';
import { parseOsRelease } from '../os-release.ts';
import type { FileFact } from '../posture/posture.ts';
import type { LayerCatalogue, LayerFile } from './layer-catalogue.ts';
import { ancestors, pathHash } from './path.ts';

/** What the layers of an image come to when they lie on each other. */
export interface MergedLayers {
  os: OsRelease | undefined;
  packages: Package[];
  secrets: Secret[];
  facts: FileFact[];
  warnings: Warning[];
}

/**
 * Merges layers, bottom first, by the overlay rules of the OCI image spec (layer.md, "Whiteouts"):
 * what an upper layer writes or deletes hides the same path below, a file hides a folder with all in
 * it, an opaque folder hides everything it held before.
 */
export function mergeLayers(layers: readonly LayerCatalogue[]): MergedLayers {
  const overlay = new Overlay(layers);
  const os = mergeOs(layers, overlay);
  const packages = mergePackages(layers, overlay, os);
  const owners = ownersOf(layers, overlay, packages);
  const secrets: Secret[] = [];
  const facts: FileFact[] = [];
  const warnings: Warning[] = [];
  layers.forEach((layer, index) => {
    for (const secret of layer.secrets) {
      // A secret deleted by a later layer still ships with the image: it stays reported, on its layer.
      if (owners(secret.path, index) === undefined) secrets.push({ ...secret, layer: index });
    }
    for (const fact of layer.facts) if (overlay.visible(fact.path, index)) facts.push({ ...fact, layer: index });
    for (const warning of layer.warnings) {
      const hidden = warning.path !== undefined && !overlay.visible(warning.path, index);
      if (!hidden) warnings.push({ ...warning, layer: index });
    }
  });
  return { os, packages: assignOwners(packages, owners), secrets, facts, warnings };
}

/** Answers whether a path of one layer is still there when all upper layers are laid over it. */
class Overlay {
  readonly #layers: readonly LayerCatalogue[];
  /** Opaque folders by path, with the highest layer that made them so. */
  readonly #opaque = new Map<string, number>();
  /** Highest layer that hides a path or folder; shared by the many files of one folder. */
  readonly #hidden = new Map<string, number>();

  constructor(layers: readonly LayerCatalogue[]) {
    this.#layers = layers;
    layers.forEach((layer, index) => {
      for (const folder of layer.opaque) this.#opaque.set(folder, index);
    });
  }

  #replacedBy(path: string): number {
    let top = this.#hidden.get(path);
    if (top === undefined) {
      top = -1;
      const hash = pathHash(path);
      for (let i = this.#layers.length - 1; i > 0 && top < 0; i--) if (this.#layers[i]!.replaced.hasHash(hash)) top = i;
      this.#hidden.set(path, top);
    }
    return top;
  }

  /** Whether a layer above `from` and below `to` hides the path that both have. */
  goneBetween(path: string, from: number, to: number): boolean {
    for (let i = from + 1; i < to; i++) if (this.#hides(i, path)) return true;
    return false;
  }

  #hides(layer: number, path: string): boolean {
    const { replaced, opaque } = this.#layers[layer]!;
    if (replaced.has(path) || replaced.has(`${path}/`) || opaque.includes('')) return true;
    for (const folder of ancestors(path)) if (replaced.has(folder) || opaque.includes(folder)) return true;
    return false;
  }

  visible(path: string, layer: number): boolean {
    if (layer === this.#layers.length - 1) return true;
    // A folder hides a file of its name, but not what lower layers have in a folder of that name.
    if (this.#replacedBy(path) > layer || this.#replacedBy(`${path}/`) > layer) return false;
    if ((this.#opaque.get('') ?? -1) > layer) return false;
    for (const folder of ancestors(path)) {
      if (this.#replacedBy(folder) > layer || (this.#opaque.get(folder) ?? -1) > layer) return false;
    }
    return true;
  }
}

function mergeOs(layers: readonly LayerCatalogue[], overlay: Overlay): OsRelease | undefined {
  const files = new Map<string, string>();
  layers.forEach((layer, index) => {
    for (const [path, text] of layer.osFiles) if (overlay.visible(path, index)) files.set(path, text);
  });
  return parseOsRelease(files);
}

/** Identity of a package within its evidence file, across layers. */
function identity(pkg: CatalogedPackage): string {
  return `${pkg.type}\0${pkg.name}\0${pkg.version}\0${pkg.arch ?? ''}\0${pkg.nestedPath ?? ''}`;
}

function mergePackages(layers: readonly LayerCatalogue[], overlay: Overlay, os: OsRelease | undefined): Package[] {
  const isOs = new Set<string>(OS_PACKAGE_TYPES);
  /** Layers that have each evidence file, bottom first. */
  const versionsOf = new Map<string, { layer: number; file: LayerFile }[]>();
  layers.forEach((layer, index) => {
    for (const file of layer.files) {
      if (file.packages.length === 0) continue;
      const key = `${file.cataloger}\0${file.path}`;
      const list = versionsOf.get(key);
      if (list) list.push({ layer: index, file });
      else versionsOf.set(key, [{ layer: index, file }]);
    }
  });
  const packages: Package[] = [];
  for (const versions of versionsOf.values()) {
    const top = versions.at(-1)!;
    if (!overlay.visible(top.file.path, top.layer)) continue;
    // A package database is written anew by each layer: a package came with the lowest one from which on it is always there.
    const since = new Map<string, number>();
    let previous = versions[0]!.layer;
    for (const { layer, file } of versions) {
      // What was deleted in between and put back came with the layer that put it back.
      if (overlay.goneBetween(file.path, previous, layer)) since.clear();
      previous = layer;
      const present = new Set(file.packages.map(identity));
      for (const known of since.keys()) if (!present.has(known)) since.delete(known);
      for (const id of present) if (!since.has(id)) since.set(id, layer);
    }
    for (const { extraPaths, nestedPath, ...pkg } of top.file.packages) {
      const own = { ...pkg, ...(nestedPath === undefined ? {} : { nestedPath }) };
      packages.push({
        ...pkg,
        purl: isOs.has(pkg.type) ? osPurl(pkg, os) : pkg.purl,
        cataloger: top.file.cataloger,
        paths: [nestedPath ?? top.file.path, ...(extraPaths ?? [])],
        layer: since.get(identity(own)) ?? top.layer,
      });
    }
  }
  return packages;
}

/**
 * Which OS package installed the file at a path, as far as the package databases tell. A file that a
 * later layer than the package's wrote is no longer the package's.
 */
type OwnerOf = (path: string, layer: number) => string | undefined;

function ownersOf(layers: readonly LayerCatalogue[], overlay: Overlay, packages: readonly Package[]): OwnerOf {
  const owners = new Map<string, string>();
  layers.forEach((layer, index) => {
    for (const file of layer.files) {
      if (!file.owns || !overlay.visible(file.path, index)) continue;
      for (const { package: name, paths } of file.owns) for (const path of paths) owners.set(path, name);
    }
  });
  const layerOf = new Map<string, number>();
  for (const pkg of packages) {
    if (OS_PACKAGE_TYPES.includes(pkg.type)) layerOf.set(pkg.name, Math.max(pkg.layer, layerOf.get(pkg.name) ?? 0));
  }
  return (path, layer) => {
    const archive = path.indexOf('!/');
    const file = archive < 0 ? path : path.slice(0, archive);
    // With a merged /usr, files of /lib lie in /usr/lib, but the database has the path of the package.
    const owner = owners.get(file) ?? (file.startsWith('usr/') ? owners.get(file.slice(4)) : owners.get(`usr/${file}`));
    return owner !== undefined && layer <= (layerOf.get(owner) ?? layers.length) ? owner : undefined;
  };
}

/** Notes owners, drops what an owner already stands for, and folds copies of one package in one layer into one entry. */
function assignOwners(packages: Package[], ownerOf: OwnerOf): Package[] {
  const merged = new Map<string, Package>();
  const paths = new Map<Package, Set<string>>();
  for (const pkg of packages) {
    const isOs = OS_PACKAGE_TYPES.includes(pkg.type);
    const owner = isOs ? undefined : ownerOf(pkg.paths[0]!, pkg.layer);
    // A program recognised by its bytes says nothing new when a package of the distribution brought it.
    if (owner !== undefined && pkg.type === 'generic') continue;
    // Copies in several layers stay apart: another base image would take away one of them only.
    const key = `${pkg.purl}\0${pkg.version}\0${owner ?? ''}\0${pkg.layer}`;
    const known = merged.get(key);
    if (!known) {
      merged.set(key, owner === undefined ? pkg : { ...pkg, ownedBy: owner });
      continue;
    }
    let seen = paths.get(known);
    if (!seen) paths.set(known, (seen = new Set(known.paths)));
    for (const path of pkg.paths) seen.add(path);
  }
  for (const [pkg, seen] of paths) pkg.paths = [...seen];
  return [...merged.values()].sort(byTypeNameVersion);
}

function byTypeNameVersion(a: Package, b: Package): number {
  return compare(a.type, b.type) || compare(a.name, b.name) || compare(a.version, b.version) || compare(a.purl, b.purl) || a.layer - b.layer;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
