import { InputError } from '@plimsoll/model';
import { cri } from './cri.ts';
import { docker } from './docker.ts';
import type { Engine, EngineKind, EngineOptions } from './engine.ts';

/** Every kind of engine, in the order in which they are looked for. */
export const ENGINES: readonly EngineKind[] = [docker, cri];

/** The engine of this machine. @throws InputError with what each kind said, when none answers */
export async function findContainerEngine(options: EngineOptions): Promise<Engine> {
  const said: string[] = [];
  let permission = false;
  for (const kind of ENGINES) {
    try {
      return await kind.detect(options);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      permission ||= error.code === 'engine-permission';
      said.push(`${kind.name}: ${error.message}`);
    }
  }
  throw new InputError(permission ? 'engine-permission' : 'engine-unreachable', said.join('; '));
}
