import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'postman-api-key',
  title: 'Postman API key',
  severity: 3,
  prefixes: ['PMAK-'],
  pattern: /PMAK-([a-f0-9]{24}-[a-f0-9]{34})(?![a-f0-9])/y,
});
