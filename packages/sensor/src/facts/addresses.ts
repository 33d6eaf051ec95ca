import { hostname, networkInterfaces } from 'node:os';
import type { FactSource } from './facts.ts';

/** Interfaces that engines and cluster networks make: the same addresses on every host. */
const VIRTUAL = /^(?:docker|br-|veth|cni|flannel|cali|cilium|lxc|kube-|virbr|nerdctl|podman|vethernet)/;

/** Addresses by which the host can be reached. */
export const addresses: FactSource = {
  name: 'addresses',
  collect({ contained, engine }) {
    // A container has the host's addresses only in the host's network, where it has its name as well.
    if (contained && hostname() !== engine?.host.name) return Promise.resolve({});
    const found = Object.entries(networkInterfaces())
      .filter(([name]) => !VIRTUAL.test(name))
      .flatMap(([, list]) => list ?? [])
      .filter(({ internal, address }) => !internal && !/^fe80:/i.test(address))
      .map(({ address }) => address);
    return Promise.resolve({ addresses: [...new Set(found)].slice(0, 256) });
  },
};
