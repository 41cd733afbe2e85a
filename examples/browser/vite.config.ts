import { defineConfig } from 'vite';

export default defineConfig({
  // The page works from any folder of any server.
  base: './',
  worker: { format: 'es' },
  build: { target: 'es2022', chunkSizeWarningLimit: 2000 },
});
