import { hasBase62Checksum } from '../plausibility.ts';
import { tokenRule } from '../token-rule.ts';

/**
 * Personal (`ghp_`), OAuth (`gho_`), user-to-server (`ghu_`), server-to-server (`ghs_`) and refresh (`ghr_`)
 * tokens. Those of 36 characters carry a checksum; one that does not hold is a made-up or mistyped
 * token, which is worth a hint only.
 * @see https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
 */
export default tokenRule({
  id: 'github-token',
  title: 'GitHub token',
  severity: 5,
  prefixes: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
  pattern: /gh[pousr]_([A-Za-z0-9]{36,255})(?![A-Za-z0-9])/y,
  judge(_token, random) {
    if (random.length !== 36 || hasBase62Checksum(random)) return true;
    return { severity: 1, title: 'GitHub token whose checksum does not hold' };
  },
});
