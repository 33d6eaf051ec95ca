import { looksMadeUp } from '../plausibility.ts';
import type { FileRule, Found } from '../rule.ts';

/** Stored logins of ftp, curl, git and pip. */
const rule: FileRule = {
  kind: 'file',
  id: 'netrc-password',
  title: 'Password in a netrc file',
  severity: 4,
  accepts: (_path, basename) => basename === '.netrc' || basename === '_netrc',
  read(file) {
    const found: Found[] = [];
    for (const match of file.text.matchAll(/(?:^|\s)password\s{1,8}(\S{1,500})/g)) {
      const secret = match[1]!;
      if (looksMadeUp(secret) || /^(?:password|pass|secret)$/i.test(secret)) continue;
      const end = match.index + match[0].length;
      found.push({ start: end - secret.length, end, secret });
    }
    return found;
  },
};
export default rule;
