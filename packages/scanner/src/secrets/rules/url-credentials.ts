import { looksMadeUp } from '../plausibility.ts';
import { matchAt } from '../token-rule.ts';
import type { FileView, Found, KeywordRule } from '../rule.ts';

const URL_LOGIN =
  /(?:https?|ftps?|git|ssh|postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|ldaps?|smtps?|clickhouse|mssql):\/\/([A-Za-z0-9._%+-]{0,64}):([^\s"'`<>@/\\?#]{6,128})@([A-Za-z0-9.-]{2,253})/y;

/** Passwords that stand for one: the word itself, or the service's name as its own password. */
const STANDARD = /^(?:pass|pw|user|admin|root|guest|test|secret|token|db|postgres|mysql|redis|mongo|rabbit|example|p[a4@]ss)/i;

/** A password within a URL. Local hosts and documentation domains are left out. */
const rule: KeywordRule = {
  kind: 'keyword',
  id: 'url-credentials',
  title: 'Password in a URL',
  severity: 3,
  keywords: [
    'https://', 'http://', 'ftp://', 'ftps://', 'git://', 'ssh://', 'postgres://', 'postgresql://', 'mysql://',
    'mariadb://', 'mongodb://', 'mongodb+srv://', 'redis://', 'rediss://', 'amqp://', 'amqps://', 'ldap://',
    'ldaps://', 'smtp://', 'smtps://', 'clickhouse://', 'mssql://',
  ],
  find: findLogin,
};
export default rule;

function findLogin(file: FileView, at: number): Found | undefined {
  const match = matchAt(URL_LOGIN, file.text, at);
  if (match === undefined) return undefined;
  const [whole, user, password, host] = match as unknown as [string, string, string, string];
  if (looksMadeUp(password) || STANDARD.test(password) || password === user) return undefined;
  // A password of lower-case letters alone is mostly a word of a manual.
  if (!/[0-9]/.test(password) && !/[A-Z].*[a-z]|[a-z].*[A-Z]/.test(password)) return undefined;
  if (/[${}()*|]|%[sdv]/.test(password)) return undefined;
  if (/^(?:localhost|127\.|0\.0\.0\.0|host$|server$)|(?:^|\.)(?:example|test|invalid|localhost)(?:\.(?:com|net|org))?$/i.test(host)) return undefined;
  const end = at + whole.length - host.length - 1;
  return { start: end - password.length, end, secret: password };
}
