import { defineConfig } from 'vitest/config';

const LIMITS = { testTimeout: 30_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...LIMITS,
          name: 'beside the code',
          include: ['packages/*/src/**/*.test.{ts,tsx}', 'bench/**/*.test.ts', 'scripts/**/*.test.ts', 'docs/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts', '**/node_modules/**'],
          sequence: { groupOrder: 0 },
        },
      },
      // Whole servers, engines and browsers: after the rest and one at a time, so that none starves another.
      {
        test: {
          ...LIMITS,
          name: 'end to end',
          include: ['e2e/**/*.test.ts', 'packages/*/src/**/*.browser.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
