import type { KnownProgram } from './program.ts';

/**
 * Envoy's version stands alone in the data. It is taken only when no other text there looks like a version
 * of Envoy, so that a linked library's is never mistaken for it.
 */
export const envoy: KnownProgram = {
  name: 'envoy',
  basenames: ['envoy', 'envoy-contrib'],
  version(file) {
    if (!file.has('envoy.service.discovery.v3.')) return undefined;
    const found = new Set(file.matches('\x001.', /^\0(1\.\d{2}\.\d{1,2})\0/, { after: 8 }));
    const [version] = found;
    return found.size === 1 ? version : undefined;
  },
};
