import { tokenRule } from '../token-rule.ts';

/** Often meant for browsers and restricted by referrer, hence the middling severity. */
export default tokenRule({
  id: 'gcp-api-key',
  title: 'Google API key',
  severity: 3,
  prefixes: ['AIza'],
  pattern: /AIza([A-Za-z0-9_-]{35})(?![A-Za-z0-9_-])/y,
  minEntropy: 3.5,
});
