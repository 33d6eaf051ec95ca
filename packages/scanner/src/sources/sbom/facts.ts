import type { BaseImage, Image, Layer, Platform, Warning } from '@plimsoll/model';
import { hasControlCharacter } from '../../catalogers/names.ts';
import { asArray, asDigest, asObject, asString, asStrings } from '../json.ts';

const MAX_LAYERS = 10_000;
const MAX_LIST = 1000;
const MAX_TEXT = 64 << 10;

/** What a document may say of the image it lists. */
export type ImageFacts = Partial<Omit<Image, 'reference' | 'kind' | 'history' | 'config'>> & { warnings?: Warning[] };

/** Text of 1 to `limit` UTF-16 units without control characters. */
export function isPrintable(text: string | undefined, limit: number): text is string {
  return text !== undefined && text !== '' && text.length <= limit && !hasControlCharacter(text);
}

/** A bounded string of a document; undefined for anything else. */
export function text(value: unknown, limit = 4096): string | undefined {
  const string = asString(value);
  return string !== undefined && string.length <= limit ? string : undefined;
}

/** Bounded strings of a document's array. */
export function texts(value: unknown, limit = 4096): string[] {
  return asStrings(value)
    .filter((string) => string.length <= limit)
    .slice(0, MAX_LIST);
}

export function index(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Parses JSON that a document carries in a string; undefined for what is no object. */
export function embeddedObject(json: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** Reads the facts that Plimsoll's own documents carry of the image. Nothing in them is trusted. */
export function readImageFacts(json: string): ImageFacts {
  const object = embeddedObject(json) ?? {};
  const layers = asArray(object['layers']).slice(0, MAX_LAYERS).map(readLayer);
  const warnings = asArray(object['warnings']).slice(0, MAX_LIST).flatMap(readWarning);
  return defined({
    id: asDigest(object['id']),
    digest: asDigest(object['digest']),
    tags: texts(object['tags']),
    repoDigests: texts(object['repoDigests']),
    platform: readPlatform(object['platform']),
    created: text(object['created']),
    size: index(object['size']),
    layers,
    base: readBase(object['base'], layers.length),
    warnings: warnings.length > 0 ? warnings : undefined,
  });
}

function readLayer(value: unknown, position: number): Layer {
  const layer = asObject(value) ?? {};
  return defined({
    index: position,
    diffId: asDigest(layer['diffId']),
    digest: asDigest(layer['digest']),
    size: index(layer['size']),
    mediaType: text(layer['mediaType']),
    // `historyStep` is left out: the documents do not carry the history it points into.
    createdBy: text(layer['createdBy'], MAX_TEXT),
    fromBase: typeof layer['fromBase'] === 'boolean' ? layer['fromBase'] : undefined,
  });
}

function readPlatform(value: unknown): Platform | undefined {
  const platform = asObject(value);
  const os = text(platform?.['os']);
  const architecture = text(platform?.['architecture']);
  if (os === undefined || architecture === undefined) return undefined;
  return defined({ os, architecture, variant: text(platform?.['variant']) });
}

function readBase(value: unknown, layers: number): BaseImage | undefined {
  const base = asObject(value);
  const count = index(base?.['layers']);
  const foundBy = (['flag', 'history', 'layers'] as const).find((way) => way === base?.['foundBy']);
  if (count === undefined || count > layers || foundBy === undefined) return undefined;
  return defined({
    reference: text(base?.['reference']),
    digest: asDigest(base?.['digest']),
    foundBy,
    layers: count,
  });
}

function readWarning(value: unknown): Warning[] {
  const warning = asObject(value);
  const code = text(warning?.['code']);
  const message = text(warning?.['message'], MAX_TEXT);
  if (code === undefined || message === undefined) return [];
  return [
    defined({
      code,
      message,
      layer: index(warning?.['layer']),
      path: text(warning?.['path']),
      incomplete: warning?.['incomplete'] !== false,
    }),
  ];
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its undefined members. */
export function defined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
