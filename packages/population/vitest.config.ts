import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // These tests wait for other processes more than they compute.
    maxWorkers: 4,
  },
});
