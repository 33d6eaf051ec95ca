import { assignedRule } from '../token-rule.ts';

/**
 * Entra ID client secrets have 40 characters with `<digit>Q~` as the fourth to sixth
 * (older portals: 37 to 40). The form is rare enough to need no more than a word of context.
 * @see https://learn.microsoft.com/en-us/purview/sit-defn-azure-ad-client-secret
 */
export default assignedRule({
  id: 'azure-client-secret',
  title: 'Azure client secret',
  severity: 4,
  keywords: ['client_secret', 'clientsecret', 'client-secret', 'azure_', 'secrettext', 'app_secret', 'password'],
  pattern: /(?<![A-Za-z0-9_~.-])([A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34})(?![A-Za-z0-9_~.-])/,
  minEntropy: 3.5,
});
