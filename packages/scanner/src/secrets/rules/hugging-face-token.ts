import { tokenRule } from '../token-rule.ts';
import type { KeywordRule } from '../rule.ts';

const token = tokenRule({
  id: 'hugging-face-token',
  title: 'Hugging Face token',
  severity: 4,
  prefixes: ['hf_'],
  pattern: /hf_([A-Za-z0-9]{34,40})(?![A-Za-z0-9])/y,
  minEntropy: 3.5,
});

/** `hf_` is too short to search for, so it is searched for with what stands before it, or as the file's start. */
const rule: KeywordRule = {
  ...token,
  keywords: ['=hf_', '"hf_', "'hf_", ' hf_', ':hf_', '\nhf_', '\thf_', '`hf_', '/hf_'],
  find: (file, at) => token.find(file, at + 1),
};
export default rule;
