import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/browser.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  sourcemap: false,
  splitting: false,
  clean: true,
  target: 'node20',
  // import.meta.url, by which the font files are found, also in the CommonJS build
  shims: true,
});
