import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'tailscale-key',
  title: 'Tailscale key',
  severity: 4,
  prefixes: ['tskey-'],
  pattern: /tskey-(?:auth|api|client|scim|webhook)-([A-Za-z0-9]{8,24}-[A-Za-z0-9]{16,64})(?![A-Za-z0-9])/y,
});
