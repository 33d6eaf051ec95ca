import { createHash } from 'node:crypto';

const ALPHABETS = {
  base62: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  base64: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  base64url: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  hex: '0123456789abcdef',
  upper32: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
  bech32: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
  upper: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ',
} as const;

/**
 * Random-looking text that is the same in every run. Tests make their secrets of it, so that no file
 * of the project holds anything that looks like one.
 */
export function randomText(alphabet: keyof typeof ALPHABETS, length: number, seed = ''): string {
  const letters = ALPHABETS[alphabet];
  let out = '';
  for (let block = 0; out.length < length; block++) {
    for (const byte of createHash('sha256').update(`${alphabet}/${seed}/${block}`).digest()) out += letters[byte % letters.length]!;
  }
  return out.slice(0, length);
}
