import type { FactSource } from './facts.ts';

/** The container engine, and what it says of a machine that the sensor itself does not see. */
export const containerEngine: FactSource = {
  name: 'container engine',
  collect({ engine }) {
    if (!engine) return Promise.resolve({ engine: null, isDockerHost: false });
    return Promise.resolve({ engine: engine.kind, engineVersion: engine.version, isDockerHost: engine.kind === 'docker' });
  },
};
