import type { EntityName } from '@plimsoll/model/api';

/** What can be asked about, in the order of the navigation. `one` as `plural` takes it. */
export const ENTITIES: readonly { name: EntityName; title: string; one: string; many: string }[] = [
  { name: 'hosts', title: 'Hosts', one: 'host', many: 'hosts' },
  { name: 'images', title: 'Images', one: 'image', many: 'images' },
  { name: 'containers', title: 'Containers', one: 'container', many: 'containers' },
  { name: 'registries', title: 'Registries', one: 'registry', many: 'registries' },
  { name: 'packages', title: 'Packages', one: 'package', many: 'packages' },
  { name: 'vulnerabilities', title: 'Vulnerabilities', one: 'vulnerability', many: 'vulnerabilities' },
  { name: 'events', title: 'Events', one: 'event', many: 'events' },
];
