import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'pulumi-access-token',
  title: 'Pulumi access token',
  severity: 4,
  prefixes: ['pul-'],
  pattern: /pul-([a-f0-9]{40})(?![a-f0-9])/y,
  minEntropy: 2.8,
});
