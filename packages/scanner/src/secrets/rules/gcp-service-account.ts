import { looksMadeUp } from '../plausibility.ts';
import type { FileView, Found, KeywordRule } from '../rule.ts';

/** How far the fields of a key file lie apart at most; a 4,096-bit key is 3.3 kB. */
const REACH = 8_192;

/**
 * The JSON key file of a Google Cloud service account.
 * @see https://cloud.google.com/iam/docs/keys-create-delete
 */
const rule: KeywordRule = {
  kind: 'keyword',
  id: 'gcp-service-account-key',
  title: 'Google Cloud service account key',
  severity: 5,
  keywords: ['"private_key"'],
  find: findServiceAccount,
};
export default rule;

function findServiceAccount(file: FileView, at: number): Found | undefined {
  const around = file.text.slice(Math.max(0, at - REACH), at + REACH);
  if (!/"type"\s{0,8}:\s{0,8}"service_account"/.test(around)) return undefined;
  const key = /^"private_key"\s{0,8}:\s{0,8}"-----BEGIN (?:RSA )?PRIVATE KEY-----((?:\\n|[A-Za-z0-9+/=]){200,7000})-----END/.exec(
    file.text.slice(at, at + REACH),
  );
  if (key === null) return undefined;
  const secret = key[1]!.replaceAll('\\n', '');
  if (looksMadeUp(secret.slice(-60))) return undefined;
  const email = /"client_email"\s{0,8}:\s{0,8}"([a-z0-9.@-]{1,120})"/.exec(around)?.[1];
  const masked = `"private_key" of ${email ?? 'a service account'}`;
  return { start: at, end: at + key[0].length, secret, masked };
}
