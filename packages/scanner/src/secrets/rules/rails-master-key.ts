import { looksMadeUp } from '../plausibility.ts';
import type { FileRule } from '../rule.ts';

/** Decrypts the credentials that lie beside it. */
const rule: FileRule = {
  kind: 'file',
  id: 'rails-master-key',
  title: 'Rails master key',
  severity: 4,
  accepts: (path, basename) => basename === 'master.key' || /(?:^|\/)config\/credentials\/[a-z]+\.key$/.test(path),
  read(file) {
    const match = /^\s{0,8}([0-9a-f]{32})\s{0,8}$/.exec(file.text.slice(0, 64));
    const secret = match?.[1];
    if (secret === undefined || looksMadeUp(secret)) return [];
    const start = file.text.indexOf(secret);
    return [{ start, end: start + secret.length, secret }];
  },
};
export default rule;
