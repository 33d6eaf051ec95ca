import { createHash } from 'node:crypto';

/** Shannon entropy of the text's characters, in bits a character: random base62 of 36 gives about 4.6. */
export function entropy(text: string): number {
  if (text.length === 0) return 0;
  const counts = new Map<string, number>();
  for (const c of text) counts.set(c, (counts.get(c) ?? 0) + 1);
  let bits = 0;
  for (const n of counts.values()) bits -= (n / text.length) * Math.log2(n / text.length);
  return bits;
}

const MADE_UP_WORDS =
  /example|sample|change[-_]?(?:me|it)|placeholder|dummy|fake|redacted|censored|not[-_]?(?:a[-_]?)?real|(?:your|my)[-_]?(?:own|api|access|secret|token|key|pass|auth|client)|(?:insert|replace|enter)[-_]?(?:me|this|your|here|with)|foobar|xxxx|\.\.\.|\*\*\*|to[-_]?do\b|lorem/i;

/** A reference to where the value comes from, not the value: `${X}`, `$X`, `{{ x }}`, `<x>`, `%(x)s`, `@x@`, `#{x}`. */
const REFERENCE = /^(?:\$|\{\{|\{%|<|%[({s]|%\w+%$|@\w+@$|#\{|__\w+__$|\(\(|\[\[)|\$\{|\$\(|\{\{/;

/** True for values that people write in documentation, templates and tests instead of a secret. */
export function looksMadeUp(value: string): boolean {
  return REFERENCE.test(value) || MADE_UP_WORDS.test(value) || isMonotonous(value);
}

/** `aaaaaa`, `abcdefgh`, `12345678`, `deadbeefdeadbeef`: patterns no generator makes. */
function isMonotonous(value: string): boolean {
  let same = 1;
  let rising = 1;
  for (let i = 1; i < value.length; i++) {
    const step = value.charCodeAt(i) - value.charCodeAt(i - 1);
    same = step === 0 ? same + 1 : 1;
    rising = step === 1 ? rising + 1 : 1;
    if (same >= 6 || rising >= 7) return true;
  }
  for (let period = 1; period <= 12 && period * 2 <= value.length; period++) {
    let repeats = true;
    for (let i = period; i < value.length && repeats; i++) repeats = value[i] === value[i - period];
    if (repeats) return true;
  }
  return value.length >= 12 && new Set(value).size <= 4;
}

/**
 * First characters, then stars, at most 32 characters in all. At most a quarter of the secret shows,
 * so that a short one keeps most of its worth.
 */
export function mask(secret: string): string {
  const firstLine = secret.split(/[\r\n]/, 1)[0]!;
  const shown = Math.min(4, Math.floor(firstLine.length / 4));
  const stars = Math.max(4, Math.min(firstLine.length, 32) - shown);
  return printable(firstLine.slice(0, shown)) + '*'.repeat(stars);
}

/** Terminal control characters and bytes beyond ASCII are not passed on. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

/**
 * Names a secret without telling it: the first 16 hex digits of its SHA-256. Not salted, so that the
 * same secret has the same fingerprint in every image and an allow-list entry stays valid.
 */
export function fingerprint(secret: string): string {
  return createHash('sha256').update(secret, 'latin1').digest('hex').slice(0, 16);
}

/** CRC-32 as in zlib, which Node offers only from 20.15 on. Bit by bit: the texts are 30 characters. */
function crc32(text: string): number {
  let crc = 0xffff_ffff;
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc >>> 0;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * GitHub's and npm's tokens end in six base62 digits of the CRC-32 of what stands between prefix and checksum.
 * @see https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
 */
export function hasBase62Checksum(random: string): boolean {
  let rest = crc32(random.slice(0, -6));
  let digits = '';
  for (let i = 0; i < 6; i++) {
    digits = BASE62[rest % 62]! + digits;
    rest = Math.floor(rest / 62);
  }
  return random.endsWith(digits);
}
