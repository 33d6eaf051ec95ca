import { assignedRule } from '../token-rule.ts';

/** Before 2024 a plain UUID, known only by the variable's name. */
export default assignedRule({
  id: 'heroku-legacy-key',
  title: 'Heroku API key',
  severity: 4,
  keywords: ['heroku_api_key', 'heroku_api_token', 'heroku_key', 'herokuapikey', 'heroku-api-key'],
  pattern: /^[A-Za-z_-]{9,18}["']?[ \t]{0,4}[=:][ \t]{0,4}["']?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?![A-Za-z0-9-])/,
  minEntropy: 2.8,
});
