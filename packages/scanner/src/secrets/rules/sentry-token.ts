import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'sentry-auth-token',
  title: 'Sentry auth token',
  severity: 3,
  prefixes: ['sntrys_', 'sntryu_'],
  pattern: /sntry(?:s_eyJ[A-Za-z0-9+\/=_]{80,600}|u_([a-f0-9]{64}))(?![A-Za-z0-9])/y,
});
