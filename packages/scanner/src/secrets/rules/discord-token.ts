import { assignedRule } from '../token-rule.ts';

/** A bot token: the bot's id, a time and a signature in base64url. The first part must decode to digits. */
export default assignedRule({
  id: 'discord-bot-token',
  title: 'Discord bot token',
  severity: 4,
  keywords: ['discord', 'bot_token', 'bottoken', 'client.login', 'bot.run'],
  reach: 100,
  pattern: /(?<![A-Za-z0-9_-])([MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40})(?![A-Za-z0-9_-])/,
  minEntropy: 3.8,
  judge: (value) => /^\d{17,20}$/.test(Buffer.from(value.slice(0, value.indexOf('.')), 'base64url').toString('latin1')),
});
