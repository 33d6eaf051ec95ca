import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'rubygems-api-key',
  title: 'RubyGems API key',
  severity: 4,
  prefixes: ['rubygems_'],
  pattern: /rubygems_([a-f0-9]{48})(?![a-f0-9])/y,
  minEntropy: 2.8,
});
