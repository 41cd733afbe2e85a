import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { defineConfig } from 'tsup';

const inter = (file: string) => createRequire(import.meta.url).resolve(`@expo-google-fonts/inter/${file}`);

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  sourcemap: false,
  clean: true,
  target: 'node20',
  // import.meta.url, by which the font files are found, also in the CommonJS build
  shims: true,
  // Two of the eighteen styles, so that nobody downloads the other sixteen.
  async onSuccess() {
    await mkdir('dist/fonts', { recursive: true });
    const files = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf', 'LICENSE_FONT'];
    for (const file of files) await copyFile(inter(file), `dist/fonts/${file.split('/').at(-1)}`);
  },
});
