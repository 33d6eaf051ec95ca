import type { PostureRule } from '../rule.ts';

const rule: PostureRule = {
  id: 'os-end-of-support',
  title: 'Distribution release gets no more security fixes',
  severity: 4,
  advice: 'Build on a release that is still supported; new flaws in this one stay open and its advisories stop.',
  find({ os, now }) {
    if (os?.endOfSupport === undefined) return [];
    const today = now.toISOString().slice(0, 10);
    if (os.endOfSupport >= today) return [];
    const extended = os.endOfExtendedSupport !== undefined && os.endOfExtendedSupport >= today;
    const until = extended ? `, long-term support until ${os.endOfExtendedSupport}` : '';
    return [{ subject: `${os.prettyName} (until ${os.endOfSupport}${until})`, severity: extended ? 2 : 4 }];
  },
};
export default rule;
