import { tokenRule } from '../token-rule.ts';
import type { KeywordRule } from '../rule.ts';

const token = tokenRule({
  id: 'sendgrid-api-key',
  title: 'SendGrid API key',
  severity: 4,
  prefixes: ['SG.'],
  pattern: /SG\.([A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])/y,
  minEntropy: 4,
});

/** `SG.` is too short to search for, so it is searched for with what stands before it. */
const rule: KeywordRule = {
  ...token,
  keywords: ['=SG.', '"SG.', "'SG.", ' SG.', ':SG.', '\nSG.', '\tSG.', '`SG.'],
  find: (file, at) => token.find(file, at + 1),
};
export default rule;
