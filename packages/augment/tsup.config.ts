import { defineConfig } from 'tsup';

const common = {
  sourcemap: true,
  target: 'node20',
} as const;

export default defineConfig([
  // The types of @mnist/dataset go into our own: a user of the transforms need not install it.
  // `shims` gives the CommonJS build an import.meta.url, by which it finds the worker beside it.
  {
    ...common,
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    dts: { resolve: ['@mnist/dataset'] },
    shims: true,
  },
  // Both builds start the same worker, an ES module.
  { ...common, entry: ['src/loader-worker.ts'], format: ['esm'] },
]);
