import type { BaseImage, HistoryStep, Image } from '@plimsoll/model';

/** An image known by its layers, that may be the base of another. */
export interface KnownImage {
  reference: string;
  diffIds: readonly string[];
}

const LABEL_NAME = 'org.opencontainers.image.base.name';
const LABEL_DIGEST = 'org.opencontainers.image.base.digest';

/**
 * Finds the base image: the known image with the most layers whose layers are the image's lowest
 * ones; else by the image's history. Labels (OCI image-spec annotations.md) give it its name.
 */
export function findBase(image: Image, known: readonly KnownImage[]): BaseImage | undefined {
  const labels = image.config?.labels ?? {};
  const reference = labels[LABEL_NAME];
  const digest = labels[LABEL_DIGEST];
  const named = { ...(reference ? { reference } : {}), ...(digest ? { digest } : {}) };
  const byLayers = longestPrefix(image, known);
  if (byLayers) return { ...named, ...byLayers, foundBy: 'layers' };
  const layers = baseLayersByHistory(image.history, image.layers.length);
  if (layers > 0 && layers < image.layers.length) return { ...named, foundBy: 'history', layers };
  return undefined;
}

/** The base that a person named: all of its layers must be the image's lowest ones. */
export function isPrefix(base: readonly string[], image: Image): boolean {
  return base.length > 0 && base.length <= image.layers.length && base.every((diffId, i) => image.layers[i]!.diffId === diffId);
}

function longestPrefix(image: Image, known: readonly KnownImage[]): { reference: string; layers: number } | undefined {
  let best: KnownImage | undefined;
  for (const candidate of known) {
    if (candidate.diffIds.length >= image.layers.length || !isPrefix(candidate.diffIds, image)) continue;
    if (!best || candidate.diffIds.length > best.diffIds.length) best = candidate;
  }
  return best && { reference: best.reference, layers: best.diffIds.length };
}

/** An instruction that ends most base images' builds, as classic builders and BuildKit write it. */
const DEFAULT_COMMAND = /^(?:\/bin\/sh -c #\(nop\)\s+)?(?:CMD|ENTRYPOINT)\s/;

/**
 * A base image's build ends with its default command. So the last `CMD` or `ENTRYPOINT` that is followed
 * by further layers is where the base ended. It is a guess: people also write ENTRYPOINT before their COPY.
 */
function baseLayersByHistory(history: readonly HistoryStep[], layerCount: number): number {
  let layers = 0;
  let boundary = 0;
  /** The boundary before `boundary`. */
  let previous = 0;
  for (const step of history) {
    if (!step.emptyLayer) {
      layers++;
    } else if (DEFAULT_COMMAND.test(step.createdBy ?? '') && layers !== boundary) {
      previous = boundary;
      boundary = layers;
    }
  }
  // Some builders leave steps out: then the counts say nothing.
  if (layers !== layerCount) return 0;
  // The image's own last command is no boundary, for no layers follow it.
  return boundary < layers ? boundary : previous;
}
