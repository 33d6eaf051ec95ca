import type { PostureRule } from '../rule.ts';

/** @see https://github.com/opencontainers/image-spec/blob/main/annotations.md */
const NAME = 'org.opencontainers.image.base.name';
const DIGEST = 'org.opencontainers.image.base.digest';

/** Asserted only where the image names its base; without that label nothing is known. */
const rule: PostureRule = {
  id: 'base-not-pinned',
  title: 'Base image is not pinned by digest',
  severity: 1,
  advice: 'Name the base with its digest (FROM name:tag@sha256:…), so that each build starts from the same bytes.',
  find({ image }) {
    const labels = new Map(Object.entries(image.config?.labels ?? {}));
    const name = labels.get(NAME);
    if (name === undefined || name === '' || name === 'scratch' || name.includes('@sha256:') || labels.has(DIGEST)) return [];
    return [{ subject: name }];
  },
};
export default rule;
