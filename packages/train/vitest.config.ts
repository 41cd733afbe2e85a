import { defineConfig } from 'vitest/config';

// The type tests (test/types.test-d.ts) are compiled along: a wrong composition must be a compile error.
export default defineConfig({ test: { testTimeout: 60_000, typecheck: { enabled: true } } });
