import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'anthropic-api-key',
  title: 'Anthropic API key',
  severity: 4,
  prefixes: ['sk-ant-'],
  pattern: /sk-ant-(?:api|admin|oat|ort)\d\d-([A-Za-z0-9_-]{80,120})(?![A-Za-z0-9_-])/y,
  minEntropy: 4,
});
