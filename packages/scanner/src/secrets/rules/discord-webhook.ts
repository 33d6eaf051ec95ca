import { tokenRule } from '../token-rule.ts';

export default tokenRule({
  id: 'discord-webhook',
  title: 'Discord webhook URL',
  severity: 3,
  prefixes: ['discord.com/api/webhooks/', 'discordapp.com/api/webhooks/'],
  pattern: /discord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/([A-Za-z0-9_-]{60,80})(?![A-Za-z0-9_-])/y,
  minEntropy: 3.8,
});
