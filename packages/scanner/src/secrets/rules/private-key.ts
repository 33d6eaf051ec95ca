import { looksMadeUp } from '../plausibility.ts';
import { matchAt } from '../token-rule.ts';
import type { FileView, Found, KeywordRule } from '../rule.ts';

const BEGIN = /-----BEGIN ((?:RSA |DSA |EC |OPENSSH |PGP )?PRIVATE KEY(?: BLOCK)?)-----/y;

/** Longer than a 16,384-bit RSA key or a PGP key ring of several keys. */
const LONGEST_KEY = 32 * 1024;

/** What a key body shrinks to at least: an Ed25519 key in PKCS #8 has 64 base64 characters. */
const SHORTEST_BODY = 60;

/**
 * PEM private keys (RFC 7468, PKCS #1, SEC 1, OpenSSH, PGP) that can be used without a passphrase,
 * also within JSON or source strings. Keys that are encrypted are left out; `ENCRYPTED PRIVATE KEY`
 * (PKCS #8) does not match at all.
 */
const rule: KeywordRule = {
  kind: 'keyword',
  id: 'private-key',
  title: 'Private key',
  severity: 4,
  keywords: ['-----BEGIN'],
  find: findPrivateKey,
};
export default rule;

function findPrivateKey(file: FileView, at: number): Found | undefined {
  const begin = matchAt(BEGIN, file.text, at);
  if (begin === undefined) return undefined;
  const label = begin[1]!;
  const bodyStart = at + begin[0].length;
  const rest = file.text.slice(bodyStart, bodyStart + LONGEST_KEY);
  // The next dashes decide, so that a file of headers alone costs no search for an end that never comes.
  const bodyEnd = rest.indexOf('-----');
  if (bodyEnd < 0 || !rest.startsWith(`-----END ${label}-----`, bodyEnd)) return undefined;

  const body = rest.slice(0, bodyEnd);
  // Proc-Type and DEK-Info headers of RFC 1421 mark a key that needs a passphrase.
  if (/\bENCRYPTED\b/.test(body)) return undefined;
  const base64 = body
    .replace(/^\s*(?:Version|Comment|Hash|Charset): [^\r\n]*$/gm, '')
    .replace(/\\[nrt]|[\s"'`+,\\>#|*]/g, '');
  if (!/^[A-Za-z0-9+/]{60,}={0,3}(?:=[A-Za-z0-9+/]{4})?$/.test(base64) || base64.length < SHORTEST_BODY) return undefined;
  if (looksMadeUp(base64.slice(-40).replace(/=.*$/, ''))) return undefined;
  if (label === 'OPENSSH PRIVATE KEY' && isEncryptedOpenSsh(base64)) return undefined;

  const found: Found = {
    start: at,
    end: bodyStart + bodyEnd,
    secret: base64,
    masked: begin[0],
  };
  if (/(?:^|\/)ssh_host_[a-z0-9]+_key$/.test(file.path)) {
    return { ...found, title: 'SSH host private key, the same in every container' };
  }
  if (file.path.endsWith('/ssl-cert-snakeoil.key')) {
    return { ...found, severity: 1, title: 'Private key of the self-signed snakeoil certificate, the same in every container' };
  }
  if (label.startsWith('PGP')) return { ...found, severity: 3, title: 'PGP private key (perhaps with a passphrase)' };
  return found;
}

/**
 * The key file names its cipher right after the magic; `none` means no passphrase.
 * @see https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.key
 */
function isEncryptedOpenSsh(base64: string): boolean {
  const head = Buffer.from(base64.slice(0, 64), 'base64');
  const magic = 'openssh-key-v1\0';
  if (head.subarray(0, magic.length).toString('latin1') !== magic) return false;
  const length = head.readUInt32BE(magic.length);
  return head.subarray(magic.length + 4, magic.length + 4 + Math.min(length, 16)).toString('latin1') !== 'none';
}
