import { isIPv6 } from 'node:net';
import type { ServerConfig } from '../context.ts';

/** The address people and sensors come to, without a slash at its end. Never from a request: its Host may lie. */
export function baseUrl({ publicUrl, host, port }: Pick<ServerConfig, 'host' | 'port'> & { publicUrl?: string | undefined }): string {
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '');
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${isIPv6(name) ? `[${name}]` : name}:${port}`;
}
