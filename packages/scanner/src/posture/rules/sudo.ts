import { OS_PACKAGE_TYPES } from '@plimsoll/model';
import type { Occurrence, PostureRule } from '../rule.ts';

const rule: PostureRule = {
  id: 'sudo',
  title: 'sudo or doas in the image',
  severity: 2,
  advice: 'Remove it: do what needs root in the build, then set USER. With NOPASSWD the account is root in all but name.',
  find({ packages, instructions }) {
    const found: Occurrence[] = packages
      .filter(({ type, name }) => (name === 'sudo' || name === 'doas' || name === 'sudo-ldap') && OS_PACKAGE_TYPES.includes(type))
      .map(({ name, layer }) => ({ subject: name, layer }));
    for (const { keyword, text, layer } of instructions) {
      if (keyword === 'RUN' && /\bNOPASSWD\b/.test(text)) found.push({ subject: 'NOPASSWD', layer, severity: 3 });
    }
    return found;
  },
};
export default rule;
