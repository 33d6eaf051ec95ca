import { nameOrNull, type CloudProvider } from './provider.ts';

/** Google Compute Engine. @see https://cloud.google.com/compute/docs/metadata/overview */
export const gcp: CloudProvider = {
  name: 'GCP',
  address: 'http://169.254.169.254',
  async ask(metadata) {
    const ask = async (path: string) => (await metadata(`/computeMetadata/v1/${path}`, { 'metadata-flavor': 'Google' }))?.trim();
    const instance = nameOrNull(await ask('instance/id'), 200);
    if (instance === null || !/^\d+$/.test(instance)) return undefined;
    const [project, zone, type] = await Promise.all([ask('project/project-id'), ask('instance/zone'), ask('instance/machine-type')]);
    // `projects/123/zones/europe-west1-b`: the region is the zone without its last part.
    const zoneName = zone?.split('/').at(-1);
    return {
      provider: 'GCP',
      account: nameOrNull(project, 200),
      region: nameOrNull(zoneName?.replace(/-[a-z]$/, ''), 100),
      instance,
      instanceType: nameOrNull(type?.split('/').at(-1), 100),
    };
  },
};
