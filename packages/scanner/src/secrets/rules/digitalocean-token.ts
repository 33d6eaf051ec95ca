import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'digitalocean-token',
  title: 'DigitalOcean token',
  severity: 5,
  prefixes: ['dop_v1_', 'doo_v1_', 'dor_v1_'],
  pattern: /do[por]_v1_([a-f0-9]{64})(?![a-f0-9])/y,
});
