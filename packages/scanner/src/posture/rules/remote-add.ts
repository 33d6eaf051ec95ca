import type { PostureRule } from '../rule.ts';

const rule: PostureRule = {
  id: 'add-from-url',
  title: 'ADD fetches from a URL without a checksum',
  severity: 2,
  advice: 'State what is expected: ADD --checksum=sha256:… URL, or fetch and verify in a RUN.',
  find({ instructions }) {
    return instructions.flatMap(({ keyword, text, layer }) => {
      if (keyword !== 'ADD' || /--checksum=/.test(text)) return [];
      const url = /(?:^|\s|")((?:https?|ftp):\/\/[^\s"]{1,500})/.exec(text)?.[1];
      return url === undefined ? [] : [{ subject: withoutLogin(url), layer }];
    });
  },
};
export default rule;

function withoutLogin(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
