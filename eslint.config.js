import globals from 'globals';
import tseslint from 'typescript-eslint';

/**
 * Dependencies point inwards. A package may import only the packages listed for it, and only by
 * their public entry. One table: the lint rule below and ARCHITECTURE.md follow it.
 * The model has two more public entries, `@plimsoll/model/schema` and `@plimsoll/model/api`, so that only who
 * validates loads zod; the query language has `@plimsoll/query/syntax`, which knows no SQL.
 */
const MAY_USE = {
  model: [],
  scanner: ['model'],
  advisories: ['model'],
  report: ['model'],
  query: ['model'],
  server: ['model', 'query', 'advisories', 'report'],
  sensor: ['model', 'scanner'],
  console: ['model', 'query'],
  cli: ['model', 'scanner', 'advisories', 'report', 'server', 'sensor'],
};

const directionRules = Object.entries(MAY_USE).map(([name, allowed]) => ({
  files: [`packages/${name}/src/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^@plimsoll/(?!(?:${[...allowed, ...(allowed.includes('model') ? ['model/schema', 'model/api'] : []), ...(allowed.includes('query') ? ['query/syntax'] : []), '$^'].join('|')})$)`,
            message: `packages/${name} may use: ${allowed.join(', ') || 'no other package'}; and only their public entry.`,
          },
          { regex: `^(?:\\.\\./)+packages/`, message: 'Import packages by name, not by path.' },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/*.generated.*'] },
  ...tseslint.configs.strict,
  {
    languageOptions: { globals: globals.node, parserOptions: { projectService: false } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'prefer-const': 'error',
    },
  },
  { files: ['scripts/**', 'bin/**', 'bench/**'], rules: { 'no-console': 'off' } },
  { files: ['packages/console/**'], languageOptions: { globals: globals.browser } },
  ...directionRules,
);
