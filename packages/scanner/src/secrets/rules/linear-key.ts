import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'linear-api-key',
  title: 'Linear API key',
  severity: 3,
  prefixes: ['lin_api_'],
  pattern: /lin_api_([A-Za-z0-9]{40})(?![A-Za-z0-9])/y,
});
