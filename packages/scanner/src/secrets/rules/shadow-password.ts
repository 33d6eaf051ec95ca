import { lines } from '../lines.ts';
import type { FileRule } from '../rule.ts';

/** @see shadow(5), crypt(5) */
const ENTRY = /^([^:#\s]{1,64}):(\$[A-Za-z0-9]{1,8}\$[A-Za-z0-9./$=,+-]{8,200}|[A-Za-z0-9./]{13}|_[A-Za-z0-9./]{19})(?::|$)/;

/** An account with a password baked into the image. Locked accounts (`*`, `!`) have none. */
const rule: FileRule = {
  kind: 'file',
  id: 'shadow-password-hash',
  title: 'Password hash of a system account',
  severity: 3,
  accepts: (path) => /^etc\/g?shadow-?$/.test(path),
  read(file) {
    return lines(file.text).flatMap(({ text, start }) => {
      const [, user, hash] = ENTRY.exec(text) ?? [];
      if (user === undefined || hash === undefined) return [];
      return [{ start, end: start + text.length, secret: hash, masked: `${user}:${hash.slice(0, 3)}*****` }];
    });
  },
};
export default rule;
