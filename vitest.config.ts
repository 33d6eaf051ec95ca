import { defineConfig } from 'vitest/config';

/** Whole servers, engines and browsers: after the rest and one at a time, so that none starves another. */
const WHOLE = ['e2e/console*.test.ts', 'e2e/{crash,sensor,server,start}.test.ts', 'packages/*/src/**/*.browser.test.ts'];
const LIMITS = { testTimeout: 30_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...LIMITS,
          name: 'parts',
          include: ['packages/*/src/**/*.test.{ts,tsx}', 'e2e/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.ts', 'docs/**/*.test.ts'],
          exclude: [...WHOLE, '**/node_modules/**'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...LIMITS,
          name: 'whole',
          include: WHOLE,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
