import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'new-relic-key',
  title: 'New Relic user key',
  severity: 3,
  prefixes: ['NRAK-'],
  pattern: /NRAK-([A-Z0-9]{27})(?![A-Z0-9])/y,
});
