import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'heroku-api-key',
  title: 'Heroku API key',
  severity: 5,
  prefixes: ['HRKU-'],
  pattern: /HRKU-((?:AA[A-Za-z0-9_-]{58})|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![A-Za-z0-9_-])/y,
});
