import type { FileView, Found, KeywordRule } from '../rule.ts';

/** @see https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html */
const rule: KeywordRule = {
  kind: 'keyword',
  id: 'putty-private-key',
  title: 'PuTTY private key',
  severity: 4,
  keywords: ['PuTTY-User-Key-File-'],
  find: findPuttyKey,
};
export default rule;

function findPuttyKey(file: FileView, at: number): Found | undefined {
  const stretch = file.text.slice(at, at + 16_384);
  const match = /^PuTTY-User-Key-File-[23]: /.test(stretch) ? /^Private-Lines: \d{1,3}\r?\n([A-Za-z0-9+/=\r\n]{40,})/m.exec(stretch) : null;
  if (match === null || !/^Encryption: none\r?$/m.test(stretch.slice(0, 200))) return undefined;
  const secret = match[1]!.replace(/[\r\n]/g, '');
  return { start: at, end: at + match.index + match[0].length, secret, masked: 'PuTTY-User-Key-File' };
}
