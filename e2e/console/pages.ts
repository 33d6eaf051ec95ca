/** Every page of the console. */
export interface ConsolePage {
  path: string;
  /** For files of pictures. */
  name: string;
  /** What stands there on a server to which nothing was reported yet; absent where there is always something. */
  empty?: RegExp;
  /** Shows nothing of the server's that could fail to load. */
  still?: true;
}

export const PAGES: readonly ConsolePage[] = [
  { path: '/', name: 'dashboard', empty: /A sensor reports/ },
  { path: '/hosts', name: 'hosts', empty: /No host/ },
  { path: '/images', name: 'images', empty: /No image has been reported yet/ },
  { path: '/containers', name: 'containers', empty: /No container/ },
  { path: '/registries', name: 'registries', empty: /No (?:registry|registries|image)/ },
  { path: '/packages', name: 'packages', empty: /No package/ },
  { path: '/vulnerabilities', name: 'vulnerabilities', empty: /No vulnerabilit/ },
  { path: '/events', name: 'events', empty: /No event|Nothing has happened/ },
  { path: '/configuration/sensors', name: 'sensors', empty: /No sensor yet/ },
  { path: '/configuration/tags', name: 'tags', empty: /No tags yet/ },
  { path: '/configuration/tokens', name: 'tokens', empty: /No tokens yet/ },
  { path: '/configuration/users', name: 'users' },
  { path: '/configuration/settings', name: 'settings' },
  { path: '/configuration/audit', name: 'audit' },
  { path: '/account', name: 'account', still: true },
  { path: '/nowhere', name: 'nowhere', still: true },
];
