import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'github-fine-grained-token',
  title: 'GitHub fine-grained token',
  severity: 5,
  prefixes: ['github_pat_'],
  pattern: /github_pat_([A-Za-z0-9]{22}_[A-Za-z0-9]{59})(?![A-Za-z0-9])/y,
  minEntropy: 3.5,
});
