export { defaultConfig } from './config.ts';
export type { ServerConfig, Services } from './context.ts';
export { startServer, type RunningServer } from './server.ts';
