import { fieldsOf } from '../../bounded.ts';
import { jsonOrUndefined, nameOrNull, type CloudProvider } from './provider.ts';

/** Microsoft Azure. @see https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service */
export const azure: CloudProvider = {
  name: 'Azure',
  address: 'http://169.254.169.254',
  async ask(metadata) {
    const compute = fieldsOf(jsonOrUndefined(await metadata('/metadata/instance/compute?api-version=2021-02-01&format=json', { metadata: 'true' })));
    const instance = nameOrNull(compute.get('vmId'), 200);
    if (instance === null) return undefined;
    return {
      provider: 'Azure',
      account: nameOrNull(compute.get('subscriptionId'), 200),
      region: nameOrNull(compute.get('location'), 100),
      instance,
      instanceType: nameOrNull(compute.get('vmSize'), 100),
    };
  },
};
