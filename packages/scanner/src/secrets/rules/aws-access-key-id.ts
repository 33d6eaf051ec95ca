import { entropy, looksMadeUp } from '../plausibility.ts';
import { matchAt, startsToken } from '../token-rule.ts';
import type { FileView, Found, KeywordRule } from '../rule.ts';

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
const KEY_ID = /(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/y;

/** A secret key: 40 base64 characters standing alone. */
const SECRET_KEY = /(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g;

/** How far from the id its secret may stand: a few lines of a credentials file. */
const NEIGHBOURHOOD = 400;

/**
 * An access key id is no secret by itself, so it counts little alone and most with its secret beside it.
 * Ids that begin with ASIA belong to sessions, which end within hours.
 */
const rule: KeywordRule = {
  kind: 'keyword',
  id: 'aws-access-key-id',
  title: 'AWS access key id',
  severity: 3,
  keywords: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
  find: findKeyId,
};
export default rule;

function findKeyId(file: FileView, at: number): Found | undefined {
  const match = matchAt(KEY_ID, file.text, at);
  if (match === undefined || !startsToken(file.text, at)) return undefined;
  const id = match[0];
  if (entropy(id.slice(4)) < 2.8 || looksMadeUp(id)) return undefined;
  const end = at + id.length;
  const session = id.startsWith('ASIA');
  const neighbours = file.text.slice(Math.max(0, at - NEIGHBOURHOOD), end + NEIGHBOURHOOD).match(SECRET_KEY) ?? [];
  if (neighbours.some((key) => entropy(key) >= 4.2 && !looksMadeUp(key))) {
    return {
      start: at,
      end,
      secret: id,
      severity: session ? 3 : 5,
      title: session ? 'AWS session key with its secret' : 'AWS access key with its secret',
    };
  }
  return { start: at, end, secret: id, severity: session ? 1 : 3 };
}
