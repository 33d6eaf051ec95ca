import { assignedRule } from '../token-rule.ts';

/** Before Vault 1.10 a service token was `s.` and 24 characters, known only by the variable's name. */
export default assignedRule({
  id: 'vault-legacy-token',
  title: 'HashiCorp Vault token',
  severity: 5,
  keywords: ['vault_token', 'x-vault-token', 'vaulttoken'],
  pattern: /^[A-Za-z_-]{10,14}["']?[ \t]{0,4}[=:,][ \t]{0,4}["']?([sbr]\.[A-Za-z0-9]{24})(?![A-Za-z0-9])/i,
  minEntropy: 3.2,
});
