import { lines } from '../lines.ts';
import { looksMadeUp } from '../plausibility.ts';
import type { FileRule } from '../rule.ts';

/** @see https://httpd.apache.org/docs/2.4/misc/password_encryptions.html */
const ENTRY = /^([^:#\s]{1,128}):(\$(?:apr1|1|5|6|2[abxy])\$[A-Za-z0-9./$=]{20,120}|\{SHA\}[A-Za-z0-9+/]{27}=|[A-Za-z0-9./]{13})$/;

/** Password hashes of web server users. They can be guessed at without limit once out. */
const rule: FileRule = {
  kind: 'file',
  id: 'htpasswd-hash',
  title: 'Password hash of a web user',
  severity: 2,
  accepts: (_path, basename) => /^\.?ht(?:passwd|passwords?)s?$|\.htpasswd$/i.test(basename),
  read(file) {
    return lines(file.text).flatMap(({ text, start }) => {
      const [, user, hash] = ENTRY.exec(text) ?? [];
      if (user === undefined || hash === undefined || looksMadeUp(hash.slice(-20))) return [];
      return [{ start, end: start + text.length, secret: hash }];
    });
  },
};
export default rule;
