import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/**
 * The one test configuration of the house, run in each package's folder as `vitest run --root . --config ../../vitest.config.ts`.
 * Type tests (`test/*.test-d.ts`) are compiled along: a wrong composition must be a compile error.
 */
const typeTests = existsSync('test') && readdirSync('test').some((name) => name.endsWith('.test-d.ts'));

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // Every core: vitest leaves one free, which on two cores means one file after the other.
    maxWorkers: '100%',
    typecheck: { enabled: typeTests, include: ['test/**/*.test-d.ts'] },
  },
});
