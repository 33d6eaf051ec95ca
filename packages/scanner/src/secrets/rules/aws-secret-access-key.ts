import { assignedRule } from '../token-rule.ts';

export default assignedRule({
  id: 'aws-secret-access-key',
  title: 'AWS secret access key',
  severity: 5,
  keywords: ['aws_secret', 'secretaccesskey', 'secret_access_key', 'awssecretkey', 'aws.secretkey'],
  pattern: /^[A-Za-z_.]{8,30}["']?[ \t]{0,8}(?:=>|:=|[=:,])[ \t]{0,8}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/,
  minEntropy: 4.2,
});
