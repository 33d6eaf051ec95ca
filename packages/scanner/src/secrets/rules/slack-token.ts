import { tokenRule } from '../token-rule.ts';

/** @see https://docs.slack.dev/authentication/tokens */
export default tokenRule({
  id: 'slack-token',
  title: 'Slack token',
  severity: 4,
  prefixes: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xoxe.', 'xapp-'],
  pattern: /(?:xox[bpars]-|xoxe[-.]|xapp-)((?:[A-Za-z0-9]{1,20}[-.]){1,5}[A-Za-z0-9]{16,200})(?![A-Za-z0-9])/y,
});
