import { hostname } from 'node:os';
import { join } from 'node:path';
import { cut } from '../bounded.ts';
import type { FactContext } from './facts.ts';
import { readSmallFile } from './read-file.ts';

/** The host's name: its own, or what the engine says where the sensor sees only its container's. */
export function hostName({ contained, engine, env, root }: FactContext, given: string | undefined): string {
  const name = given || (contained ? (env['NODE_NAME'] || engine?.host.name) : undefined) || (root === undefined ? engine?.host.name : undefined) || hostname();
  return cut(name, 253) || 'unnamed';
}

/**
 * What stays the same for this machine: `/etc/machine-id` (machine-id(5)), else the engine's id, else one of our own.
 * @param own makes or reads the one of our own
 */
export async function machineId({ root, engine }: FactContext, own: () => string): Promise<{ id: string; from: 'machine' | 'engine' | 'state' }> {
  if (root !== undefined) {
    const id = (await readSmallFile(join(root, 'etc/machine-id'), 1024))?.trim() ?? '';
    if (/^[0-9a-f]{32}$/.test(id)) return { id, from: 'machine' };
  }
  // Older engines have ids in groups of letters, newer ones UUIDs.
  if (engine?.id && /^[\w:-]{8,128}$/.test(engine.id)) return { id: engine.id, from: 'engine' };
  return { id: own(), from: 'state' };
}
