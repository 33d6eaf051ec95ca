import type { PostureRule } from '../rule.ts';

const rule: PostureRule = {
  id: 'latest-tag-only',
  title: 'Known only as “latest”',
  severity: 1,
  advice: 'Give each build a tag of its own as well, such as its version or commit, to be able to name and restore it.',
  find({ image }) {
    const { tags } = image;
    return tags.length > 0 && tags.every((tag) => /(?:^|:)latest$/.test(tag)) ? [{ subject: tags[0] }] : [];
  },
};
export default rule;
