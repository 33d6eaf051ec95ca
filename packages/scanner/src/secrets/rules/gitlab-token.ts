import { tokenRule } from '../token-rule.ts';

/** @see https://docs.gitlab.com/security/tokens/#token-prefixes */
export default tokenRule({
  id: 'gitlab-token',
  title: 'GitLab token',
  severity: 4,
  prefixes: ['glpat-', 'glrt-', 'gldt-', 'glptt-', 'glcbt-', 'gloas-', 'glsoat-', 'glft-', 'glimt-', 'glagent-', 'GR1348941'],
  pattern: /(?:gl(?:pat|rt|dt|ptt|cbt|oas|soat|ft|imt|agent)-|GR1348941)([A-Za-z0-9_-]{20,300}(?:\.[0-9a-z]{2}\.[0-9a-z]{9})?)(?![A-Za-z0-9_-])/y,
});
