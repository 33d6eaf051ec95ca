import type { Image } from '@plimsoll/model';
import { printable } from './printable.ts';

/** `layer 2/5`, counted from 1 as people do; `image.layers` and the JSON count from 0. */
export function layerLabel(image: Image, index: number): string {
  return image.layers.length > 0 ? `layer ${index + 1}/${image.layers.length}` : `layer ${index + 1}`;
}

/** The build step that made the layer, on one line; undefined when it is not known. */
export function layerStep(image: Image, index: number): string | undefined {
  const step = image.layers[index]?.createdBy;
  return step === undefined ? undefined : printable(step).replace(/ {2,}/g, ' ').trim() || undefined;
}

/** `sha256:` and the first 12 digits, as Docker shows ids. */
export function shortDigest(digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':', 2);
  return printable(`${algorithm}:${hex.slice(0, 12)}`);
}
