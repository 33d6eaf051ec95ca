import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'netlify-token',
  title: 'Netlify token',
  severity: 4,
  prefixes: ['nfp_'],
  pattern: /nfp_([A-Za-z0-9]{36})(?![A-Za-z0-9])/y,
});
