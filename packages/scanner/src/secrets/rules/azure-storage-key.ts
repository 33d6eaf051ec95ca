import { assignedRule } from '../token-rule.ts';

/** 64 random bytes in base64, in a connection string or beside the account's name. */
export default assignedRule({
  id: 'azure-storage-key',
  title: 'Azure account key',
  severity: 5,
  keywords: ['AccountKey', 'SharedAccessKey', 'azure_storage_key', 'azure_storage_account_key', 'storage_account_key'],
  pattern: /^[A-Za-z_]{10,30}["']?[ \t]{0,4}[=:][ \t]{0,4}["']?([A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{43}=)(?![A-Za-z0-9+/=])/,
  minEntropy: 4,
});
