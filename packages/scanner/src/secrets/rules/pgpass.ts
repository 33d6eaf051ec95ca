import { lines } from '../lines.ts';
import { looksMadeUp } from '../plausibility.ts';
import type { FileRule } from '../rule.ts';

/** `host:port:database:user:password`, with `\:` for a colon. @see https://www.postgresql.org/docs/current/libpq-pgpass.html */
const ENTRY = /^(?!#)(?:(?:\\.|[^:\\]){1,256}:){4}(.{1,256})$/;

const rule: FileRule = {
  kind: 'file',
  id: 'pgpass-password',
  title: 'PostgreSQL password',
  severity: 4,
  accepts: (_path, basename) => basename === '.pgpass' || basename === 'pgpass.conf',
  read(file) {
    return lines(file.text).flatMap(({ text, start }) => {
      const secret = ENTRY.exec(text)?.[1];
      if (secret === undefined || looksMadeUp(secret) || /^(?:password|pass|secret)$/i.test(secret)) return [];
      const end = start + text.length;
      return [{ start: end - secret.length, end, secret }];
    });
  },
};
export default rule;
