import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'grafana-token',
  title: 'Grafana service account token',
  severity: 4,
  prefixes: ['glsa_', 'glc_eyJ'],
  pattern: /(?:glsa_([A-Za-z0-9]{32}_[a-f0-9]{8})|glc_eyJ[A-Za-z0-9+\/]{60,400}={0,2})(?![A-Za-z0-9])/y,
});
