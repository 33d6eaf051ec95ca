import type { FactSource } from '../facts.ts';
import { metadataOf, type CloudFacts, type CloudProvider } from './provider.ts';

/** What does not change while the machine runs is asked once; that there is no provider, a few times. */
const ATTEMPTS = 3;

/** Provider, account, region and instance, from the first provider whose metadata service answers. All are asked at once. */
export function cloud(providers: readonly CloudProvider[]): FactSource {
  let known: CloudFacts | undefined;
  let attempts = 0;
  return {
    name: 'cloud',
    async collect({ cloud: allowed, signal }) {
      if (!allowed) return {};
      if (!known && attempts < ATTEMPTS) {
        attempts++;
        const answers = await Promise.all(providers.map((provider) => provider.ask(metadataOf(provider.address, signal)).catch(() => undefined)));
        known = answers.find((facts) => facts !== undefined);
      }
      return known ?? {};
    },
  };
}
