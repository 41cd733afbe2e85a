import { defineConfig, type Options } from 'tsup';

const shared: Options = {
  outDir: 'dist',
  sourcemap: true,
  shims: true,
  splitting: false,
  target: 'node20',
  // tsup bundles optional dependencies unless told.
  external: ['onnxruntime-node'],
};

export default defineConfig([
  { ...shared, entry: ['src/index.ts'], format: ['esm', 'cjs'], dts: true },
  // The worker thread's own file, beside both builds of the index.
  { ...shared, entry: ['src/runtime/session-worker.ts'], format: ['esm'] },
]);
