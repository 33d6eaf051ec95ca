import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'doppler-token',
  title: 'Doppler token',
  severity: 5,
  prefixes: ['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.sa.'],
  pattern: /dp\.(?:pt|st|ct|sa)\.(?:[a-z0-9_-]{2,35}\.)?([A-Za-z0-9]{40,44})(?![A-Za-z0-9])/y,
});
