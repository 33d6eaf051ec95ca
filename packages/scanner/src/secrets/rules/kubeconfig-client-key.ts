import { assignedRule } from '../token-rule.ts';

/** A client's private key in a kubeconfig: PEM, in base64 once more. */
export default assignedRule({
  id: 'kubeconfig-client-key',
  title: 'Kubernetes client key',
  severity: 5,
  keywords: ['client-key-data'],
  pattern: /^client-key-data["']?[ \t]{0,4}:[ \t]{0,4}["']?([A-Za-z0-9+/]{100,580})/,
  minEntropy: 4,
  judge: (value) => Buffer.from(value.slice(0, 80), 'base64').toString('latin1').includes('PRIVATE KEY'),
});
