import { tokenRule } from '../token-rule.ts';

/**
 * Secret and restricted keys of live mode; test keys reach no money and publishable ones are public.
 * @see https://docs.stripe.com/keys
 */
export default tokenRule({
  id: 'stripe-live-key',
  title: 'Stripe live key',
  severity: 5,
  prefixes: ['sk_live_', 'rk_live_'],
  pattern: /[sr]k_live_([A-Za-z0-9]{24,250})(?![A-Za-z0-9])/y,
});
