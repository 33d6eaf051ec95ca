import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'groq-api-key',
  title: 'Groq API key',
  severity: 4,
  prefixes: ['gsk_'],
  pattern: /gsk_([A-Za-z0-9]{52})(?![A-Za-z0-9])/y,
});
