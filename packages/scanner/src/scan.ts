import { InputError, type Image, type Sbom, type Warning } from '@plimsoll/model';
import { existsSync } from 'node:fs';
import { findBase, isPrefix, type KnownImage } from './base-image.ts';
import { describeLayers, readConfig } from './image-config.ts';
import { MemoryLayerCache, type LayerCache } from './layers/cache.ts';
import type { LayerCatalogue } from './layers/layer-catalogue.ts';
import { mergeLayers } from './layers/merge.ts';
import { readLayer } from './layers/read-layer.ts';
import { evaluatePosture } from './posture/posture.ts';
import { scanConfigForSecrets } from './secrets/index.ts';
import { engineImages } from './sources/docker-engine.ts';
import { splitTag } from './sources/file-reference.ts';
import { formatPlatform } from './sources/platform.ts';
import { SOURCES } from './sources/index.ts';
import type { ImageSource, LayerHints, LayerRef, LayerSink, SourceImage, SourceOptions } from './sources/source.ts';

export interface ScanOptions extends Partial<SourceOptions> {
  cache?: LayerCache;
  /** Called as stored bytes come in; `total` is what is expected, 0 when unknown. */
  onProgress?: (done: number, total: number) => void;
  /** Called with the number of files seen so far in a folder. */
  onWalk?: (entries: number) => void;
  /** Reference of the base image; its layers must be the image's lowest ones. */
  base?: string;
  /** Images whose layers are known, for finding the base. */
  knownImages?: readonly KnownImage[];
}

/** Takes apart an image and says what is in it. @throws InputError when it cannot be reached or read */
export async function scanImage(reference: string, options: ScanOptions = {}): Promise<Sbom> {
  const sourceOptions: SourceOptions = { ...options, env: options.env ?? process.env };
  const { source, rest } = await chooseSource(reference, sourceOptions);
  const read = async (cache: LayerCache) => {
    const sink = new Layers(cache, rest, options);
    const result = await source.read(rest, sink, sourceOptions);
    return 'packages' in result ? { whole: result } : { read: assemble(result, sink) };
  };
  const outcome = await read(options.cache ?? new MemoryLayerCache()).catch((error: unknown) => {
    if (!(error instanceof InputError) || error.code !== 'cache-lost') throw error;
    return read(new MemoryLayerCache());
  });
  if ('whole' in outcome) return outcome.whole;
  const sbom = outcome.read;
  const { platform } = sbom.image;
  const wanted = options.platform;
  if (wanted && platform && (platform.os !== wanted.os || platform.architecture !== wanted.architecture)) {
    throw new InputError('platform-missing', `${rest} is for ${formatPlatform(platform)}, not for ${formatPlatform(wanted)}`);
  }
  if (options.base !== undefined) await applyNamedBase(sbom, options.base, options);
  else applyBase(sbom.image, findBase(sbom.image, await knownImages(sbom.image, options)));
  return sbom;
}

/** Finds the source by scheme prefix, or by asking each. @throws InputError when none knows the reference */
export async function chooseSource(reference: string, options: SourceOptions): Promise<{ source: ImageSource; rest: string }> {
  if (reference === '') throw new InputError('reference-empty', 'the image reference is empty');
  for (const source of SOURCES) {
    if (reference.startsWith(`${source.scheme}:`)) return { source, rest: reference.slice(source.scheme.length + 1) };
  }
  // A wrong file name must not end in a question to a registry.
  if (looksLikePath(reference) && !existsSync(splitTag(reference).path)) throw new InputError('file-missing', `there is no file or folder ${reference}`);
  for (const source of SOURCES) if (await source.detects(reference, options)) return { source, rest: reference };
  if (existsSync(reference)) {
    throw new InputError('image-unknown', `${reference} is no image: neither an archive, OCI layout or root file system (tar, plain or compressed) nor an SBOM in JSON`);
  }
  const schemes = SOURCES.map((s) => `${s.scheme}:`).join(' ');
  throw new InputError('reference-unknown', `${JSON.stringify(reference)} is neither a file or folder here nor an image reference (prefixes: ${schemes})`);
}

function looksLikePath(reference: string): boolean {
  return /^(?:\.{0,2}\/|~|[A-Za-z]:\\)/.test(reference) || /\.(?:tar|tgz|tar\.gz|tar\.zst|json)$/.test(reference);
}

function assemble(result: SourceImage, sink: Layers): Sbom {
  const catalogues = sink.inOrder(result.layers);
  const merged = mergeLayers(catalogues);
  const { history, config, platform, created } = readConfig(result.config);
  const sizes = catalogues.map((c) => c.size);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const image: Image = {
    ...result.image,
    ...(platform ? { platform } : {}),
    ...(created ? { created } : {}),
    ...(total > 0 ? { size: total } : {}),
    layers: result.layers.length > 0 ? describeLayers(result.layers, sizes, history) : catalogues.map((_, index) => ({ index })),
    history,
    ...(result.config === undefined ? {} : { config }),
  };
  const secrets = [
    ...merged.secrets,
    ...scanConfigForSecrets(config.env ?? [], config.labels ?? {}, history).map((secret) => ({
      ...secret,
      // Configuration has no layer; what sits in a step's command came with that step's layer, or the topmost one.
      layer: Math.max(0, image.layers.length - 1),
    })),
  ];
  return {
    image,
    ...(merged.os ? { os: merged.os } : {}),
    packages: merged.packages,
    secrets,
    posture: evaluatePosture({ image, ...(merged.os ? { os: merged.os } : {}), packages: merged.packages, fileFacts: merged.facts }),
    warnings: [...sink.warnings, ...merged.warnings],
  };
}

/** How many of the engine's images are asked for their layers: one request each. */
const MAX_ENGINE_IMAGES = 200;

/** Images among which the base may be: what the caller knows, and for an image of the engine, the engine's. */
async function knownImages(image: Image, options: ScanOptions): Promise<readonly KnownImage[]> {
  if (image.kind !== 'docker') return options.knownImages ?? [];
  return [...(options.knownImages ?? []), ...(await engineImages(options.env ?? process.env, MAX_ENGINE_IMAGES))];
}

async function applyNamedBase(sbom: Sbom, reference: string, options: ScanOptions): Promise<void> {
  const { base: _base, onProgress: _onProgress, onWalk: _onWalk, ...rest } = options;
  const base = await scanImage(reference, rest);
  const diffIds = base.image.layers.map((layer) => layer.diffId).filter((id) => id !== undefined);
  if (!isPrefix(diffIds, sbom.image)) {
    throw new InputError('base-mismatch', `${reference} is not the base of ${sbom.image.reference}: its ${diffIds.length} layers are not the lowest ones of the image`);
  }
  applyBase(sbom.image, {
    reference,
    ...(base.image.digest === undefined ? {} : { digest: base.image.digest }),
    foundBy: 'flag',
    layers: diffIds.length,
  });
}

function applyBase(image: Image, base: Image['base']): void {
  if (!base) return;
  image.base = base;
  for (const layer of image.layers) layer.fromBase = layer.index < base.layers;
}

/** Packages of all layers together, counted in each layer that has them. The largest real images have some 20,000. */
const MAX_PACKAGES = 400_000;

/** The sink of a scan: analyses what the cache does not have. */
class Layers implements LayerSink {
  readonly warnings: Warning[] = [];
  readonly #cache: LayerCache;
  readonly #label: string;
  readonly #options: ScanOptions;
  readonly #known = new Map<string, LayerCatalogue>();
  /** Known ones of this scan that a source which can be read again would tell more of; they do not enter the cache. */
  readonly #partial = new Set<string>();
  readonly #added: LayerCatalogue[] = [];
  #packages = 0;
  #done = 0;
  #total = 0;

  constructor(cache: LayerCache, label: string, options: ScanOptions) {
    this.#cache = cache;
    this.#label = label;
    this.#options = options;
  }

  has(diffId: string): boolean {
    return this.#known.has(diffId) || this.#cache.has(diffId);
  }

  async read(open: () => AsyncIterable<Buffer>, hints: LayerHints): Promise<LayerRef> {
    if (hints.diffId !== undefined) {
      const enough = !hints.again || !this.#partial.has(hints.diffId);
      const known = (enough ? this.#known.get(hints.diffId) : undefined) ?? this.#cache.get(hints.diffId);
      if (known) {
        this.#keep(hints.diffId, known);
        return { diffId: hints.diffId, digest: hints.digest, mediaType: hints.mediaType };
      }
    }
    const layer = await readLayer(open, hints.again ?? false, {
      digest: hints.digest,
      diffId: hints.diffId,
      label: `${this.#label}: layer ${hints.name}`,
      maxSize: this.#options.maxLayerSize,
      onBytes: (bytes) => {
        this.#done += bytes;
        this.#options.onProgress?.(this.#done, this.#total);
      },
    });
    this.#keep(layer.diffId, layer.catalogue);
    if (layer.partial) {
      this.#partial.add(layer.diffId);
    } else {
      this.#partial.delete(layer.diffId);
      this.#cache.put(layer.diffId, layer.catalogue);
    }
    return { diffId: layer.diffId, digest: hints.digest, mediaType: hints.mediaType, storedDigest: layer.digest };
  }

  /** Keeps a layer's catalogue for the merge. The bound is on memory: each layer has its own, but there may be a thousand. */
  #keep(diffId: string, catalogue: LayerCatalogue): void {
    if (!this.#known.has(diffId)) this.#packages += catalogue.files.reduce((sum, file) => sum + file.packages.length, 0);
    if (this.#packages > MAX_PACKAGES) {
      throw new InputError('image-too-rich', `${this.#label}: its layers tell of more than ${MAX_PACKAGES} packages; no image that anyone runs does`);
    }
    this.#known.set(diffId, catalogue);
  }

  add(catalogue: LayerCatalogue): void {
    this.#added.push(catalogue);
  }

  expect(bytes: number): void {
    this.#total += bytes;
  }

  walked(entries: number): void {
    this.#options.onWalk?.(entries);
  }

  note(key: string): string | undefined {
    return this.#cache.getNote(key);
  }

  putNote(key: string, note: string): void {
    this.#cache.putNote(key, note);
  }

  warn(code: string, message: string, incomplete: boolean): void {
    this.warnings.push({ code, message, incomplete });
  }

  /** The catalogues of an image's layers, bottom first. */
  inOrder(refs: readonly LayerRef[]): LayerCatalogue[] {
    return [
      ...refs.map((ref) => {
        const catalogue = this.#known.get(ref.diffId) ?? this.#cache.get(ref.diffId);
        // The cache may be swept by another process between the look and the read.
        if (!catalogue) throw new InputError('cache-lost', `${this.#label}: the cached layer ${ref.diffId} is gone or damaged; scan again`);
        return catalogue;
      }),
      ...this.#added,
    ];
  }
}
