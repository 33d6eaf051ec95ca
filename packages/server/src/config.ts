import type { ServerConfig } from './context.ts';

/** A server for this machine alone, on the embedded database in `dataDir`, unless told otherwise. */
export function defaultConfig(given: Partial<ServerConfig> & Pick<ServerConfig, 'dataDir' | 'port'>): ServerConfig {
  return { host: '127.0.0.1', trustProxy: false, version: '0.0.0', logLevel: 'info', jobs: true, ...given };
}
