import { looksMadeUp } from '../plausibility.ts';
import { matchAt } from '../token-rule.ts';
import type { FileView, Found, KeywordRule } from '../rule.ts';

const AUTH = /"auth"\s{0,8}:\s{0,8}"([A-Za-z0-9+/]{8,4000}={0,2})"/y;
const TOKEN = /"(?:identitytoken|registrytoken)"\s{0,8}:\s{0,8}"([A-Za-z0-9+/_.=-]{20,8000})"/y;

/**
 * Registry credentials as `docker login` writes them to `config.json` and formerly `.dockercfg`:
 * base64 of `user:password`. Kubernetes pull secrets have the same form.
 */
const rule: KeywordRule = {
  kind: 'keyword',
  id: 'docker-config-auth',
  title: 'Registry credentials of docker login',
  severity: 5,
  keywords: ['"auth"', '"identitytoken"', '"registrytoken"'],
  find: findAuth,
};
export default rule;

function findAuth(file: FileView, at: number): Found | undefined {
  const match = matchAt(AUTH, file.text, at) ?? matchAt(TOKEN, file.text, at);
  const value = match?.[1];
  if (match === undefined || value === undefined) return undefined;
  const end = at + match[0].length - 1;
  const found: Found = { start: end - value.length, end, secret: value };
  if (!match[0].startsWith('"auth"')) return looksMadeUp(value) ? undefined : found;
  const decoded = Buffer.from(value, 'base64').toString('latin1').replace(/\0+$/, '');
  const colon = decoded.indexOf(':');
  const password = decoded.slice(colon + 1);
  if (colon < 1 || password.length < 3 || !/^[\x20-\x7e\x80-\xff]+$/.test(decoded)) return undefined;
  if (looksMadeUp(password) || /^pass(?:word)?$/i.test(password)) return undefined;
  return found;
}
