import type { HostFacts } from '@plimsoll/model/api';
import { aws } from './cloud/aws.ts';
import { azure } from './cloud/azure.ts';
import { cloud } from './cloud/cloud.ts';
import { gcp } from './cloud/gcp.ts';
import { addresses } from './addresses.ts';
import { containerEngine } from './container-engine.ts';
import type { FactContext, FactSource } from './facts.ts';
import { hardware } from './hardware.ts';
import { kubernetes } from './kubernetes.ts';
import { lastUser } from './last-user.ts';
import { os } from './os.ts';

/** Every group of facts. */
export const FACTS: readonly FactSource[] = [os, hardware, addresses, lastUser, kubernetes, containerEngine, cloud([aws, azure, gcp])];

const UNKNOWN = {
  os: null, osName: null, osVersion: null, kernel: null, architecture: null, cpus: null, memory: null, addresses: [],
  provider: null, account: null, region: null, instance: null, instanceType: null, lastUser: null, bootedAt: null,
  engine: null, engineVersion: null, isDockerHost: false, cluster: null, node: null, note: null,
} satisfies Omit<HostFacts, 'name' | 'machineId' | 'tags'>;

/** All facts of the host. A group that fails is left out. */
export async function collectFacts(context: FactContext, sources: readonly FactSource[] = FACTS): Promise<Omit<HostFacts, 'name' | 'machineId' | 'tags'>> {
  const groups = await Promise.all(sources.map((source) => source.collect(context).catch(() => ({}))));
  return Object.assign({ ...UNKNOWN }, ...groups) as typeof UNKNOWN & Omit<HostFacts, 'name' | 'machineId' | 'tags'>;
}
