import { tokenRule } from '../token-rule.ts';

/** Service, batch and recovery tokens of HashiCorp Vault since 1.10. */
export default tokenRule({
  id: 'vault-token',
  title: 'HashiCorp Vault token',
  severity: 5,
  prefixes: ['hvs.', 'hvb.', 'hvr.'],
  pattern: /hv[sbr]\.([A-Za-z0-9_-]{24,300})(?![A-Za-z0-9_-])/y,
  minEntropy: 3.5,
});
