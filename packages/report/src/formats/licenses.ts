import parseExpression from 'spdx-expression-parse';

/** Longer words are no expression that anyone wrote; the parser recurses, so length bounds its depth. */
const MAX_EXPRESSION_LENGTH = 1000;

export type LicenseKind = 'id' | 'expression' | 'words';

/** Whether a licence as a package tells it is one SPDX id, a valid SPDX expression, or just words. */
export function licenseKind(license: string): LicenseKind {
  if (license.length > MAX_EXPRESSION_LENGTH) return 'words';
  try {
    const parsed = parseExpression(license);
    if (!('license' in parsed) || parsed.plus || parsed.exception) return 'expression';
    // A LicenseRef is an expression, but no id of the SPDX list.
    return /^(?:LicenseRef|DocumentRef)-/.test(parsed.license) ? 'expression' : 'id';
  } catch {
    return 'words';
  }
}
