import { createPrivateKey } from 'node:crypto';
import type { FileRule } from '../rule.ts';

/** Private keys in binary DER, recognised by whether they can be read as one without a passphrase. */
const rule: FileRule = {
  kind: 'file',
  id: 'private-key-der',
  title: 'Private key (DER)',
  severity: 4,
  accepts: (_path, basename) => /\.(?:der|key|pk8|p8)$/i.test(basename),
  read(file) {
    const der = Buffer.from(file.text, 'latin1');
    // A SEQUENCE; anything above 20 kB is no single key.
    if (der[0] !== 0x30 || der.length > 20_000) return [];
    if (!isPrivateKey(der)) return [];
    return [{ start: 0, end: der.length, secret: file.text, masked: '(binary key)' }];
  },
};
export default rule;

function isPrivateKey(der: Buffer): boolean {
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      createPrivateKey({ key: der, format: 'der', type });
      return true;
    } catch {
      // Not of this type; a certificate or public key is of none.
    }
  }
  return false;
}
