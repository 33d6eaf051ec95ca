import { entropy, looksMadeUp } from '../plausibility.ts';
import type { FileView, Found, KeywordRule } from '../rule.ts';

const TOKEN = /(?<![A-Za-z0-9])(?:bot)?(\d{8,11}:AA[A-Za-z0-9_-]{33})(?![A-Za-z0-9_-])/;

/**
 * The bot's numeric id, a colon and 35 characters that begin with `AA` and a letter near `F`.
 * @see https://core.telegram.org/bots/api#authorizing-your-bot
 */
const rule: KeywordRule = {
  kind: 'keyword',
  id: 'telegram-bot-token',
  title: 'Telegram bot token',
  severity: 4,
  keywords: [':AAD', ':AAE', ':AAF', ':AAG', ':AAH'],
  find: findToken,
};
export default rule;

function findToken(file: FileView, at: number): Found | undefined {
  const from = Math.max(0, at - 16);
  const match = TOKEN.exec(file.text.slice(from, at + 40));
  const token = match?.[1];
  if (match === null || token === undefined || entropy(token.slice(-33)) < 3.8 || looksMadeUp(token)) return undefined;
  const start = from + match.index + match[0].indexOf(token);
  return { start, end: start + token.length, secret: token };
}
