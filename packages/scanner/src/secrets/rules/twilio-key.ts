import { assignedRule } from '../token-rule.ts';

/** API keys (`SK…`) and auth tokens; both are hex, so the word Twilio must stand before them. */
export default assignedRule({
  id: 'twilio-key',
  title: 'Twilio key',
  severity: 4,
  keywords: ['twilio'],
  reach: 120,
  pattern: /(?:(?:token|secret|key)["']?[ \t]{0,4}[=:][ \t]{0,4}["']?|["'=: ])((?:SK)?[0-9a-f]{32})(?![A-Za-z0-9])/i,
});
