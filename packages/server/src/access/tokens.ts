import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What bearer tokens start with, so that scanners of leaked secrets know them and people see which is which. */
export const API_TOKEN_PREFIX = 'plt_';
export const SENSOR_CREDENTIAL_PREFIX = 'pls_';

/** 256 random bits, written for headers and cookies. */
export function randomToken(prefix = ''): string {
  return prefix + randomBytes(32).toString('base64url');
}

/** What is kept of a token. It has 256 random bits, so a plain hash is enough: there is nothing to guess. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Whether two texts are equal, in a time that does not tell where they differ. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(hashToken(given), hashToken(expected));
}
