import type { FileView, Found, KeywordRule } from '../rule.ts';
import { entropy, looksMadeUp } from '../plausibility.ts';

const TOKEN = /(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}(?![A-Za-z0-9_=-])/;

const rule: KeywordRule = {
  kind: 'keyword',
  id: 'terraform-cloud-token',
  title: 'Terraform Cloud token',
  severity: 5,
  keywords: ['.atlasv1.'],
  find: findToken,
};
export default rule;

function findToken(file: FileView, at: number): Found | undefined {
  const from = Math.max(0, at - 15);
  const match = TOKEN.exec(file.text.slice(from, at + 90));
  if (match === null || entropy(match[0]) < 4 || looksMadeUp(match[0])) return undefined;
  return { start: from + match.index, end: from + match.index + match[0].length, secret: match[0] };
}
