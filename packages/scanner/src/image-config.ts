import type { HistoryStep, ImageConfig, Layer, Platform } from '@plimsoll/model';
import { asArray, asObject, asString, asStrings } from './sources/json.ts';
import type { LayerRef } from './sources/source.ts';

/** Labels and variables beyond this length are cut: they are shown, not run. */
const MAX_TEXT = 64 << 10;
const MAX_HISTORY = 10_000;

/** What an image config (OCI image-spec config.md) says, read with distrust: what has the wrong type is left out. */
export interface ReadConfig {
  platform?: Platform;
  created?: string;
  history: HistoryStep[];
  config: ImageConfig;
}

export function readConfig(raw: unknown): ReadConfig {
  const root = asObject(raw) ?? {};
  const os = asString(root['os']);
  const architecture = asString(root['architecture']);
  const variant = asString(root['variant']);
  const created = asString(root['created']);
  const result: ReadConfig = {
    history: asArray(root['history']).slice(0, MAX_HISTORY).map(readStep),
    config: readContainerConfig(asObject(root['config']) ?? {}),
  };
  if (os && architecture) result.platform = { os, architecture, ...(variant ? { variant } : {}) };
  if (created) result.created = created;
  return result;
}

function readStep(raw: unknown): HistoryStep {
  const step = asObject(raw) ?? {};
  const created = asString(step['created']);
  const createdBy = asString(step['created_by']);
  const comment = asString(step['comment']);
  return {
    ...(created ? { created } : {}),
    ...(createdBy ? { createdBy: createdBy.slice(0, MAX_TEXT) } : {}),
    ...(comment ? { comment: comment.slice(0, MAX_TEXT) } : {}),
    emptyLayer: step['empty_layer'] === true,
  };
}

function readContainerConfig(raw: Record<string, unknown>): ImageConfig {
  const config: ImageConfig = {};
  const user = asString(raw['User']);
  if (user !== undefined) config.user = user;
  const workingDir = asString(raw['WorkingDir']);
  if (workingDir) config.workingDir = workingDir;
  const lists = { env: 'Env', entrypoint: 'Entrypoint', cmd: 'Cmd' } as const;
  for (const [key, name] of Object.entries(lists) as [keyof typeof lists, string][]) {
    if (Array.isArray(raw[name])) config[key] = asStrings(raw[name]).map((text) => text.slice(0, MAX_TEXT));
  }
  for (const [key, name] of [['exposedPorts', 'ExposedPorts'], ['volumes', 'Volumes']] as const) {
    const set = asObject(raw[name]);
    if (set) config[key] = Object.keys(set).sort();
  }
  const labels = asObject(raw['Labels']);
  if (labels) {
    config.labels = Object.fromEntries(
      Object.entries(labels)
        .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
        .map(([name, value]) => [name, value.slice(0, MAX_TEXT)]),
    );
  }
  const healthcheck = asObject(raw['Healthcheck']);
  if (healthcheck) config.healthcheck = asStrings(healthcheck['Test']);
  return config;
}

/** The command of a history step as its author wrote it, without the shell that the builder put before it. */
export function displayCommand(createdBy: string): string {
  return createdBy
    .replace(/^\|\d+ (?:[^=\s]+=\S* )*/, '')
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .replace(/^RUN \/bin\/sh -c /, 'RUN ')
    .replace(/\s*# buildkit$/, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Joins what the source says of layers with the config's history: the n-th step that is not empty made the n-th layer. */
export function describeLayers(refs: readonly LayerRef[], sizes: readonly (number | undefined)[], history: readonly HistoryStep[]): Layer[] {
  const steps = history.flatMap((step, index) => (step.emptyLayer ? [] : [index]));
  // Some builders leave steps out; then no step can be assigned with certainty.
  const reliable = steps.length === refs.length;
  return refs.map((ref, index) => {
    const step = reliable ? steps[index] : undefined;
    const createdBy = step === undefined ? undefined : history[step]?.createdBy;
    const size = sizes[index];
    return {
      index,
      diffId: ref.diffId,
      ...(ref.digest === undefined ? {} : { digest: ref.digest }),
      ...(size === undefined ? {} : { size }),
      ...(ref.mediaType === undefined ? {} : { mediaType: ref.mediaType }),
      ...(step === undefined ? {} : { historyStep: step }),
      ...(createdBy === undefined ? {} : { createdBy: displayCommand(createdBy) }),
    };
  });
}
