import type { ServerConfig } from './context.ts';

export const DEFAULT_PORT = 8470;

/** A server for this machine alone, on the embedded database in `dataDir`, unless told otherwise. */
export function defaultConfig(given: Partial<ServerConfig> & Pick<ServerConfig, 'dataDir'>): ServerConfig {
  return { host: '127.0.0.1', port: DEFAULT_PORT, trustProxy: false, version: '0.0.0', logLevel: 'info', jobs: true, ...given };
}
