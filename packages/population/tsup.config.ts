import { defineConfig } from 'tsup';

export default defineConfig({
  // worker-process is started by path from train-population: it must stay a file of its own beside index.js.
  entry: ['src/index.ts', 'src/worker-process.ts'],
  format: ['esm'],
  splitting: true,
  dts: process.env.NO_DTS ? false : { entry: 'src/index.ts' },
  sourcemap: true,
  clean: true,
  target: 'node20',
});
