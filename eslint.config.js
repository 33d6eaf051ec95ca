import globals from 'globals';
import tseslint from 'typescript-eslint';

/**
 * Dependencies point inwards. A package may import only the packages listed for it, and only by
 * their public entry. One table: the lint rule below and ARCHITECTURE.md follow it.
 * The model has a second public entry, `@plimsoll/model/schema`, so that only who validates loads zod.
 */
const MAY_USE = {
  model: [],
  scanner: ['model'],
  advisories: ['model'],
  report: ['model'],
  cli: ['model', 'scanner', 'advisories', 'report'],
};

const directionRules = Object.entries(MAY_USE).map(([name, allowed]) => ({
  files: [`packages/${name}/src/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^@plimsoll/(?!(?:${[...allowed, ...(allowed.includes('model') ? ['model/schema'] : []), '$^'].join('|')})$)`,
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
  ...directionRules,
);
