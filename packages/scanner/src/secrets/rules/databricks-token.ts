import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'databricks-token',
  title: 'Databricks token',
  severity: 4,
  prefixes: ['dapi'],
  pattern: /dapi([a-f0-9]{32}(?:-\d)?)(?![a-f0-9])/y,
  minEntropy: 2.7,
});
