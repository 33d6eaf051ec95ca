/** @see https://ossf.github.io/osv-schema/#referencestype-field */
export const LINK_TYPES: readonly string[] = [
  'ADVISORY',
  'FIX',
  'WEB',
  'REPORT',
  'ARTICLE',
  'PACKAGE',
  'EVIDENCE',
  'DETECTION',
  'DISCUSSION',
  'INTRODUCED',
  'GIT',
];
