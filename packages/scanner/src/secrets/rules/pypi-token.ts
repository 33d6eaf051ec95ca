import { tokenRule } from '../token-rule.ts';

/** A macaroon in base64 whose first bytes name pypi.org or test.pypi.org. */
export default tokenRule({
  id: 'pypi-token',
  title: 'PyPI token',
  severity: 5,
  prefixes: ['pypi-AgEIcHlwaS5vcmc', 'pypi-AgENdGVzdC5weXBpLm9yZw'],
  pattern: /pypi-Ag(?:EIcHlwaS5vcmc|ENdGVzdC5weXBpLm9yZw)([A-Za-z0-9_-]{50,1000})/y,
  minEntropy: 3.5,
});
