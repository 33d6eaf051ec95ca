import type { LayerView } from '@plimsoll/model/api';

const SHELL = /^(?:RUN )?(?:\|\d+ (?:\S+=\S* )*)?\/bin\/(?:ba)?sh -c /;
const NO_OPERATION = /^#\(nop\)\s+/;
const BUILDKIT = /\s*# buildkit$/;

/** The command that made a layer as it stands in a Dockerfile: builders write it with their own wrapping. */
export function commandOf(createdBy: string | null): string | null {
  if (createdBy === null || createdBy.trim() === '') return null;
  const text = createdBy.trim().replace(BUILDKIT, '');
  const inner = text.replace(SHELL, '');
  if (inner === text) return text;
  return NO_OPERATION.test(inner) ? inner.replace(NO_OPERATION, '') : `RUN ${inner.trim()}`;
}

const NAME_LENGTH = 46;

/** `3 · RUN apt-get update…`: short enough for a list to choose from. Layers are counted from 1. */
export function layerName(layer: Pick<LayerView, 'index' | 'createdBy'>): string {
  const command = commandOf(layer.createdBy)?.replaceAll(/\s+/g, ' ');
  if (command === undefined) return `Layer ${layer.index + 1}`;
  return `${layer.index + 1} · ${command.length > NAME_LENGTH ? `${command.slice(0, NAME_LENGTH)}…` : command}`;
}
