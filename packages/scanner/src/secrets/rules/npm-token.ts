import { hasBase62Checksum } from '../plausibility.ts';
import { tokenRule } from '../token-rule.ts';

/** @see https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/ */
export default tokenRule({
  id: 'npm-token',
  title: 'npm token',
  severity: 5,
  prefixes: ['npm_'],
  pattern: /npm_([A-Za-z0-9]{36})(?![A-Za-z0-9])/y,
  minEntropy: 3.5,
  judge(_token, random) {
    if (hasBase62Checksum(random)) return true;
    return { severity: 1, title: 'npm token whose checksum does not hold' };
  },
});
