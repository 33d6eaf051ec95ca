import { textKind } from '../paths.ts';
import { assignedRule } from '../token-rule.ts';

/** Credentials in an `.npmrc`, for registries whose tokens have no form of their own. */
export default assignedRule({
  id: 'npmrc-auth',
  title: 'npm registry credentials',
  severity: 4,
  keywords: ['_authToken', '_auth=', '_auth =', ':_password'],
  pattern: /^:?_(?:authToken|auth|password)[ \t]{0,4}=[ \t]{0,4}["']?([A-Za-z0-9+/_.=-]{12,500})/,
  minEntropy: 2.8,
  judge: (value, file) => textKind(file.path) === 'config' && !value.startsWith('npm_'),
});
