import { looksMadeUp } from '../plausibility.ts';
import { matchAt } from '../token-rule.ts';
import type { FileView, Found, KeywordRule } from '../rule.ts';

/** A SHA-256 signature in base64, mostly percent-encoded. */
const SIGNATURE = /sig=((?:[A-Za-z0-9+/]|%2[BbFf]){43}(?:=|%3[Dd]))/y;

/**
 * A shared access signature: a URL's query with version, permissions, expiry and signature.
 * @see https://learn.microsoft.com/en-us/rest/api/storageservices/create-service-sas
 */
const rule: KeywordRule = {
  kind: 'keyword',
  id: 'azure-sas-token',
  title: 'Azure shared access signature',
  severity: 3,
  keywords: ['sig='],
  find: findSas,
};
export default rule;

function findSas(file: FileView, at: number): Found | undefined {
  const match = matchAt(SIGNATURE, file.text, at);
  if (match === undefined || looksMadeUp(match[1]!)) return undefined;
  const around = file.text.slice(Math.max(0, at - 400), at + 400);
  if (!/[?&;"'](?:amp;)?sv=20\d\d-\d\d-\d\d/.test(around) || !/[?&;](?:amp;)?s[pe]=/.test(around)) return undefined;
  return { start: at + 4, end: at + match[0].length, secret: match[1]! };
}
