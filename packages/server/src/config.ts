import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ServerConfig } from './context.ts';

export const DEFAULT_PORT = 7460;

/** Where a server keeps its things unless told: below XDG_DATA_HOME, or ~/.local/share. */
export function defaultDataDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'plimsoll');
}

/** A server for this machine alone, on the embedded database. */
export function defaultConfig(given: Partial<ServerConfig> = {}): ServerConfig {
  return {
    host: '127.0.0.1',
    port: DEFAULT_PORT,
    dataDir: defaultDataDir(),
    trustProxy: false,
    version: '0.0.0',
    logLevel: 'info',
    jobs: true,
    ...given,
  };
}
