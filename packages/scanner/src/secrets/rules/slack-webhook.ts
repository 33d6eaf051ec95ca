import { tokenRule } from '../token-rule.ts';

/** Whoever has the URL can post. @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export default tokenRule({
  id: 'slack-webhook',
  title: 'Slack webhook URL',
  severity: 3,
  prefixes: ['hooks.slack.com/'],
  pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Z0-9]{8,14}\/[A-Za-z0-9]{8,24}\/([A-Za-z0-9/]{18,60})/y,
  minEntropy: 3.2,
});
