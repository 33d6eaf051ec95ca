import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'atlassian-api-token',
  title: 'Atlassian API token',
  severity: 4,
  prefixes: ['ATATT3'],
  pattern: /ATATT3([A-Za-z0-9_=-]{180,220})(?![A-Za-z0-9_=-])/y,
});
