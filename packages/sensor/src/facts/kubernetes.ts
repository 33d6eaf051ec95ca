import { cut } from '../bounded.ts';
import type { FactSource } from './facts.ts';

/** Node and cluster, as the pod's definition gives them to the sensor (deploy/sensor/daemonset.yaml). */
export const kubernetes: FactSource = {
  name: 'Kubernetes',
  collect({ env }) {
    return Promise.resolve({ node: nodeName(env), cluster: env['PLIMSOLL_CLUSTER'] ? cut(env['PLIMSOLL_CLUSTER'], 253) : null });
  },
};

export function nodeName(env: NodeJS.ProcessEnv): string | null {
  return env['NODE_NAME'] ? cut(env['NODE_NAME'], 253) : null;
}
