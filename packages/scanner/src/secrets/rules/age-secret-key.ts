import { tokenRule } from '../token-rule.ts';

/** Bech32 of an X25519 secret. @see https://age-encryption.org/v1 */
export default tokenRule({
  id: 'age-secret-key',
  title: 'age secret key',
  severity: 4,
  prefixes: ['AGE-SECRET-KEY-1'],
  pattern: /AGE-SECRET-KEY-1([QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58})(?![A-Z0-9])/y,
});
