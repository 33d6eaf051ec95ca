import { entropy, looksMadeUp } from '../plausibility.ts';
import { matchAt } from '../token-rule.ts';
import { textKind } from '../paths.ts';
import type { FileView, Found, KeywordRule } from '../rule.ts';

/**
 * The rest of the name, what assigns, and the value: quoted, or bare up to the line's or item's end.
 * `define('DB_PASSWORD', '…')` assigns with a comma.
 */
const ASSIGNMENT =
  /[A-Za-z_.-]{4,24}?s?["'\]]{0,2}[ \t]{0,16}(=>|:=|[=:,])[ \t]{0,16}(?:(["'`])([^"'`\r\n]{6,256})\2|([^\s"'`,;#]{6,256})(?=\s|$|[,;]))/y;

/**
 * Names such as `password_min_length` or `token_url` are not the secret. The keyword must end the name.
 */
const NAME_END =
  /^(?:password|passwd|passphrase|secret(?:[_.-]?(?:access[_.-]?)?key(?:[_.-]?base)?)?|token|api[_.-]?(?:key|secret|token)|auth[_.-]?(?:key|secret|token)|access[_.-]?(?:key|secret|token)|private[_.-]?key|encryption[_.-]?key|signing[_.-]?key|client[_.-]?secret)$/i;

/**
 * A value assigned to a name that means a secret, where no rule knows the value's form. Only in files
 * that configure something, or as a quoted literal in source; only random-looking values.
 */
const rule: KeywordRule = {
  kind: 'keyword',
  id: 'assigned-secret',
  title: 'Secret assigned in clear text',
  severity: 3,
  keywords: [
    'password', 'passwd', 'passphrase', 'secret', 'token', 'api_key', 'api-key', 'api.key', 'apikey', 'auth_key', 'authkey',
    'access_key', 'access-key', 'accesskey', 'private_key', 'privatekey', 'encryption_key', 'encryptionkey',
    'signing_key', 'signingkey',
  ],
  find: findAssignment,
};
export default rule;

function findAssignment(file: FileView, at: number): Found | undefined {
  const kind = textKind(file.path);
  if (kind === 'other') return undefined;
  if (!isAssigned(file.text, at)) return undefined;
  const match = matchAt(ASSIGNMENT, file.text, at);
  if (match === undefined) return undefined;
  const quote = match[2];
  const value = match[3] ?? match[4];
  if (value === undefined) return undefined;
  const name = match[0].slice(0, match[0].search(/["'\] \t=:,]/));
  if (!NAME_END.test(name.replace(/s$/i, ''))) return undefined;
  const isBare = quote === undefined;
  if (match[1] === ',' && isBare) return undefined;
  if (kind === 'code' && isBare) return undefined;
  const isPassword = /^pass/i.test(name);
  if (!looksRandom(value, isPassword)) return undefined;
  const start = at + match[0].lastIndexOf(value);
  return { start, end: start + value.length, secret: value };
}

/** A cheap look ahead, since `token` and `secret` are common words in source: does the name end before an assignment? */
function isAssigned(text: string, at: number): boolean {
  let next = at;
  const farthest = Math.min(text.length, at + 48);
  while (next < farthest && /[A-Za-z_.-]/.test(text[next]!)) next++;
  while (next < farthest && /["'\] \t]/.test(text[next]!)) next++;
  return next < farthest && /[=:,]/.test(text[next]!);
}

/** Passwords may be shorter than keys, but then need more kinds of characters. */
function looksRandom(value: string, isPassword: boolean): boolean {
  if (looksMadeUp(value) || /\s/.test(value)) return false;
  if (value.length < (isPassword ? 8 : 16)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length;
  const isHex = /^[0-9a-f]+$/i.test(value);
  if (!/[0-9]/.test(value) || kinds < (value.length < 16 && !isHex ? 3 : 2)) return false;
  if (entropy(value) < (isHex || value.length < 12 ? 2.8 : value.length < 24 ? 3.1 : 3.5)) return false;
  return !looksLikeCode(value);
}

/** Paths, URLs, identifiers of several words, calls, versions, dates, hashes with their algorithm, message keys. */
function looksLikeCode(value: string): boolean {
  return (
    /^(?:\.{0,2}\/|~\/|[A-Za-z]:\\|[a-z][a-z0-9+.-]*:\/\/|sha\d+[-:]|arn:|urn:|file:|env[.:(]|process\.|os\.|vault:)/i.test(value) ||
    /[(){}[\]<>\\]|->|::|=>|&&|\|\|/.test(value) ||
    /^[\d.:TZ+-]+$/.test(value) ||
    /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ||
    isNameOfWords(value)
  );
}

/** `oauth2-access-token`, `com.acme.Auth2Token`, `password_reset_2fa`: parts that are words, perhaps with a digit or two. */
function isNameOfWords(value: string): boolean {
  const words = value.split(/[-_.:/$@]|(?<=[a-z0-9])(?=[A-Z])/).filter((word) => word !== '');
  return words.length * 3 <= value.length && words.every((word) => /^(?:[A-Z]?[a-z]+|[A-Z]+)?\d{0,4}[a-z]{0,2}$/.test(word));
}
