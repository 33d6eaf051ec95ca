import { entropy, looksMadeUp } from '../plausibility.ts';
import type { FileView, Found, KeywordRule } from '../rule.ts';

/** The marker stands in the middle: base64 of `OpenAI`. Before it 20 to 74 characters, after it as many. */
const KEY = /(?<![A-Za-z0-9])sk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{20,74}T3BlbkFJ[A-Za-z0-9_-]{20,74}(?![A-Za-z0-9_-])/;
const LONGEST_HALF = 90;

const rule: KeywordRule = {
  kind: 'keyword',
  id: 'openai-api-key',
  title: 'OpenAI API key',
  severity: 4,
  keywords: ['T3BlbkFJ'],
  find: findKey,
};
export default rule;

function findKey(file: FileView, at: number): Found | undefined {
  const from = Math.max(0, at - LONGEST_HALF);
  const match = KEY.exec(file.text.slice(from, at + LONGEST_HALF));
  if (match === null || entropy(match[0]) < 4 || looksMadeUp(match[0])) return undefined;
  return { start: from + match.index, end: from + match.index + match[0].length, secret: match[0] };
}
