import type { HostFacts } from '@plimsoll/model/api';
import type { EngineInfo } from '../engines/engine.ts';

export interface FactContext {
  /** Where the host's root file system is; undefined when the sensor runs in a container and was not given it. */
  root: string | undefined;
  /** The sensor runs in a container. */
  contained: boolean;
  engine: (EngineInfo & { kind: 'docker' | 'containerd' }) | undefined;
  env: NodeJS.ProcessEnv;
  /** Metadata services of cloud providers may be asked. */
  cloud: boolean;
  signal: AbortSignal;
}

/**
 * One group of facts is one file in this folder, listed in `index.ts`. A fact that cannot be had is left out or
 * null: it is no error.
 */
export interface FactSource {
  name: string;
  collect(context: FactContext): Promise<Partial<HostFacts>>;
}
