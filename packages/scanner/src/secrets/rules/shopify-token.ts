import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'shopify-token',
  title: 'Shopify token',
  severity: 4,
  prefixes: ['shpat_', 'shpca_', 'shppa_', 'shpss_'],
  pattern: /shp(?:at|ca|pa|ss)_([A-Fa-f0-9]{32})(?![A-Fa-f0-9])/y,
  minEntropy: 2.7,
});
